/*
 * operation.c: see operation.h.
 */
#include "operation.h"

#include <string.h>

#ifdef EX_HAS_ZYDIS
#include <Zydis/Zydis.h>

/* rax, rdx, rcx, rsi, rdi, r8 to r11: System V's convention lets every call change them */
#define SCRATCH (1u << 0 | 1u << 1 | 1u << 2 | 1u << 4 | 1u << 5 | 0xfu << 8)
/* rax, rcx, r11: the system call instruction itself takes two of them */
#define SYSCALL_WRITES (1u << 0 | 1u << 2 | 1u << 11)

static int dwarf_number(ZydisRegister reg)
{
	static const signed char numbers[16] = {0, 2, 1, 3, 7, 6, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15};
	ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);
	return whole >= ZYDIS_REGISTER_RAX && whole <= ZYDIS_REGISTER_R15 ? numbers[whole - ZYDIS_REGISTER_RAX] : -1;
}

/* one that is written in part keeps the rest, and is followed nowhere: ah, and al, ax but by a load that is extended later */
static int is_high_byte(ZydisRegister reg)
{
	return reg >= ZYDIS_REGISTER_AH && reg <= ZYDIS_REGISTER_BH;
}

static int register_of(const ZydisDecodedOperand *o)
{
	return o->type == ZYDIS_OPERAND_TYPE_REGISTER && !is_high_byte(o->reg.value) ? dwarf_number(o->reg.value) : -1;
}

static void find_memory(struct ex_operation *op, const ZydisDecodedInstruction *z, const ZydisDecodedOperand *operands)
{
	for (int n = 0; n < z->operand_count && !op->has_memory; n++) {
		const ZydisDecodedOperand *o = &operands[n];
		if (o->type != ZYDIS_OPERAND_TYPE_MEMORY)
			continue;
		op->has_memory = 1;
		op->is_written = (o->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
		op->bytes = o->size / 8;
		op->base = dwarf_number(o->mem.base);
		op->index = dwarf_number(o->mem.index);
		op->scale = o->mem.scale;
		op->displacement = o->mem.disp.has_displacement ? o->mem.disp.value : 0;
		if (o->mem.base == ZYDIS_REGISTER_RIP)
			op->displacement += (int64_t)(op->at + op->length);
		else if (o->mem.base != ZYDIS_REGISTER_NONE && op->base < 0)
			op->is_memory_odd = 1;
		op->is_memory_odd |= (o->mem.index != ZYDIS_REGISTER_NONE && op->index < 0) ||
				     o->mem.segment == ZYDIS_REGISTER_FS || o->mem.segment == ZYDIS_REGISTER_GS;
	}
}

static void find_writes(struct ex_operation *op, const ZydisDecodedInstruction *z, const ZydisDecodedOperand *operands)
{
	for (int n = 0; n < z->operand_count; n++) {
		int reg = operands[n].type == ZYDIS_OPERAND_TYPE_REGISTER ? dwarf_number(operands[n].reg.value) : -1;
		if (reg >= 0 && operands[n].actions & ZYDIS_OPERAND_ACTION_MASK_WRITE)
			op->writes |= 1u << reg;
	}
}

static void flow(struct ex_operation *op, const ZydisDecodedInstruction *z, const ZydisDecodedOperand *operands)
{
	const ZydisDecodedOperand *o = &operands[0];
	switch (z->meta.category) {
	case ZYDIS_CATEGORY_CALL:
		op->kind = EX_OPERATION_CALL;
		op->writes = SCRATCH;
		break;
	case ZYDIS_CATEGORY_UNCOND_BR:
		op->kind = EX_OPERATION_JUMP;
		break;
	case ZYDIS_CATEGORY_COND_BR:
		op->kind = EX_OPERATION_BRANCH;
		break;
	case ZYDIS_CATEGORY_RET:
		op->kind = EX_OPERATION_END;
		break;
	default:
		if (z->mnemonic == ZYDIS_MNEMONIC_NOP) {
			op->kind = EX_OPERATION_NOTHING;
		} else if (z->mnemonic == ZYDIS_MNEMONIC_SYSCALL) {
			op->kind = EX_OPERATION_SYSCALL;
			op->writes = SYSCALL_WRITES;
		} else if (z->mnemonic == ZYDIS_MNEMONIC_UD2 || z->mnemonic == ZYDIS_MNEMONIC_HLT) {
			op->kind = EX_OPERATION_END;
		}
		return;
	}
	if (o->type == ZYDIS_OPERAND_TYPE_IMMEDIATE && o->imm.is_relative)
		op->target = op->at + op->length + o->imm.value.u;
	op->from = register_of(o);
	/* a call's hidden push is no memory that it goes by */
	op->is_written = 0;
	if (o->type != ZYDIS_OPERAND_TYPE_MEMORY)
		op->has_memory = 0;
}

static void move(struct ex_operation *op, const ZydisDecodedOperand *to, const ZydisDecodedOperand *from, int is_signed)
{
	op->is_signed = is_signed;
	op->to = register_of(to);
	op->from = register_of(from);
	if (to->type == ZYDIS_OPERAND_TYPE_MEMORY) {
		op->kind = EX_OPERATION_STORE;
		op->bytes = to->size / 8;
	} else if (op->to < 0) {
		op->kind = EX_OPERATION_OTHER;
	} else if (from->type == ZYDIS_OPERAND_TYPE_MEMORY) {
		op->kind = EX_OPERATION_LOAD;
		op->bytes = from->size / 8;
	} else if (from->type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
		op->kind = EX_OPERATION_CONSTANT;
		op->constant = to->size == 32 ? (int64_t)(uint32_t)from->imm.value.u : from->imm.value.s;
	} else if (op->from >= 0) {
		op->kind = EX_OPERATION_COPY;
		op->bytes = from->size / 8;
	}
}

static void add(struct ex_operation *op, const ZydisDecodedOperand *to, const ZydisDecodedOperand *from, int is_minus)
{
	op->to = register_of(to);
	op->from = register_of(from);
	if (op->to < 0 || to->size < 32)
		return;
	op->bytes = to->size / 8;
	if (from->type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
		op->kind = EX_OPERATION_ADD_CONSTANT;
		op->constant = is_minus ? -from->imm.value.s : from->imm.value.s;
	} else if (op->from >= 0 && !is_minus) {
		op->kind = EX_OPERATION_ADD;
	} else if (from->type == ZYDIS_OPERAND_TYPE_MEMORY && !is_minus) {
		op->kind = EX_OPERATION_ADD_MEMORY;
	}
}

/* only where the whole register has a new value: writing 8 or 16 bits keeps the others */
static void classify(struct ex_operation *op, const ZydisDecodedInstruction *z, const ZydisDecodedOperand *operands)
{
	const ZydisDecodedOperand *to = &operands[0], *from = &operands[1];
	int is_whole = to->type != ZYDIS_OPERAND_TYPE_REGISTER || to->size >= 32;
	switch (z->mnemonic) {
	case ZYDIS_MNEMONIC_MOV:
		if (is_whole)
			move(op, to, from, 0);
		break;
	case ZYDIS_MNEMONIC_MOVZX:
		if (is_whole)
			move(op, to, from, 0);
		break;
	case ZYDIS_MNEMONIC_MOVSX:
	case ZYDIS_MNEMONIC_MOVSXD:
		if (is_whole)
			move(op, to, from, 1);
		break;
	case ZYDIS_MNEMONIC_CDQE:
		*op = (struct ex_operation){.at = op->at,
					    .length = op->length,
					    .kind = EX_OPERATION_COPY,
					    .to = 0,
					    .from = 0,
					    .base = -1,
					    .index = -1,
					    .bytes = 4,
					    .is_signed = 1,
					    .writes = 1};
		break;
	case ZYDIS_MNEMONIC_LEA:
		op->to = register_of(to);
		op->kind = op->to >= 0 && is_whole ? EX_OPERATION_ADDRESS : EX_OPERATION_OTHER;
		op->bytes = to->size / 8;
		break;
	case ZYDIS_MNEMONIC_XOR:
	case ZYDIS_MNEMONIC_SUB:
		op->to = register_of(to);
		if (op->to >= 0 && is_whole && op->to == register_of(from)) {
			op->kind = EX_OPERATION_CONSTANT;
			op->from = -1;
		} else if (z->mnemonic == ZYDIS_MNEMONIC_SUB) {
			add(op, to, from, 1);
		}
		break;
	case ZYDIS_MNEMONIC_ADD:
		add(op, to, from, 0);
		break;
	case ZYDIS_MNEMONIC_PUSH:
		op->kind = EX_OPERATION_PUSH;
		op->from = register_of(to);
		break;
	case ZYDIS_MNEMONIC_POP:
		op->kind = EX_OPERATION_POP;
		op->to = register_of(to);
		break;
	case ZYDIS_MNEMONIC_SHL:
		op->to = register_of(to);
		op->constant = from->type == ZYDIS_OPERAND_TYPE_IMMEDIATE ? from->imm.value.s : 1;
		if (op->to >= 0 && is_whole && from->type == ZYDIS_OPERAND_TYPE_IMMEDIATE)
			op->kind = EX_OPERATION_SHIFT;
		if (op->kind == EX_OPERATION_SHIFT)
			op->bytes = to->size / 8;
		break;
	default:
		break;
	}
}

int ex_operation_decode(struct ex_operation *op, const unsigned char *bytes, size_t count, uint64_t address)
{
	ZydisDecoder decoder;
	ZydisDecodedInstruction z;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	memset(op, 0, sizeof(*op));
	op->at = address;
	op->to = op->from = op->base = op->index = -1;
	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, count, &z, operands)))
		return 0;
	op->length = z.length;
	find_memory(op, &z, operands);
	find_writes(op, &z, operands);
	classify(op, &z, operands);
	if (op->kind == EX_OPERATION_OTHER)
		flow(op, &z, operands);
	return 1;
}
#else
int ex_operation_decode(struct ex_operation *op, const unsigned char *bytes, size_t count, uint64_t address)
{
	(void)bytes;
	(void)count;
	memset(op, 0, sizeof(*op));
	op->at = address;
	op->to = op->from = op->base = op->index = -1;
	return 0;
}
#endif
