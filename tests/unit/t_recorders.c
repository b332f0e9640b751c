/*
 * t_recorders.c: functions that record values, told by how code calls them: calls that are made up here, each with one thing
 * changed. Code lies at 0x1000, records at 0x9000.
 */
#include "recorders.h"

#include "check.h"

#define CODE 0x1000u
#define RECORDS 0x9000u
#define RECORDS_BYTES 192u
#define RECORDER 0x1200u

static unsigned char code[0x800];
static size_t at;
static struct ex_recorders found;

static void begin(void)
{
	memset(code, 0x90, sizeof(code));
	memset(&found, 0, sizeof(found));
	at = 0x40;
}

static void put(const char *bytes, size_t length)
{
	memcpy(code + at, bytes, length);
	at += length;
}

static void put_i32(int32_t value)
{
	memcpy(code + at, &value, 4);
	at += 4;
}

/* lea REGISTER, [rip + address] */
static void lea(unsigned number, unsigned address)
{
	put(number < 8 ? "\x48\x8d" : "\x4c\x8d", 2);
	code[at++] = (unsigned char)(0x05 | (number & 7) << 3);
	put_i32((int32_t)(address - (CODE + at + 4)));
}

static void call(unsigned to)
{
	put("\xe8", 1);
	put_i32((int32_t)(to - (CODE + at + 4)));
}

static void site_0(void)
{
	put("\x31\xd2", 2); /* xor edx, edx */
}

/* how many places call it so */
static unsigned calls(unsigned function)
{
	ex_recorders_in(&found, code, sizeof(code), CODE, RECORDS, RECORDS_BYTES);
	for (unsigned n = 0; n < found.count; n++)
		if (found.list[n].offset == function)
			return found.list[n].calls;
	return 0;
}

enum { RBX = 3, RSI = 6, RDI = 7, R14 = 14 };

static void check_found(void)
{
	begin();
	lea(RSI, RECORDS + 64);
	site_0();
	call(RECORDER);
	CHECK(calls(RECORDER) == 1 && found.count == 1);
	begin(); /* the first record; another site; the value in between */
	lea(RSI, RECORDS);
	put("\x48\x89\xc7", 3); /* mov rdi, rax */
	put("\xba\x07\x00\x00\x00", 5);
	call(RECORDER);
	lea(RSI, RECORDS + 8);
	site_0();
	call(RECORDER);
	CHECK(calls(RECORDER) == 2 && found.count == 1);
	begin(); /* at a fixed address: mov esi, a record */
	put("\xbe", 1);
	put_i32(RECORDS + 48);
	site_0();
	call(RECORDER);
	CHECK(calls(RECORDER) == 1);
	begin(); /* all through a loop in a register */
	lea(R14, RECORDS + 64);
	at += 900;
	put("\x4c\x89\xf6", 3); /* mov rsi, r14 */
	site_0();
	call(RECORDER);
	CHECK(calls(RECORDER) == 1);
	begin(); /* two of them */
	lea(RSI, RECORDS);
	site_0();
	call(RECORDER);
	lea(RSI, RECORDS);
	site_0();
	call(RECORDER + 64);
	CHECK(calls(RECORDER) == 1 && found.count == 2);
}

static void check_not(void)
{
	begin(); /* of no record */
	lea(RSI, RECORDS + RECORDS_BYTES);
	site_0();
	call(RECORDER);
	lea(RSI, RECORDS - 8);
	site_0();
	call(RECORDER);
	lea(RSI, RECORDS + 4);
	site_0();
	call(RECORDER);
	CHECK(!calls(RECORDER) && !found.count);
	begin(); /* as another argument */
	lea(RDI, RECORDS);
	site_0();
	call(RECORDER);
	CHECK(!calls(RECORDER));
	begin(); /* what writes the profile is given the end of the records, no small number */
	lea(RSI, RECORDS);
	lea(2, RECORDS + RECORDS_BYTES);
	call(RECORDER);
	CHECK(!calls(RECORDER));
	begin(); /* the call behind one that records: memcpy, whose size was recorded */
	lea(RSI, RECORDS);
	site_0();
	call(RECORDER);
	site_0();
	call(RECORDER + 64);
	CHECK(calls(RECORDER) == 1 && found.count == 1);
	begin(); /* a register that a call does not keep */
	lea(8, RECORDS);
	put("\x4c\x89\xc6", 3); /* mov rsi, r8 */
	site_0();
	call(RECORDER);
	CHECK(!calls(RECORDER));
	begin(); /* a register that may have got another value: not where others are known for certain */
	lea(RBX, RECORDS);
	put("\x48\x89\xde", 3); /* mov rsi, rbx */
	site_0();
	call(RECORDER + 64);
	lea(RSI, RECORDS);
	site_0();
	call(RECORDER);
	CHECK(calls(RECORDER) == 1 && found.count == 1);
	begin(); /* out of this code */
	lea(RSI, RECORDS);
	site_0();
	call(CODE + 0x10000);
	CHECK(!found.count && !calls(CODE + 0x10000));
	for (size_t length = 0; length < 64; length++) { /* cut anywhere */
		begin();
		at = 0;
		lea(RSI, RECORDS);
		site_0();
		call(CODE);
		ex_recorders_in(&found, code, length, CODE, RECORDS, RECORDS_BYTES);
	}
	CHECK(found.count == 1);
}

int main(void)
{
	check_found();
	check_not();
	CHECK_DONE();
}
