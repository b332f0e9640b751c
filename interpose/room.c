/*
 * room.c: see room.h.
 */
#include "room.h"

#include "image.h"
#include "os/os.h"
#include "thread.h"

#define RESERVE_POINTERS 4096
#define RESERVE_TEXT_BYTES 65536
#define RESERVE_BYTES (sizeof(struct ex_room) + RESERVE_POINTERS * sizeof(char *) + RESERVE_TEXT_BYTES)

/* page: the last one that was found readable */
static int is_readable(const void *address, uintptr_t *page)
{
	uintptr_t here = (uintptr_t)address & ~(uintptr_t)(ex_os_page_bytes() - 1);
	char byte;
	if (here != *page && !ex_os_peek(&byte, (uintptr_t)address, 1))
		return 0;
	*page = here;
	return 1;
}

static int is_sound(char *const envp[])
{
	uintptr_t array_page = 1, text_page = 1;
	for (char *const *e = envp; e; e++) {
		if (!is_readable(e, &array_page))
			return 0;
		if (!*e)
			break;
		if (!is_readable(*e, &text_page))
			return 0;
	}
	return 1;
}

static struct ex_room *reserve;
static int is_reserve_taken;

void ex_room_reserve(void)
{
	char **array;
	if (reserve || !(reserve = ex_os_map(RESERVE_BYTES)))
		return;
	array = (char **)(reserve + 1);
	reserve->environment = (struct ex_environment){array, RESERVE_POINTERS, (char *)(array + RESERVE_POINTERS),
						       RESERVE_TEXT_BYTES};
}

static struct ex_room *take_reserve(void)
{
	if (!reserve || __atomic_exchange_n(&is_reserve_taken, 1, __ATOMIC_ACQUIRE))
		return NULL;
	return reserve;
}

static struct ex_room *map_room(char *const envp[])
{
	size_t pointers, text_bytes;
	if (!is_sound(envp))
		return NULL;
	ex_environment_needs(envp, &pointers, &text_bytes);
	size_t bytes = sizeof(struct ex_room) + pointers * sizeof(char *) + text_bytes;
	struct ex_room *room = ex_os_map(bytes);
	if (!room)
		return NULL;
	char **array = (char **)(room + 1);
	room->bytes = bytes;
	room->environment = (struct ex_environment){array, pointers, (char *)(array + pointers), text_bytes};
	return room;
}

struct ex_room *ex_room_take(char *const envp[])
{
	int is_borrowed = ex_image_is_borrowed();
	if (is_borrowed)
		ex_room_reclaim();
	struct ex_room *room = ex_os_is_sealed() ? take_reserve() : map_room(envp);
	if (is_borrowed) /* if it goes on to another program, the parent must find this */
		ex_self.room = room;
	return room;
}

int ex_room_fits(const struct ex_room *room, char *const envp[])
{
	size_t pointers, bytes;
	if (!is_sound(envp))
		return 0;
	ex_environment_needs(envp, &pointers, &bytes);
	return pointers <= room->environment.array_count && bytes <= room->environment.text_bytes;
}

void ex_room_give(struct ex_room *room)
{
	if (ex_self.room == room)
		ex_self.room = NULL;
	if (room == reserve) {
		__atomic_store_n(&is_reserve_taken, 0, __ATOMIC_RELEASE);
		return;
	}
	ex_os_unmap(room, room->bytes);
}

void ex_room_reclaim(void)
{
	if (ex_self.room)
		ex_room_give(ex_self.room);
}
