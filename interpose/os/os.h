/*
 * os.h: all that an operating system decides, as seen from inside the target. One implementation is linked: os/linux*.c.
 *
 * Contract: nothing here allocates, locks, prints, or touches errno. Results: 0 or a count on success, -errno on
 * failure, unless said otherwise. Pointers are never NULL unless said. Sizes are bytes, times nanoseconds.
 * Everything works before libc's constructor and after its finalizer.
 */
#ifndef EX_OS_H
#define EX_OS_H

#include <stddef.h>
#include <stdint.h>

uint64_t ex_os_now_ns(void);	     /* the trace clock, monotonic */
int64_t ex_os_clock_offset_ns(void); /* wall clock minus trace clock */
uint32_t ex_os_pid(void);	     /* in a companion its owner's */
uint32_t ex_os_ppid(void);
uint32_t ex_os_tid(void);
size_t ex_os_page_bytes(void);
void ex_os_yield(void);		      /* other threads first */
int ex_os_thread_lives(uint32_t tid); /* of this process: 1, or 0 */
/* a word of memory that is zero again in a fork child, but not in one that shares our memory (vfork, CLONE_VM);
 * NULL where the kernel has no such thing */
volatile uint32_t *ex_os_fork_mark(void);
/* the signal stack of this thread: 1 when it runs there now, else 0; nothing set up: begin == end */
int ex_os_signal_stack(uintptr_t *begin, uintptr_t *end);

/* memory; addresses, or NULL on failure */
void *ex_os_map(size_t bytes);			       /* private, zeroed */
void *ex_os_map_near(uintptr_t address, size_t bytes); /* private, zeroed, less than 1 GiB below that address */
void *ex_os_map_shared(size_t bytes);		       /* anonymous, shared with children */
void ex_os_unmap(void *begin, size_t bytes);
int ex_os_protect(void *begin, size_t bytes, int is_writable);
int ex_os_protection(void *begin, size_t bytes, int prot); /* PROT_ flags */
/* an entry of the auxiliary vector, which lies behind the environment that the kernel gave; 0: it has none */
uintptr_t ex_os_auxiliary(char *const envp[], unsigned long type);
void *ex_os_reserve(size_t bytes); /* without access and without cost; NULL on failure */
/* address space without access or memory in that place: over what is mapped there, or only where nothing is. 0, or -errno */
int ex_os_keep_reserved(void *begin, size_t bytes, int over);
int ex_os_is_mapped(uintptr_t address);	  /* 1, whatever its protection; 0 */
int ex_os_is_readable(uintptr_t address); /* 1, where its protection allows it; 0 */
/* copies up to bytes from an address that may not be readable; bytes copied, 0 when none */
size_t ex_os_peek(void *to, uintptr_t from, size_t bytes);

/* code: writes all pieces, or none that could run; -errno. A piece of 8 bytes is written by one store, where stores are
 * possible at all (else by the kernel, for a process whose code may not be made writable). */
struct ex_os_text {
	uintptr_t address;
	const void *bytes;
	size_t count;
};
int ex_os_text_write(const struct ex_os_text *pieces, int count);
int ex_os_is_alone(void); /* one thread only: 1; more, or not known: 0 */

/* the threads of this process, also those made by a raw system call; how many there are: 0 = not known */
uint32_t ex_os_thread_count(void);
struct ex_os_thread {
	uint32_t tid;
	int syscall;	  /* that it sleeps in; -1 = none, it runs; -2 = not known */
	uintptr_t sp, pc; /* 0 where it runs, or not known */
	char name[32];
};
/* calls back for each, the calling one included; for none where there is no such list */
void ex_os_threads_each(void (*each)(void *arg, const struct ex_os_thread *thread), void *arg);

/* a real-time signal that the program leaves to its default action, which is handler from now on, with all signals
 * blocked; returns: whether it may return, and system calls go on. 0 = there is none */
int ex_os_free_signal(void (*handler)(int signo), int returns);
/* whether a signal's action is that handler: 1, 0 */
int ex_os_is_handler(int signo, void (*handler)(int signo));
/* for a companion: a thread of that process that runs just now, sleeps in no system call, and does not block that signal; 0 */
uint32_t ex_os_running_thread(uint32_t pid, int signo);
int ex_os_thread_signal_of(uint32_t pid, uint32_t tid, int signo);
int ex_os_thread_signal(uint32_t tid, int signo);
void ex_os_wait_for_end(void) __attribute__((noreturn)); /* until the process is gone */

/* waiting; a wake-up may come for no reason */
/* while it has that value, at most so long; 1 when the time is over */
int ex_os_wait(uint32_t *word, uint32_t value, uint64_t timeout_ns);
void ex_os_wake(uint32_t *word); /* one that waits; all, and in any case, when sealed */
void ex_os_sleep_ns(uint64_t ns);
/* raises what limits address space and data, as far as this process may and without using up the machine; 1 when what
 * was refused may be granted now */
int ex_os_raise_limits(void);
uint64_t ex_os_stack_limit(void);	  /* RLIMIT_STACK, UINT64_MAX: none */
uint64_t ex_os_address_space_limit(void); /* RLIMIT_AS, the same */
/* to at least that; 0 when the hard limit is lower, which then is the limit */
int ex_os_raise_stack_limit(uint64_t bytes);

/* for a process that is about to die: where all descriptors are in use, the limit is raised, or one is closed, so that files can be
 * opened */
void ex_os_descriptor_for_last(void);

/* files, by absolute path; a descriptor never outlives the call */
int ex_os_mkdir(const char *path);
int ex_os_folder(const char *path); /* the same, for the program's own files: as its umask says */
int ex_os_exists(const char *path);
int ex_os_is_same_file(const char *path, const char *other); /* links are followed */
int ex_os_rename(const char *from, const char *to);
/* makes a file of that size with its blocks allocated, mapped shared and writable; NULL: error has -errno.
 * Never raises SIGXFSZ or SIGBUS later for lack of space: a limit or a full disk is an error here. */
void *ex_os_file_make(const char *path, size_t bytes, int *error);
/* maps an existing file shared and writable; NULL when it cannot be */
void *ex_os_file_join(const char *path, size_t bytes);
/* makes a small file whole under a dot name and renames it, unless it exists already */
int ex_os_file_put(const char *dir, const char *name, const void *bytes, size_t count);
/* maps a file read-only; NULL when it cannot be */
const void *ex_os_file_view(const char *path, size_t *bytes);
/* reads a piece of a file; bytes read, or -errno */
long ex_os_file_head(const char *path, uint64_t offset, void *to, size_t bytes);
struct ex_os_owner {
	uint32_t mode, uid, gid;
};
int ex_os_file_owner(const char *path, struct ex_os_owner *owner);
int ex_os_is_owner_change(const struct ex_os_owner *owner); /* executing it would change our identity */
long ex_os_exe(char *path, size_t bytes);		    /* path of the executable; its length, or -errno */
long ex_os_cwd(char *path, size_t bytes);

/* a file that is written piece by piece, through a buffer of the caller's. The descriptor lives from begin to end; the first
 * error stays, and what follows it is dropped. Never raises SIGXFSZ. */
struct ex_os_out {
	unsigned char *buffer;
	size_t room, used; /* of the buffer */
	long fd;
	int error;
	uint64_t begin, at, limit; /* bytes: where we began, where we are, how long it may be */
};
void ex_os_out_begin(struct ex_os_out *out, const char *path, int is_append); /* not append: it must not exist */
void ex_os_out_put(struct ex_os_out *out, const void *bytes, size_t count);
/* 0, or -errno: then what was appended is cut off again */
int ex_os_out_end(struct ex_os_out *out);
int ex_os_link(const char *from, const char *to);	/* -EEXIST where something has that name */
int ex_os_exchange(const char *one, const char *other); /* each gets the other's name, at once */
int ex_os_has_more(int fd);				/* bytes to be read at once: 1; none, or not known: 0 */
int64_t ex_os_file_bytes(const char *path);		/* length of a regular file; -1 when it is none */
void ex_os_unlink(const char *path);
void ex_os_host(char *name, size_t bytes); /* name of this machine; "" when not known */

/* the map of the process: calls back for each mapping, in order of address; -errno when there is no such list, or when
 * another caller is reading it. Signal-safe. */
struct ex_mapping {
	uintptr_t begin, end;
	int is_readable;
	int prot;	  /* PROT_ flags */
	int is_shared;	  /* what is written to it, other processes may see */
	uint64_t offset;  /* into the file */
	const char *path; /* as the system prints it, valid during the call; "" for anonymous memory */
};
int ex_os_maps(void (*each)(void *arg, const struct ex_mapping *mapping), void *arg);
/* the same, but waits a while for another reader to be done */
int ex_os_maps_patiently(void (*each)(void *arg, const struct ex_mapping *mapping), void *arg);
void ex_os_maps_forget(void); /* in a fork child: whoever was reading is not in here */

/* a throw-away copy of the process that no wait of the target's can see and that raises no SIGCHLD: runs what(arg) in
 * it and ends it. Waits up to timeout_ns. 0: it returned; >0: the signal that ended it; -1: not made, or it hung;
 * -2: it ended itself with another status than 0 */
int ex_os_try(void (*what)(void *arg), void *arg, uint64_t timeout_ns);

/* A copy that outlives the process and of which it does not notice anything: its parent is whoever takes in orphans, it is
 * in a session of its own, has the calling thread alone, with all signals blocked, and no descriptor in common with anybody:
 * files and folders are opened again at the same place, the rest is /dev/null. Returns 1 in the copy; in the process 0, or
 * -errno. *pid: the copy, in memory that both share. replaced: descriptors that are /dev/null, shared as pid. The signals
 * that were not blocked before: what ex_os_restore_signals takes, in the copy. -EX_NO_ORPHANS: orphans would become children
 * of the process itself */
#define EX_NO_ORPHANS 10 /* ECHILD */
int ex_os_copy(volatile uint32_t *pid, volatile uint32_t *replaced, uint64_t *signals);
/* For such a copy: makes a child that goes on in its place, with copies of its descriptors, and ends with it. Returns 0 in
 * the child, else its number, or -errno */
long ex_os_copy_again(void);
/* descriptor to := what process pid has as from, opened for writing; /dev/null where that cannot be. 1 when it could */
int ex_os_borrow(int to, uint32_t pid, int from);
/* -1: it runs yet. Else its wait status; it is gone */
int ex_os_copy_status(uint32_t pid);
void ex_os_kill(uint32_t pid);
int ex_os_is_alive(uint32_t pid);
/* a signal that asks a process to end has come, and is blocked */
int ex_os_is_asked_to_end(void);
/* as ex_os_wait and ex_os_wake, on a word that other processes see too */
int ex_os_wait_shared(volatile uint32_t *word, uint32_t value, uint64_t timeout_ns);
void ex_os_wake_shared(volatile uint32_t *word);

/* A companion: a process that shares our memory, and of which nothing else can be noticed: no thread of ours, no descriptor,
 * signal or wait of ours has to do with it. A stack and thread-local memory of its own; the address of neither may be kept */
struct ex_os_companion {
	uint32_t pid;	/* 0 once it has ended, in whatever way */
	uint32_t owner; /* the process whose memory it shares; 0 in a fork child of that */
	uint32_t bell;	/* raised when it has to look around */
	uint32_t is_ready, is_ending;
};
/* runs what() in one; when this returns it has let go of all that it got from us. thread_bytes: thread-local memory below the
 * thread pointer that it may touch, zeroed. NULL: error has -errno */
struct ex_os_companion *ex_os_companion_start(void (*what)(struct ex_os_companion *companion), size_t thread_bytes,
					      int *error);
/* sets is_ending, waits for it to end by itself, and then not any more */
void ex_os_companion_end(struct ex_os_companion *companion, uint64_t patience_ns);
/* for the companion. Whether its owner lives, is the program that it was, and has the rights that it had */
int ex_os_companion_is_wanted(const struct ex_os_companion *companion);
/* until then, or until somebody rings */
void ex_os_companion_wait(struct ex_os_companion *companion, uint64_t until_ns);

/* no handler may run on this thread, and so none can leave by longjmp, until what this returns is given back */
uint64_t ex_os_block_signals(void);
/* all but those of a mask, signal n its bit n - 1 */
uint64_t ex_os_block_signals_but(uint64_t mask);

/* from now on (or no more) all functions here fail rather than make a system call, except those below */
void ex_os_seal(int is_sealed);
int ex_os_is_sealed(void);

void ex_os_restore_signals(uint64_t before); /* what ex_os_block_signals returned; nothing when it was refused */
void ex_os_exit_group(int status) __attribute__((noreturn));
void ex_os_exec(const char *path, char *const argv[], char *const envp[]); /* returns when it failed */
/* puts a signal back on this thread with its own siginfo, to be taken once it is unblocked */
void ex_os_resend(int signo, const void *siginfo);
/* signal's action in the kernel := default, without libc */
void ex_os_signal_default(int signo);

#endif
