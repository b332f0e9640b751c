/*
 * t_decode_libraries.c: every instruction of every function of the C, C++ and math libraries and of an allocator, read by
 * the decoder and by an independent one.
 */
#include "oracle.h"

#ifdef HAVE_ORACLE
#include "library.h"

struct survey {
	unsigned long functions, instructions, wrong, refused, foreign; /* foreign: Zydis does not know it either */
};

static void survey_function(struct survey *s, const uint8_t *code, size_t bytes)
{
	s->functions++;
	for (size_t o = 0; o < bytes;) {
		struct ex_insn ours, theirs;
		if (!ask_zydis(code + o, bytes - o, &theirs)) {
			s->foreign++;
			return;
		}
		s->instructions++;
		ex_arch_decode(code + o, bytes - o, &ours);
		if (!ours.length)
			s->refused++;
		else if (!is_same(&ours, &theirs))
			s->wrong++;
		if (!is_same(&ours, &theirs))
			show(ours.length ? "wrong" : "refused", code + o, bytes - o, &ours, &theirs);
		o += theirs.length;
	}
}

static void test_library(const char *name)
{
	struct library l;
	struct survey s = {0};
	if (!open_library(&l, name))
		return;
	for (size_t i = 0; i < l.count; i++)
		survey_function(&s, at_address(&l, l.functions[i].begin), l.functions[i].bytes);
	close_library(&l);
	printf("# %s: %lu functions, %lu instructions; wrong %lu, refused %lu, not known to Zydis %lu\n", name,
	       s.functions, s.instructions, s.wrong, s.refused, s.foreign);
	OK(s.instructions > 10000, "%s has instructions to compare", name);
	IS_INT(s.wrong, 0, "%s: nothing read in another way than Zydis does", name);
	IS_INT(s.refused, 0, "%s: nothing refused that Zydis knows", name);
	IS_INT(s.foreign, 0, "%s: nothing that Zydis does not know", name);
}

int main(void)
{
	ZydisDecoderInit(&zydis, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	test_library("libc.so.6");
	test_library("libstdc++.so.6");
	test_library("libm.so.6");
	test_library("libjemalloc.so.2");
	return tap_done();
}
#endif
