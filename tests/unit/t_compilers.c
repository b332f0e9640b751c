/* t_compilers.c: texts of .comment, and the LLVM behind each. */
#include "compilers.h"
#include "tap.h"

static unsigned llvm(const char *text)
{
	return ex_compiler_llvm(text, strlen(text));
}

int main(void)
{
	static const struct {
		const char *text;
		unsigned llvm;
	} rows[] = {
		{"Debian clang version 14.0.6", 14},
		{"Ubuntu clang version 18.1.3 (1ubuntu1)", 18},
		{"clang version 22.1.0-rc2", 22},
		{"Android (10552028, based on r487747d) clang version 17.0.2 (https://example.org d9f89f4)", 17},
		{"flang-new version 19.1.7", 19},
		{"rustc version 1.60.0 (7737e0b5c 2022-04-04)", 14},
		{"rustc version 1.64.0", 14},
		{"rustc version 1.65.0", 15},
		{"rustc version 1.81.0", 18},
		{"rustc version 1.82.0 (f6e511eec 2024-10-15)", 19},
		{"rustc version 1.94.1", 21},
		{"rustc version 1.95.0 (59807616e 2026-04-14)", 22},
		{"rustc version 1.99.0", 23},
		{"rustc version 1.97.0-nightly (0 2026-06-01)", 22},
		{"rustc version 1.95.0-nightly (0 2026-02-01)", 0}, /* LLVM changed while it was made */
		{"rustc version 1.59.0", 0},			    /* older than the table */
		{"Apple clang version 16.0.0 (clang-1600.0.26.6)", 0},
		{"GCC: (Debian 12.2.0-14+deb12u1) 12.2.0", 0},
		{"Linker: LLD 22.1.2", 0},
		{"clang version ", 0},
		{"clang version unknown", 0},
		{"rustc version 1.", 0},
		{"", 0},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		IS_INT(llvm(rows[i].text), rows[i].llvm, "%s", rows[i].text);
	OK(ex_compiler_llvm("clang version 14", 15) == 1, "it ends where the text ends");
	return tap_done();
}
