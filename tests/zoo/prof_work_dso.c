/* expect: a library, instrumented: counted work with branches and calls through pointers */
int prof_work(int n);
static int step_even(int x)
{
	return x / 2;
}
static int step_odd(int x)
{
	return x * 3 + 1;
}
static int (*const steps[2])(int) = {step_even, step_odd};
int prof_work(int n)
{
	int longest = 0;
	for (int start = 1; start <= n; start++) {
		int length = 0;
		for (int x = start; x != 1; x = steps[x & 1](x))
			length++;
		if (length > longest)
			longest = length;
	}
	return longest;
}
