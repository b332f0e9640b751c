/* expect: a part with a single record, without value sites */
int one_part(int n);
int one_part(int n)
{
	return n > 3 ? n : n * 2;
}
