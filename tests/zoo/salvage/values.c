/* expect: exit 0. Value sites with few, many and more than 255 targets, copies of many lengths; leaves as its argument says */
#include <string.h>
#include <stdlib.h>
#include <unistd.h>
#include <pthread.h>
#include <stdio.h>
#define F(n)                                                                                                           \
	static int f##n(int x)                                                                                         \
	{                                                                                                              \
		return x * n + 1;                                                                                      \
	}
/* clang-format off */
#define F10(n) F(n##0) F(n##1) F(n##2) F(n##3) F(n##4) F(n##5) F(n##6) F(n##7) F(n##8) F(n##9)
#define A10(n) f##n##0, f##n##1, f##n##2, f##n##3, f##n##4, f##n##5, f##n##6, f##n##7, f##n##8, f##n##9,
F10(1)
F10(2)
F10(3) F10(4) F10(5) F10(6) F10(7) F10(8) F10(9) F10(10) F10(11) F10(12) F10(13) F10(14) F10(15) F10(16) F10(17) F10(18)
	F10(19) F10(20) F10(21) F10(22) F10(23) F10(24) F10(25) F10(26) F10(27) F10(28) F10(29)
		F10(30) static int (*const T[])(int) = {
			A10(1) A10(2) A10(3) A10(4) A10(5) A10(6) A10(7) A10(8) A10(9) A10(10) A10(11) A10(12) A10(13)
				A10(14) A10(15) A10(16) A10(17) A10(18) A10(19) A10(20) A10(21) A10(22) A10(23) A10(24)
					A10(25) A10(26) A10(27) A10(28) A10(29) A10(30)};
/* clang-format on */
volatile int sink;
char a[8192], b[8192];
__attribute__((noinline)) static int many(int n)
{
	int s = 0;
	for (int i = 0; i < n; i++)
		for (int k = 0; k <= i % 7; k++)
			s += T[i % (sizeof T / sizeof *T)](i);
	return s;
}
__attribute__((noinline)) static void few(int n)
{
	for (int i = 0; i < n; i++) {
		sink += T[i % 3](i);
		memcpy(a, b, (size_t)(i % 23));
		if ((i & 1 && i > 5) || i % 11 == 0)
			memset(a, 1, (size_t)(i % 400));
	}
}
__attribute__((noinline)) static int never(int x)
{
	if (x)
		memcpy(a, b, x);
	return T[x](x);
}
static void *thr(void *p)
{
	few(50);
	return p;
}
int main(int c, char **v)
{
	sink += many(900);
	few(1000);
	if (c > 5)
		never(c);
	const char *h = c > 1 ? v[1] : "return";
	if (!strcmp(h, "exit"))
		exit(0);
	if (!strcmp(h, "_exit"))
		_exit(0);
	if (!strcmp(h, "abort"))
		abort();
	if (!strcmp(h, "quick"))
		quick_exit(0);
	if (!strcmp(h, "pthread")) {
		pthread_t t;
		pthread_create(&t, 0, thr, 0);
		pthread_exit(0);
	}
	return 0;
}
