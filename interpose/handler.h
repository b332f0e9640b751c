/*
 * handler.h: exit handlers of every kind: their numbers, their wrapping, what happens around each of them.
 */
#ifndef EX_HANDLER_H
#define EX_HANDLER_H

#include <stddef.h>
#include <stdint.h>

#include "expand.h"

struct ex_handler {
	uint32_t id;  /* 1, 2, ... in order of registration */
	uint8_t kind; /* EX_handler_* */
	uint8_t is_writer, is_flushed;
	uint8_t is_waiting; /* its turn is still to come */
	uint8_t move;	    /* EX_MOVE_*: treatment first */
	uintptr_t fn;
	void *arg, *dso;
	struct ex_handler *next; /* in a list of free ones, or of writers */
};

#define EX_MOVE_NOW 1  /* it is about to run before its turn */
#define EX_MOVE_DONE 2 /* it did: its own turn is left out */

/* a new handler and its REGISTER event, with a stack sample when it was the program that registered it; NULL: no memory */
struct ex_handler *ex_handler_new(int kind, uintptr_t fn, void *arg, void *dso, uintptr_t caller);
/* its turn will not come again (a destructor or exit handler that ran, a finalizer whose object is gone) */
void ex_handler_free(struct ex_handler *handler);

/* Around the call of a handler. begin returns EX_outcome_of_handler_RAN when it is to be called. */
struct ex_turn {
	struct ex_handler *handler;
	uint32_t id, outer, row; /* id: the handler may be given away while it runs (it closes its own library) */
	int outcome;
	uint16_t depth;
};
int ex_handler_begin(struct ex_turn *turn, struct ex_handler *handler);
void ex_handler_end(struct ex_turn *turn);
/* The whole turn: arg and status are what the list that it is in passes on. Returns the outcome; a handler that was
 * DEFERRED is needed again. */
int ex_handler_run(struct ex_handler *handler, void *arg, int status);
/* those whose turn is still to come; may leave some out while another thread registers */
void ex_handler_each_waiting(void (*each)(void *arg, struct ex_handler *handler), void *arg);

/* an object's finalizer: the address to put in its place, 0 when the table is full */
uintptr_t ex_handler_fini(int kind, uintptr_t fn, uintptr_t bias);
/* the object is gone: its places in the table are free again */
void ex_handler_forget_fini(uintptr_t bias);

/* the object is gone: libc has taken its at_quick_exit handlers out of its list without calling them */
void ex_handler_forget_quick(void *dso);

/* exit begins: brackets finalizers, numbers rows from here on, takes the first snapshot */
void ex_handler_exit_begins(void);
/* a handler of the exit list has its turn: if nobody called exit() that we saw, libc called it by its hidden name */
void ex_handler_exit_unseen(int status);
/* writes EXIT_BEGIN; kind is EX_exit_* */
void ex_handler_tell_exit(int kind, int status, uintptr_t caller);
/* the way out on which all handlers will run: exit begins, is told, and profiles are flushed where that is asked for */
void ex_handler_exit_asked(int kind, int status, uintptr_t caller);

#endif
