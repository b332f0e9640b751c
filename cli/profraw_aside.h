/*
 * profraw_aside.h: files of the user's that must not be in the way of a run. They wait in a folder of their own inside theirs,
 * so that each way there and back is one rename. The folder is locked as long as its owner lives: what a killed one left is
 * brought back by whoever looks there next.
 */
#ifndef EX_PROFRAW_ASIDE_H
#define EX_PROFRAW_ASIDE_H

struct ex_profraw_aside;

/* brings back what dead ones left in dir. NULL when another exeunt that lives has files aside there: leave it alone */
struct ex_profraw_aside *ex_profraw_aside_open(const char *dir);
/* 0, or -1 when the file stays where it is */
int ex_profraw_aside_put(struct ex_profraw_aside *aside, const char *name);
/* where the file of that name waits */
const char *ex_profraw_aside_path(const struct ex_profraw_aside *aside, const char *name);
/* brings all back. What has taken a name meanwhile goes to folder */
void ex_profraw_aside_back(struct ex_profraw_aside *aside, const char *folder);
/* to a name that is free; across file systems too. 0, or -1 when it stays */
int ex_profraw_aside_move(const char *from, const char *to);

#endif
