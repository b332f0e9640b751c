/* expect: SIGSEGV, by its first argument. A table of the program's own is spoilt, and some rounds later a store, load or call by what it
 * holds is wild. clock, block, getcpu, read, wait4, call, beyond: by a system call whose instruction was given too few arguments, so that it
 * takes a pointer into the table that an earlier call has left in a register; beyond: whose buffer is too short. The others are
 * rivals: store, thread, own, cast: written by the program itself, or by a system call that was asked for just that; wrong: not written
 * at all, the index is computed; sound: lives */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline, noipa))

struct row {
	long index;
	long uses;
	struct row *next;
	long (*act)(long);
};

static long twice(long n)
{
	return 2 * n;
}

struct row table[8];
long out[16];
/* two objects, one behind the other */
__asm__(".data\n.balign 16\n"
	".globl name\n.type name, @object\n.size name, 16\nname: .zero 16\n"
	".globl behind\n.type behind, @object\n.size behind, 8\nbehind: .zero 8\n.text");
extern char name[16];
extern volatile long behind;
static int feed; /* descriptor that text can be read from */

/* assembly, so that it is the same at every -O: look leaves the row's address in the second argument's register, as every function
 * may; fetch and reap say nothing of the second argument of read and wait4, and fetch has no unwind table */
long look(long key, void *row);
long fetch(int from);
long reap(int child);
__asm__(".type look, @function\nlook: mov (%rsi), %rax\nadd %rdi, %rax\nret\n.size look, .-look\n"
	".type fetch, @function\nfetch: xor %eax, %eax\nmov $8, %edx\nsyscall\nret\n.size fetch, .-fetch\n"
	".type reap, @function\nreap: .cfi_startproc\nmov $61, %eax\nxor %edx, %edx\nxor %r10d, "
	"%r10d\nsyscall\nret\n.cfi_endproc\n.size reap, "
	".-reap\n");

/* one that says nothing of the second argument */
NOINLINE static long now(void)
{
	long result;
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(SYS_clock_gettime), "D"(CLOCK_REALTIME)
			 : "rcx", "r11", "memory");
	return result;
}
NOINLINE static long which(unsigned *cpu)
{
	long result;
	__asm__ volatile("syscall" : "=a"(result) : "a"(SYS_getcpu), "D"(cpu) : "rcx", "r11", "memory");
	return result;
}
/* what uses the table: base and index, a pointer, a call */
NOINLINE static void put(int n)
{
	out[table[n].index] += 1;
}
NOINLINE static long follow(int n)
{
	return table[n].next->uses;
}
NOINLINE static long act(int n)
{
	return table[n].act(n) + 1;
}
NOINLINE static void put_in(const struct row *row)
{
	out[row->index] += 1;
}
NOINLINE static void put_behind(void)
{
	out[behind] += 1;
}

static long stamp(void)
{
	long sum = look(1, &table[2]);
	return now() + sum;
}
static struct row *block; /* of the heap */
static long stamp_block(void)
{
	long sum = look(1, block);
	return now() + sum;
}
static long place(void)
{
	static unsigned cpu;
	long sum = look(1, &table[3].next);
	return which(&cpu) + sum;
}
static long place_of_act(void)
{
	static unsigned cpu;
	long sum = look(1, &table[3].act);
	return which(&cpu) + sum;
}
static long input(void)
{
	long sum = look(1, &table[2]);
	return fetch(feed) + sum;
}
static long child(void)
{
	pid_t pid = fork();
	if (!pid)
		_exit(7);
	long sum = look(1, &table[3].next);
	return reap(pid) + sum;
}
static long beyond(void)
{
	volatile size_t bytes = 24; /* not said to the compiler */
	return read(feed, name, bytes);
}
static long store(void)
{
	static const char text[40] = "a text that is longer than the place";
	memcpy((char *)&table[1].uses, text, sizeof(text)); /* over the next row */
	return 0;
}
static void *spoil(void *unused)
{
	table[2].index = 0x7f7f7f7f7f;
	return unused;
}
static long thread(void)
{
	pthread_t t;
	pthread_create(&t, NULL, spoil, NULL);
	return pthread_join(t, NULL);
}
static long own(void)
{
	return read(feed, &table[2].index, 8);
}
NOINLINE static long raw(long number, long one, long two)
{
	long result;
	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(one), "S"(two) : "rcx", "r11", "memory");
	return result;
}
static long cast(void)
{
	return raw(SYS_clock_gettime, CLOCK_REALTIME, (long)&table[2]);
}
static long nothing(void)
{
	return 0;
}
NOINLINE static void put_at(long n)
{
	out[n] += 1;
}
NOINLINE static long wrong(void)
{
	put_at((getpid() + 1L) << 32);
	return 0;
}

static const struct {
	const char *name;
	long (*spoil)(void);
} ways[] = {{"clock", stamp}, {"block", stamp_block}, {"getcpu", place}, {"call", place_of_act}, {"read", input},
	    {"wait4", child}, {"beyond", beyond},     {"store", store},	 {"thread", thread},	 {"own", own},
	    {"cast", cast},   {"wrong", wrong},	      {"sound", nothing}};

int main(int argc, char **argv)
{
	int ends[2];
	long sum = 0;
	if (pipe(ends) || write(ends[1], "abcdefghijklmnopqrstuvwxyz", 26) != 26)
		return 1;
	feed = ends[0];
	for (int n = 0; n < 8; n++)
		table[n] = (struct row){.index = n, .next = &table[(n + 1) % 8], .act = twice};
	block = calloc(4, sizeof(*block));
	if (!block)
		return 1;
	for (int round = 0; round < 5; round++) {
		for (unsigned w = 0; round == 3 && argc > 1 && w < sizeof(ways) / sizeof(ways[0]); w++)
			if (!strcmp(ways[w].name, argv[1]))
				sum += ways[w].spoil();
		for (int n = 0; n < 8; n++) {
			put(n);
			sum += follow(n) + act(n);
		}
		put_in(block);
		put_behind();
	}
	printf("%d\n", sum != 0);
	return 0;
}
