/*
 * engine.h: the demo's shared library.
 */
#ifndef DEMO_ENGINE_H
#define DEMO_ENGINE_H

/* runs that many steps, returns a checksum */
unsigned engine_run(unsigned steps);

#endif
