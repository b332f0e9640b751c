/* expect: SIGSEGV: "field": reads a field of a null pointer; "element": of a null array, by an index; "call": calls a null pointer;
 * "virtual": calls a function of a table that a null object would have; "jump": to a small address, which is no null pointer's field */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct node {
	char name[24];
	long value;
	int (*method)(struct node *node);
};

long field(const struct node *node);
long element(const long *list, size_t index);
int call(int (*function)(void));
int method(struct node *node);

__attribute__((noinline)) long field(const struct node *node)
{
	return node->value;
}
__attribute__((noinline)) long element(const long *list, size_t index)
{
	return list[index];
}
__attribute__((noinline)) int call(int (*function)(void))
{
	return function() + 1;
}
__attribute__((noinline)) int method(struct node *node)
{
	return node->method(node) + 1;
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	void *volatile nothing = NULL;
	if (!strcmp(how, "field"))
		return (int)field(nothing);
	if (!strcmp(how, "element"))
		return (int)element(nothing, (size_t)argc + 8);
	if (!strcmp(how, "call"))
		return call((int (*)(void))nothing);
	if (!strcmp(how, "virtual"))
		return method(nothing);
	if (!strcmp(how, "jump"))
		return call((int (*)(void))((uintptr_t)nothing + 0x18));
	return 0;
}
