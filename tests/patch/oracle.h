/*
 * oracle.h: the decoder beside Zydis, which was written by others. Without its headers the test says so and ends.
 */
#ifndef ORACLE_H
#define ORACLE_H

#include "tap.h"

#if !__has_include(<Zydis/Zydis.h>)
int main(void)
{
	puts("1..0 # SKIP the headers of Zydis are not installed (libzydis-dev)");
	return 0;
}
#else
#define HAVE_ORACLE 1

#include <stdint.h>

#include <Zydis/Zydis.h>

#include "arch/arch.h"

#define INSN_MAX 15

static ZydisDecoder zydis;

static const struct ex_insn nothing;

__attribute__((unused)) static int is_same(const struct ex_insn *a, const struct ex_insn *b)
{
	return a->length == b->length && a->kind == b->kind && a->at == b->at && a->width == b->width;
}

static int kind_of(const ZydisDecodedInstruction *z)
{
	int is_relative = z->raw.imm[0].is_relative;
	switch (z->mnemonic) {
	case ZYDIS_MNEMONIC_LOOP:
	case ZYDIS_MNEMONIC_LOOPE:
	case ZYDIS_MNEMONIC_LOOPNE:
	case ZYDIS_MNEMONIC_JRCXZ:
	case ZYDIS_MNEMONIC_JECXZ:
	case ZYDIS_MNEMONIC_XBEGIN:
		return EX_INSN_FIXED;
	case ZYDIS_MNEMONIC_INT3:
		return EX_INSN_TRAP;
	case ZYDIS_MNEMONIC_RET:
	case ZYDIS_MNEMONIC_HLT:
	case ZYDIS_MNEMONIC_UD1:
	case ZYDIS_MNEMONIC_UD2:
		return EX_INSN_END;
	case ZYDIS_MNEMONIC_JMP:
		return is_relative ? EX_INSN_JUMP : EX_INSN_END;
	case ZYDIS_MNEMONIC_CALL:
		return is_relative ? EX_INSN_CALL : EX_INSN_CALL_AT;
	default:
		if (z->meta.category == ZYDIS_CATEGORY_COND_BR && is_relative)
			return EX_INSN_BRANCH;
		return z->attributes & ZYDIS_ATTRIB_IS_RELATIVE ? EX_INSN_NEAR : EX_INSN_PLAIN;
	}
}

/* what Zydis says, in our terms; 0 when it is no instruction */
static int ask_zydis(const uint8_t *code, size_t bytes, struct ex_insn *insn)
{
	ZydisDecodedInstruction z;
	*insn = nothing;
	if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&zydis, NULL, code, bytes, &z)))
		return 0;
	insn->length = z.length;
	insn->kind = kind_of(&z);
	if (z.raw.imm[0].is_relative) {
		insn->at = z.raw.imm[0].offset;
		insn->width = z.raw.imm[0].size / 8;
	} else if (z.attributes & ZYDIS_ATTRIB_IS_RELATIVE) {
		insn->at = z.raw.disp.offset;
		insn->width = z.raw.disp.size / 8;
	}
	return insn->length;
}

__attribute__((unused)) static void show(const char *what, const uint8_t *code, size_t bytes,
					 const struct ex_insn *ours, const struct ex_insn *theirs)
{
	static int shown;
	if (shown++ > 40)
		return;
	printf("# %s:", what);
	for (size_t i = 0; i < bytes && i < INSN_MAX; i++)
		printf(" %02x", code[i]);
	printf(": length %u kind %u at %u width %u; Zydis %u %u %u %u\n", ours->length, ours->kind, ours->at,
	       ours->width, theirs->length, theirs->kind, theirs->at, theirs->width);
}
#endif
#endif
