/*
 * salvage_file.h: which file a salvaged profile goes to, as LLVM's runtime would name it, without touching any that is there.
 */
#ifndef EX_SALVAGE_FILE_H
#define EX_SALVAGE_FILE_H

#include "profile_image.h"

#define EX_PROFILE_PATH_BYTES 2048

/* objects whose names expand to the same file share it, one profile behind the other */
struct ex_profile_file {
	char name[EX_PROFILE_PATH_BYTES]; /* as the pattern says; "": a free row */
	char wanted
		[EX_PROFILE_PATH_BYTES]; /* the same, absolute: of the folder that the program was in at the first time */
	char path[EX_PROFILE_PATH_BYTES]; /* that this process has made; "" = none yet */
	char temporary[EX_PROFILE_PATH_BYTES];
	uint32_t pid;  /* of the process that has made it */
	uint32_t nth;  /* times written */
	int has_final; /* profiles in it are there for good: others go behind them */
	int error;     /* of the last time: 0, or -errno */
};

/* what the runtime takes from the environment, at the moment when it does. At exit that may lie in a heap that is gone: the
 * runtime itself calls setenv, which moves it there */
void ex_profile_file_environment(void);
/* the row of an image's file, a new one where the name is new; NULL when there are too many */
struct ex_profile_file *ex_profile_file_of(const struct ex_profile_image *image);
/* makes folders that are missing, and the name under which it is written first. 0, or -errno: something is there that is no
 * regular file */
int ex_profile_file_prepare(struct ex_profile_file *file);
/* gives what was written its name: 0, or -errno */
int ex_profile_file_install(struct ex_profile_file *file);

#endif
