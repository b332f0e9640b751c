/*
 * place.h: where variables lie. A page that is touched costs half a microsecond and more at each program's start, so
 * large tables, of which the first rows are used at most, lie behind all small variables (the linker sorts by section
 * name), and those share a few pages.
 */
#ifndef EX_PLACE_H
#define EX_PLACE_H

#define EX_TABLE __attribute__((section(".bss.table")))

#endif
