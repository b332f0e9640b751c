/*
 * t_history.c: the lives of one address: mapped, made code, given back, used again, by several threads at once.
 */
#include "history.h"

#include "growth_trace.h"

#define CODE (A + 5 * PAGE)

static struct ex_history h;

static void call(int what, uint64_t begin, uint64_t bytes, unsigned prot, uint64_t duration)
{
	put((struct ex_ev_growth){.call = (uint8_t)what,
				  .class = EX_growth_NOT_ALLOCATOR,
				  .prot = prot,
				  .begin = begin,
				  .bytes = bytes,
				  .duration = duration});
}
static void map(uint64_t begin, uint64_t bytes, unsigned prot)
{
	call(EX_memory_call_MMAP, begin, bytes, prot, 0);
}
static void protect(uint64_t begin, uint64_t bytes, unsigned prot)
{
	call(EX_memory_call_MPROTECT, begin, bytes, prot, 0);
}
static void compile(uint64_t begin)
{
	map(begin, PAGE, PROT_READ | PROT_WRITE);
	protect(begin, PAGE, PROT_READ | PROT_EXEC);
}
static void read_it(uint64_t address)
{
	end_case();
	ex_history_read(&h, ex_processes_find(&processes, 100), address, UINT64_MAX);
}

static void dead_code(void)
{
	begin_case("code that was given back, and nothing came in its place");
	compile(CODE);
	compile(B);
	call(EX_memory_call_MUNMAP, CODE, PAGE, 0, 0);
	read_it(CODE + 6);
	IS_INT(h.change_count, 3, "changes");
	IS_INT(h.life_count, 1, "one life");
	const struct ex_life *dead = ex_history_dead_code(&h);
	OK(dead && dead->gone && dead->gone->kind == EX_CHANGE_UNMAPPED, "it was code, and is unmapped");
	OK(dead && dead->made_code && dead->made_code->kind == EX_CHANGE_PROTECTED, "made code by mprotect");
	ex_history_read(&h, ex_processes_find(&processes, 100), B + 6, UINT64_MAX);
	OK(!ex_history_dead_code(&h), "its neighbour lives");
	ex_history_read(&h, ex_processes_find(&processes, 100), CODE + PAGE, UINT64_MAX);
	IS_INT(h.change_count, 0, "the page behind has no history");
}

static void again(void)
{
	begin_case("another function at the same place");
	compile(CODE);
	call(EX_memory_call_MUNMAP, CODE, PAGE, 0, 0);
	compile(CODE);
	read_it(CODE);
	IS_INT(h.life_count, 2, "two lives");
	OK(ex_history_dead_code(&h) == &h.lives[0], "the first is the dead one");
	OK(!h.lives[1].gone && h.lives[1].made_code, "the second is code and lives");
}

/* thread 1 unmaps; thread 2 gets the place and tells so before thread 1 has told */
static void late(void)
{
	begin_case("an unmapping that is told after the next mapping of the place");
	compile(CODE);
	e.tid = 200;
	uint64_t before_ns = e.now_ns;
	compile(CODE);
	e.tid = 100;
	call(EX_memory_call_MUNMAP, CODE, PAGE, 0, e.now_ns - before_ns + 500);
	read_it(CODE);
	IS_INT(h.life_count, 2, "two lives");
	OK(h.lives[0].gone && h.lives[0].gone->kind == EX_CHANGE_UNMAPPED, "the first was unmapped");
	OK(!h.lives[1].gone, "the second was not");
}

static void kept(void)
{
	begin_case("kept by a treatment, and unmapped once more");
	compile(CODE);
	uint64_t before_ns = e.now_ns;
	ENCODE(&e, QUARANTINED, quarantined, .begin = CODE, .end = CODE + PAGE, .how = EX_release_MUNMAP, .n = 1);
	encode_blob(&e, "", 0);
	encode_blob(&e, "", 0);
	call(EX_memory_call_MUNMAP, CODE, PAGE, 0, e.now_ns - before_ns + 500);
	ENCODE(&e, STALE_UNMAP, stale_unmap, .begin = CODE, .end = CODE + PAGE);
	encode_blob(&e, "", 0);
	encode_blob(&e, "", 0);
	read_it(CODE);
	IS_INT(h.life_count, 1, "one life");
	OK(h.lives[0].gone && h.lives[0].gone->kind == EX_CHANGE_KEPT, "which ended where it was kept");
	IS_INT(h.changes[h.change_count - 1].kind, EX_CHANGE_AGAIN, "and it was unmapped again");
}

static void pieces(void)
{
	begin_case("a piece of an arena is made code, and the whole arena given back");
	map(A, 256 * PAGE, PROT_NONE);
	protect(A + 4 * PAGE, 4 * PAGE, PROT_READ | PROT_WRITE);
	protect(A + 4 * PAGE, 2 * PAGE, PROT_READ | PROT_EXEC);
	call(EX_memory_call_MUNMAP, A, 256 * PAGE, 0, 0);
	read_it(CODE);
	OK(ex_history_dead_code(&h) != NULL, "in the piece it was code");
	IS_INT(h.lives[0].prot->prot, PROT_READ | PROT_EXEC, "its last protection");
	ex_history_read(&h, ex_processes_find(&processes, 100), A + 6 * PAGE, UINT64_MAX);
	OK(!ex_history_dead_code(&h), "behind it, it was not");
}

static void moved(void)
{
	begin_case("moved by mremap, replaced by MAP_FIXED, refused");
	compile(CODE);
	put((struct ex_ev_growth){.call = EX_memory_call_MREMAP,
				  .begin = B,
				  .bytes = 2 * PAGE,
				  .old = CODE,
				  .old_bytes = PAGE});
	compile(C);
	map(C, PAGE, PROT_READ);
	put((struct ex_ev_growth){.call = EX_memory_call_MUNMAP, .begin = C, .bytes = PAGE, .error = 22});
	read_it(CODE);
	OK(h.life_count == 1 && h.lives[0].gone && h.lives[0].gone->kind == EX_CHANGE_MOVED, "moved away");
	ex_history_read(&h, ex_processes_find(&processes, 100), C, UINT64_MAX);
	OK(h.life_count == 2 && h.lives[0].gone && h.lives[0].gone->kind == EX_CHANGE_MAPPED, "mapped over");
	OK(!h.lives[1].gone, "a refused call changes nothing");
	ex_history_read(&h, ex_processes_find(&processes, 100), B + PAGE, UINT64_MAX);
	OK(h.life_count == 1 && !h.lives[0].gone, "there now");
}

int main(void)
{
	dead_code();
	again();
	late();
	kept();
	pieces();
	moved();
	return tap_done();
}
