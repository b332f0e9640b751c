/* expect: heap-after-teardown under an allocator that destroys its heap at exit: a library's destructor comes later */
int keeper_has(void);
int main(void)
{
	return !keeper_has();
}
