# exeunt doctor says what can be observed, with the exit status that run would give.
load ../lib/zoo
setup() {
	zoo_setup
	echo 'int main(void) { return 0; }' >m.c
}
teardown() { zoo_teardown; }
# level and text of one finding
finding() { jq -r --arg name "$1" '.findings[] | select(.name == $name) | "\(.level): \(.text)"' out; }

@test "without a command: everything here works" {
	capture ex doctor
	is 0 "$status"
	is "" "$(cat err)"
	grep -Eq '^ok +library +[0-9.]+, /' out
	grep -Eq '^ok +trial +true ran under the library' out
	run ! grep -q '^missing' out
}
@test "--json says the same" {
	capture ex doctor --json
	is 0 "$status"
	is "exeunt.doctor/1 true 0 null" "$(jq -r '"\(.schema) \(.observable) \(.status) \(.command)"' out)"
	is "ok: no" "$(finding gvisor)"
	finding libc | grep -q "glibc $(getconf GNU_LIBC_VERSION | cut -d' ' -f2)"
}
@test "leaves nothing behind" {
	mkdir tmp
	capture env TMPDIR="$WORK/tmp" "$EXEUNT_COMMAND" doctor -- true
	is "" "$(ls -A tmp)"
	is "$(printf "%s\n" err m.c out tmp)" "$(ls -A)"
}
@test "dynamic program, script, profile, allocator" {
	gcc m.c -o m
	capture ex doctor --json -- ./m
	is 0 "$status"
	finding program | grep -q '^ok: ./m: dynamic, run by /'
	is "ok: none" "$(finding 'LLVM profile')"
	is "ok: malloc is libc's" "$(finding allocator)"
	printf '#!/bin/sh\n' >script
	chmod +x script
	capture ex doctor --json -- ./script
	is "ok: ./script: script, run by /bin/sh (dynamic)" "$(finding program)"
	echo 'void *malloc(unsigned long n) { (void)n; return 0; } int main(void) { return 0; }' >own.c
	gcc -w -fno-builtin -rdynamic own.c -o own
	capture ex doctor --json -- ./own
	is "ok: malloc is defined by ./own" "$(finding allocator)"
}
@test "LLVM profile in the program, and in a library of it" {
	need clang-14
	clang-14 -fprofile-instr-generate m.c -o m
	capture ex doctor --json -- ./m
	finding 'LLVM profile' | grep -q '^ok: in ./m:'
	echo 'int f(void) { return 0; }' >f.c
	clang-14 -fprofile-instr-generate -fPIC -shared f.c -o libf.so
	echo 'int f(void); int main(void) { return f(); }' >uses.c
	gcc uses.c -o uses -L. -lf -Wl,-rpath,"\$ORIGIN"
	capture ex doctor --json -- ./uses
	finding 'LLVM profile' | grep -q '^ok: in .*/libf.so:'
}
@test "statuses that run would give" {
	gcc -static m.c -o static
	touch plain
	for pair in 127:./nope 126:./plain 126:/ 125:./static; do
		capture ex doctor --json -- "${pair#*:}"
		is "${pair%%:*}" "$status" "$pair"
		is "${pair%%:*} false" "$(jq -r '"\(.status) \(.observable)"' out)"
		is 1 "$(wc -l <err)"
	done
	finding program | grep -q '^missing: ./static: static'
}
@test "address sanitizer, both kinds" {
	gcc -fsanitize=address m.c -o g 2>/dev/null || skip "gcc has no address sanitizer here"
	capture ex doctor --json -- ./g
	is 0 "$status"
	finding sanitizer | grep -q '^note: /.*libasan.so.* is put in front'
	need clang-14
	clang-14 -fsanitize=address m.c -o c 2>/dev/null || skip "clang has no address sanitizer here"
	capture ex doctor --json -- ./c
	finding sanitizer | grep -q '^note: the address sanitizer is inside the program'
}
@test "a library that does not fit is missing, with 125" {
	capture env EXEUNT_LIBRARY=/nowhere/lib.so "$EXEUNT_COMMAND" doctor
	is 125 "$status"
	grep -Eq '^missing +library' out
	is 1 "$(wc -l <err)"
}
@test "a file size limit that no stream fits in is told" {
	capture bash -c "ulimit -f 16; '$EXEUNT_COMMAND' doctor"
	is 125 "$status"
	grep -Eq '^missing +file size .*ulimit -f' out
	capture bash -c "ulimit -f 32; '$EXEUNT_COMMAND' doctor"
	is 0 "$status"
	grep -Eq '^note +file size .*ulimit -f' out
}
# the libc of programs here
libc() { ldd "$(type -P true)" | sed -n 's/.*libc.so.6 => \([^ ]*\).*/\1/p'; }
@test "detours, as the trial found them" {
	capture ex doctor --json
	is "ok: 11 of 11 placed in this libc" "$(finding 'detours')"
	capture ex doctor --json -- true
	is "ok: $(libc), as in the trial" "$(finding 'its libc')"
}
@test "a program with a libc of its own" {
	mkdir lib
	cp "$(libc)" lib/
	gcc m.c -o m -Wl,-rpath,"\$ORIGIN/lib"
	capture ex doctor --json -- ./m
	is 0 "$status"
	finding 'its libc' | grep -q '^note: .*/lib/libc.so.6, another than the trial.s: 11 of 11 functions for detours are there'
}
@test "limits of memory, and how to raise them" {
	capture bash -c "ulimit -S -v 4194304; ulimit -d 3145728; '$EXEUNT_COMMAND' doctor --json"
	is "ok: at most 4 GiB (ulimit -v)" "$(finding 'address space' | sed 's/, and may be raised to [^(]*/ /; s/  / /')"
	is "ok: at most 3 GiB, and may not be raised (ulimit -d)" "$(finding data)"
	is "ok: at most $(cat /proc/sys/vm/max_map_count) (sysctl vm.max_map_count)" "$(finding mappings)"
}
@test "outside of a sandbox its limit is not measured" {
	capture ex doctor --host-mappings --json
	is 0 "$status"
	is "ok: not measured: no sandbox, the limit is in vm.max_map_count" "$(finding 'host mappings')"
	is "" "$(finding platform)"
}
