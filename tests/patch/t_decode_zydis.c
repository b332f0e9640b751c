/*
 * t_decode_zydis.c: bytes that nobody wrote, given to the decoder and to an independent one. Ours may refuse what the other
 * knows, but never give another length, nor one to what is no instruction.
 */
#include "oracle.h"

#ifdef HAVE_ORACLE
#include "draw.h"

/*
 * In a VEX or EVEX prefix the decoder does not look at the fields that name registers, sizes and masks. So bytes for which
 * it gives a length and Zydis does not have to be an instruction, of that length, when only these fields are others.
 */
static int is_instruction_but_for_fields(const uint8_t *code, const struct ex_insn *ours)
{
	uint8_t other[16];
	unsigned at = 0, found = 0;
	while (at < INSN_MAX && code[at] != 0xc4 && code[at] != 0xc5 && code[at] != 0x62)
		at++;
	if (at + 4 > INSN_MAX)
		return 0;
	memcpy(other, code, sizeof(other));
	uint8_t *p = other + at;
	for (unsigned i = 0; i < 192; i++) {
		unsigned has_vvvv = i & 1, w = i >> 1 & 1, mask = i >> 2 & 1, broadcast = i >> 3 & 1, l = i >> 4 & 3,
			 k = i >> 6;
		unsigned vvvv = has_vvvv ? 0x30 : 0x78; /* in complement: none, or a register that nothing else names */
		struct ex_insn theirs;
		if (l == 3)
			continue;
		if (*p == 0xc5) {
			if (w || mask || broadcast || k || l > 1)
				continue;
			p[1] = 0x80 | vvvv | l << 2 | (p[1] & 3);
		} else if (*p == 0xc4) {
			if (mask || broadcast || k > 1 || l > 1)
				continue;
			p[1] = (k ? 0xa0 : 0xe0) | (p[1] & 31);
			p[2] = w << 7 | vvvv | l << 2 | (p[2] & 3);
		} else {
			p[1] = (k == 1 ? 0xe0 : 0xf0) | (p[1] & 15);
			p[2] = w << 7 | vvvv | (p[2] & 7);
			p[3] = (k == 1) << 7 | l << 5 | broadcast << 4 | (k == 2 ? 0 : 8) | mask;
		}
		if (!ask_zydis(other, INSN_MAX, &theirs))
			continue;
		if (!is_same(ours, &theirs))
			return 0;
		found++;
	}
	return found > 0;
}

static void test_bytes(const char *name, void (*make)(uint8_t *), unsigned long count, uint64_t seed)
{
	unsigned long agreed = 0, refused = 0, wrong = 0, ours_only = 0, neither = 0, fields = 0;
	seed_with(seed);
	for (unsigned long i = 0; i < count; i++) {
		uint8_t code[16];
		struct ex_insn ours, theirs;
		make(code);
		ask_zydis(code, INSN_MAX, &theirs);
		ex_arch_decode(code, INSN_MAX, &ours);
		if (is_same(&ours, &theirs)) {
			*(ours.length ? &agreed : &neither) += 1;
		} else if (!ours.length) {
			refused++;
		} else if (!theirs.length && is_instruction_but_for_fields(code, &ours)) {
			fields++;
		} else {
			*(theirs.length ? &wrong : &ours_only) += 1;
			show(theirs.length ? "wrong" : "no instruction", code, INSN_MAX, &ours, &theirs);
		}
	}
	printf("# %s, seed %llu: the same %lu, neither %lu, refused %lu, but for fields %lu, wrong %lu, known to us "
	       "alone %lu\n",
	       name, (unsigned long long)seed, agreed, neither, refused, fields, wrong, ours_only);
	OK(agreed > count / 10, "%s: enough of %lu are instructions", name, count);
	IS_INT(wrong, 0, "%s: nothing decoded in another way than Zydis does", name);
	IS_INT(ours_only, 0, "%s: no length for what Zydis calls no instruction", name);
}

int main(void)
{
	ZydisDecoderInit(&zydis, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	test_bytes("every opcode", every_opcode, 10ul << 18, 20260100);
	test_bytes("random bytes", any_bytes, 2000000, 20260101);
	test_bytes("likely bytes", likely_bytes, 2000000, 20260102);
	return tap_done();
}
#endif
