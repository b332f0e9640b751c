/* expect: signal 11, read at address 0x18 */
#include <stddef.h>
struct node {
	long pad[3];
	int value;
};
static struct node *volatile list;
int read_node(void);
__attribute__((noinline)) int read_node(void)
{
	return list->value;
}
int main(void)
{
	return read_node();
}
