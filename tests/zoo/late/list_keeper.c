/* expect: exit-list-on-dead-heap under an allocator that destroys its heap at exit */
int list_has(void);
int main(void)
{
	return list_has() != 70;
}
