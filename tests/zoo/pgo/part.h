/* part.h: the part of a program that another compiler may have built, and ways out */
#ifndef ZOO_PGO_PART_H
#define ZOO_PGO_PART_H

extern int (*part_table[2])(int);
int part_sum(int n);
int part_double(int n);
int part_steps(int n); /* its calls through pointers are value sites, unless built without */

int leave(const char *how); /* what main has to return */

#endif
