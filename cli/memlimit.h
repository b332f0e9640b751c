/*
 * memlimit.h: what the system lets a process have of memory, as this process finds it; a command inherits it.
 */
#ifndef EX_MEMLIMIT_H
#define EX_MEMLIMIT_H

struct ex_memlimit {
	const char *name;  /* "address space" */
	const char *text;  /* "256 MiB, and may be raised to 1 GiB", "no limit" */
	const char *raise; /* how to raise it */
	int is_limited;
};

/* ended by .name == NULL */
const struct ex_memlimit *ex_memlimits(void);
/* "address space 256 MiB, mappings 65530": those that there are, NULL when there is none */
const char *ex_memlimit_text(void);

#endif
