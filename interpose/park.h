/*
 * park.h: treatment park-threads: all other threads stop where they are, and stay there until the process is gone.
 */
#ifndef EX_PARK_H
#define EX_PARK_H

/* once in a process; event PARKED for each */
void ex_park(void);

#endif
