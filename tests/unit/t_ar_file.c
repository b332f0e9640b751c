/* t_ar_file.c: archives as GNU's ar, BSD's and rustc write them, and damaged ones. */
#include "ar_file.h"
#include "tap.h"

#define HEAD(name, size) name "0           0     0     100644  " size "`\n"

/* "name:length" of each member with blanks between, "!" behind where the archive is damaged; NULL: it is none */
static const char *members(const char *bytes, size_t length)
{
	static char text[512];
	struct ex_ar_file ar;
	struct ex_ar_member member;
	int got;
	unsigned char *copy = malloc(length + 1);
	if (!copy)
		abort();
	memcpy(copy, bytes, length);
	*text = '\0';
	if (!ex_ar_file_open(&ar, copy, length))
		return NULL;
	while ((got = ex_ar_file_next(&ar, &member)) > 0)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s:%zu%s", *text ? " " : "", member.name,
			 member.length, member.bytes ? "" : "?");
	if (got < 0)
		strcat(text, "!");
	free(copy);
	return text;
}
#define IS_MEMBERS(bytes, wanted, what) IS_TEXT(members(bytes, sizeof(bytes) - 1), wanted, what)

int main(void)
{
	IS_MEMBERS("!<arch>\n", "", "no member");
	IS_MEMBERS("!<arch>\n" HEAD("a.o/            ", "3         ") "abc\n" HEAD("b.o/            ",
										   "2         ") "de",
		   "a.o:3 b.o:2", "short names, an odd length");
	IS_MEMBERS("!<arch>\n" HEAD("/               ", "4         ") "symt" HEAD(
			   "//              ", "22        ") "a_long_name_of_one.o/\n" HEAD("/0              ",
											    "1         ") "x",
		   "a_long_name_of_one.o:1", "a long name; symbols and names are no members");
	IS_MEMBERS("!<arch>\n" HEAD("#1/8            ", "11        ") "named.o\0abc", "named.o:3", "BSD's names");
	IS_MEMBERS("!<arch>\n" HEAD("__.SYMDEF       ", "2         ") "xx", "", "BSD's symbols");
	IS_MEMBERS("!<thin>\n" HEAD("//              ", "10        ") "dir/a.o/\n\n" HEAD("/0              ",
											  "99        "),
		   "dir/a.o:0?", "a thin one has no content");
	IS_MEMBERS("!<arch>\n" HEAD("a.o/            ", "9         ") "abc", "!", "longer than the file");
	IS_MEMBERS("!<arch>\n" HEAD("/9              ", "1         ") "x", "!", "a long name without a table");
	IS_MEMBERS("!<arch>\n" HEAD("#1/9            ", "3         ") "abc", "!", "a BSD name longer than its member");
	IS_MEMBERS("!<arch>\n" HEAD("a.o/            ", "x         ") "abc", "!", "a length that is no number");
	IS_MEMBERS("!<arch>\nshort", "!", "a header that is cut off");
	OK(!members("!<arch", 6), "not an archive");
	return tap_done();
}
