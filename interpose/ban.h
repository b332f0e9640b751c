/*
 * ban.h: force-included into every file of the library. What may allocate, print, lock, or run the target's code does
 * not compile: inside the target we have raw system calls, our own memory and nothing else.
 */
#ifndef EX_BAN_H
#define EX_BAN_H

#define EX_BANNED(name) you_must_not_call_##name##_inside_the_target
#define printf EX_BANNED(printf)
#define fprintf EX_BANNED(fprintf)
#define snprintf EX_BANNED(snprintf)
#define sprintf EX_BANNED(sprintf)
#define puts EX_BANNED(puts)
#define perror EX_BANNED(perror)
#define malloc EX_BANNED(malloc)
#define calloc EX_BANNED(calloc)
#define realloc EX_BANNED(realloc)
#define free EX_BANNED(free)
#define strdup EX_BANNED(strdup)
#define strerror EX_BANNED(strerror)
#define syslog EX_BANNED(syslog)
#define dlsym EX_BANNED(dlsym)
#define dladdr EX_BANNED(dladdr)
#define pthread_mutex_lock EX_BANNED(pthread_mutex_lock)
#define pthread_once EX_BANNED(pthread_once)
#define atexit EX_BANNED(atexit)
#define setenv EX_BANNED(setenv)
#define putenv EX_BANNED(putenv)
#define qsort EX_BANNED(qsort)
#define backtrace EX_BANNED(backtrace)
#define open EX_BANNED(open)
#define read EX_BANNED(read)
#define write EX_BANNED(write)
#define close EX_BANNED(close)

#endif
