/*
 * fault_map.c: see fault_map.h.
 */
#include "fault_map.h"

#include "os/os.h"
#include "stream.h"
#include "text.h"

static void name(struct ex_fault_map *map, const char *path)
{
	struct ex_buffer b;
	ex_buffer_init(&b, map->path, sizeof(map->path));
	ex_buffer_text(&b, path);
}

static void note(void *arg, const struct ex_mapping *m)
{
	struct ex_fault_map *map = arg;
	if (map->address >= m->begin && map->address < m->end) {
		map->begin = m->begin;
		map->end = m->end;
		map->prot = m->prot;
		name(map, m->path);
	} else if (m->end <= map->address) {
		map->before_begin = m->begin;
		map->before_end = m->end;
		map->before_prot = m->prot;
		name(map, m->path);
	} else if (!map->after_begin) {
		map->after_begin = m->begin;
		map->after_end = m->end;
		map->after_prot = m->prot;
		if (!map->begin && (!map->before_begin || m->begin - map->address < map->address - map->before_end))
			name(map, m->path);
	}
}

int ex_fault_map(struct ex_fault_map *map, uintptr_t address)
{
	*map = (struct ex_fault_map){.address = address};
	return ex_os_maps_patiently(note, map) == 0;
}

void ex_fault_map_tell(const struct ex_fault_map *m)
{
	EX_PUT(FAULT_MAP, fault_map,
	       (.address = m->address, .begin = m->begin, .end = m->end, .prot = (uint32_t)m->prot,
		.before_begin = m->before_begin, .before_end = m->before_end, .before_prot = (uint32_t)m->before_prot,
		.after_begin = m->after_begin, .after_end = m->after_end, .after_prot = (uint32_t)m->after_prot),
	       EX_TEXT(m->path), );
}
