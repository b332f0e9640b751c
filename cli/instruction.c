/*
 * instruction.c: see instruction.h.
 */
#include "instruction.h"

#include <string.h>

#ifdef EX_HAS_ZYDIS
#include <Zydis/Zydis.h>

#define REGISTERS 17

static int dwarf_number(ZydisRegister reg)
{
	static const ZydisRegister numbers[REGISTERS] = {ZYDIS_REGISTER_RAX, ZYDIS_REGISTER_RDX, ZYDIS_REGISTER_RCX,
							 ZYDIS_REGISTER_RBX, ZYDIS_REGISTER_RSI, ZYDIS_REGISTER_RDI,
							 ZYDIS_REGISTER_RBP, ZYDIS_REGISTER_RSP, ZYDIS_REGISTER_R8,
							 ZYDIS_REGISTER_R9,  ZYDIS_REGISTER_R10, ZYDIS_REGISTER_R11,
							 ZYDIS_REGISTER_R12, ZYDIS_REGISTER_R13, ZYDIS_REGISTER_R14,
							 ZYDIS_REGISTER_R15, ZYDIS_REGISTER_RIP};
	for (int i = 0; i < REGISTERS; i++)
		if (numbers[i] == reg)
			return i;
	return -1;
}

/* narrow ones count too: what is above is not used */
static uint64_t value(ZydisRegister reg, const uint64_t *regs, int *is_known)
{
	int n = dwarf_number(ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg));
	if (reg == ZYDIS_REGISTER_NONE)
		return 0;
	if (n < 0 || !regs) {
		*is_known = 0;
		return 0;
	}
	unsigned width = ZydisRegisterGetWidth(ZYDIS_MACHINE_MODE_LONG_64, reg);
	return width < 64 ? regs[n] & ((1ull << width) - 1) : regs[n];
}

static void find_memory(struct ex_instruction *i, const ZydisDecodedInstruction *z, const ZydisDecodedOperand *operands,
			const uint64_t *regs)
{
	for (int n = 0; n < z->operand_count; n++) {
		const ZydisDecodedOperand *o = &operands[n];
		if (o->type != ZYDIS_OPERAND_TYPE_MEMORY || o->mem.type != ZYDIS_MEMOP_TYPE_MEM)
			continue;
		/* a call's own memory operand is what it jumps by; the push of the return address comes after it */
		i->reads |= (o->actions & ZYDIS_OPERAND_ACTION_MASK_READ) != 0;
		i->writes |= (o->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
		if (i->has_memory)
			continue;
		i->has_memory = i->is_memory_known = 1;
		i->memory_bytes = o->size / 8;
		i->base = dwarf_number(ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, o->mem.base));
		i->index = dwarf_number(ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, o->mem.index));
		i->scale = o->mem.scale;
		i->displacement = o->mem.disp.has_displacement ? o->mem.disp.value : 0;
		uint64_t base = value(o->mem.base, regs, &i->is_memory_known);
		uint64_t index = value(o->mem.index, regs, &i->is_memory_known);
		if (o->mem.base == ZYDIS_REGISTER_RIP)
			base = i->address + i->length;
		if (o->mem.segment == ZYDIS_REGISTER_FS || o->mem.segment == ZYDIS_REGISTER_GS)
			i->is_memory_known = 0;
		i->memory = base + index * i->scale + (uint64_t)i->displacement;
	}
}

/* where it goes: what a return takes from the stack, or the register of a call or jump */
static void find_target(struct ex_instruction *i, const ZydisDecodedInstruction *z, const ZydisDecodedOperand *operands,
			const uint64_t *regs)
{
	if (z->meta.category == ZYDIS_CATEGORY_RET && z->mnemonic == ZYDIS_MNEMONIC_RET) {
		i->is_return = 1;
	} else if ((z->mnemonic == ZYDIS_MNEMONIC_CALL || z->mnemonic == ZYDIS_MNEMONIC_JMP) &&
		   operands[0].type == ZYDIS_OPERAND_TYPE_REGISTER) {
		i->is_target_known = 1;
		i->target = value(operands[0].reg.value, regs, &i->is_target_known);
	}
}

/* movs and cmps use two places, and the second operand's is the one that is read first */
static void find_other(struct ex_instruction *i, const ZydisDecodedInstruction *z, const ZydisDecodedOperand *operands,
		       const uint64_t *regs)
{
	for (int n = 0, seen = 0; z->meta.category == ZYDIS_CATEGORY_STRINGOP && n < z->operand_count; n++)
		if (operands[n].type == ZYDIS_OPERAND_TYPE_MEMORY && seen++) {
			i->is_other_known = 1;
			i->other = value(operands[n].mem.base, regs, &i->is_other_known);
		}
}

int ex_instruction_is_possible(void)
{
	return 1;
}

void ex_instruction_decode(struct ex_instruction *i, const unsigned char *bytes, size_t count, uint64_t address,
			   const uint64_t *regs)
{
	ZydisDecoder decoder;
	ZydisFormatter formatter;
	ZydisDecodedInstruction z;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	memset(i, 0, sizeof(*i));
	i->address = address;
	i->base = i->index = -1;
	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, count, &z, operands)))
		return;
	i->is_known = 1;
	i->length = z.length;
	ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL);
	ZydisFormatterFormatInstruction(&formatter, &z, operands, z.operand_count_visible, i->text, sizeof(i->text),
					address, ZYAN_NULL);
	if (z.mnemonic != ZYDIS_MNEMONIC_LEA && z.mnemonic != ZYDIS_MNEMONIC_NOP)
		find_memory(i, &z, operands, regs);
	find_other(i, &z, operands, regs);
	find_target(i, &z, operands, regs);
}
#else
int ex_instruction_is_possible(void)
{
	return 0;
}

void ex_instruction_decode(struct ex_instruction *i, const unsigned char *bytes, size_t count, uint64_t address,
			   const uint64_t *regs)
{
	(void)bytes;
	(void)count;
	(void)regs;
	memset(i, 0, sizeof(*i));
	i->address = address;
	i->base = i->index = -1;
}
#endif

/* decoding from a wrong byte mostly falls into step after a few instructions; from the first that arrives at pc */
static size_t step_to(struct ex_instruction *list, size_t max, const unsigned char *bytes, size_t from, size_t to,
		      uint64_t begin)
{
	size_t n = 0;
	for (size_t at = from; at < to; at += list[n++].length) {
		if (n == max)
			return 0;
		ex_instruction_decode(&list[n], bytes + at, to - at, begin + at, NULL);
		if (!list[n].is_known)
			return 0;
	}
	return n;
}

size_t ex_instructions_around(struct ex_instruction *list, size_t max, const unsigned char *bytes, size_t count,
			      uint64_t begin, uint64_t pc, const uint64_t *regs)
{
	size_t n = 0, at = (size_t)(pc - begin);
	if (pc < begin || at >= count)
		return 0;
	for (size_t from = 0; from < at && from < 16 && !n; from++)
		n = step_to(list, max / 2, bytes, from, at, begin);
	/* all that is before is more than asked for: the last of it */
	while (at < count && n < max) {
		ex_instruction_decode(&list[n], bytes + at, count - at, begin + at, begin + at == pc ? regs : NULL);
		if (!list[n].is_known)
			break;
		at += list[n++].length;
	}
	return n;
}

int ex_address_is_impossible(uint64_t address)
{
	return address >> 47 != 0 && address >> 47 != 0x1ffff;
}

int ex_instruction_impossible(const struct ex_instruction *i, uint64_t top, uint64_t *address)
{
	const struct {
		int is_known;
		uint64_t address;
	} used[] = {{i->is_return, top},
		    {i->is_target_known, i->target},
		    {i->is_other_known, i->other},
		    {i->has_memory && i->is_memory_known, i->memory}};
	for (size_t n = 0; i->is_known && n < sizeof(used) / sizeof(*used); n++)
		if (used[n].is_known && ex_address_is_impossible(used[n].address)) {
			*address = used[n].address;
			return 1;
		}
	return 0;
}
