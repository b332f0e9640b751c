# The checks of scripts/ pass, and find what they are there to find.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

@test "layers" { "$ROOT/scripts/check-layers"; }
@test "layers: a forbidden include is found" {
	mkdir -p tree/schema tree/cli tree/interpose/os
	cd tree
	echo '#include "b.h"' >interpose/a.c
	touch cli/b.h interpose/c.h
	run -1 "$ROOT/scripts/check-layers" .
	echo '#include "../cli/b.h"' >interpose/a.c
	run -1 "$ROOT/scripts/check-layers" .
	echo '#include <b.h>' >interpose/a.c
	run -1 "$ROOT/scripts/check-layers" .
	echo '#include "c.h"' >interpose/a.c
	run -0 "$ROOT/scripts/check-layers" .
	echo '#ifdef __x86_64__' >interpose/c.h
	run -1 "$ROOT/scripts/check-layers" .
	mv interpose/c.h interpose/os/c.h
	echo '#include "os/c.h"' >interpose/a.c
	run -0 "$ROOT/scripts/check-layers" .
	echo '#include "../interpose/os/c.h"' >schema/d.h
	run -1 "$ROOT/scripts/check-layers" .
}
@test "exports" {
	"$ROOT/scripts/check-exports" "$LIBRARY"
	"$ROOT/scripts/check-exports" "${LIBRARY%.so}-heap.so"
	run -1 grep -cE ' (malloc|free|_Znwm)$' <(nm -D --defined-only "$LIBRARY")
}
@test "exports: too much, too new, too needy is found" {
	printf '#define _GNU_SOURCE\n#include <dlfcn.h>\nvoid *stray(void) { return dlsym(0, "x"); }\n' | gcc -shared -fPIC -x c - -lm -o bad.so
	run -1 "$ROOT/scripts/check-exports" bad.so
	[[ $output == *"exports stray"* && $output == *"dlsym"* && $output == *"INITFIRST"* ]]
}
@test "every wire format table is in docs/tables.md" { "$ROOT/scripts/gen-docs" --check; }
@test "setup knows what is missing without installing it" {
	run -0 "$ROOT/scripts/setup" --dry-run
	mkdir copy
	cp "$ROOT/scripts/setup" copy
	echo "no-such-package-of-anybody build" >copy/deps.txt
	run -0 copy/setup --dry-run build
	[[ $output == *"apt-get install"*no-such-package-of-anybody* ]]
	run -2 copy/setup frobnicate
}
@test "each header compiles alone" {
	for header in "$ROOT"/cli/*.h "$ROOT"/schema/*.h; do
		case $header in */ctf_text.h) continue ;; esac
		gcc -std=gnu11 -D_GNU_SOURCE -I"$ROOT/schema" -I"$ROOT/cli" -fsyntax-only -x c "$header"
	done
}
