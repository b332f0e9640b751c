# exeunt scan on ELF files and archives: its counts against those of readelf, nm and the compilers that were called.
load ../lib/zoo
setup() {
	zoo_setup
	PGO=$ZOO/pgo
	cat >one.c <<-END
		static int helper(int x) { return x > 3 ? x * 2 : x; }
		int (*table[2])(int) = {helper, helper};
		int one(int n) { int s = 0; for (int i = 0; i < n; i++) s = table[i & 1](s); return s; }
		int other(int n) { return n < 0 ? -n : n; }
	END
	echo 'int one(int), other(int); int main(int c, char **v) { (void)v; return one(c) + other(c) > 99; }' >main.c
}
teardown() { zoo_teardown; }

scan() { capture ex scan --json "$@"; }
of() { jq -r ".files[0] | $1" out; }
# records of 48, 64, 72 bytes, and bytes that are none
records() { of '.elf.profile | "\(.records["48"]) \(.records["64"]) \(.records["72"]) \(.unparsed_bytes)"'; }
# bytes of all sections of that name, as readelf prints them
bytes_of() { # SECTION FILE
	readelf -SW "$2" | sed -n 's/^ *\[ *[0-9]*\] //p' | awk -v name="$1" '$1 == name { print $5 }' |
		while read -r hex; do echo $((16#$hex)); done | awk '{ n += $1 } END { print n + 0 }'
}
# FILE 48:N 64:N…: so many records, and the section has their bytes and no others. Each begins with the hash of a name, which
# the walk does not look at
has_records() {
	local file=$1 sum=0 count=0 size
	local -A want=([48]=0 [64]=0)
	shift
	for size in "$@"; do
		want[${size%:*}]=${size#*:}
		sum=$((sum + ${size%:*} * ${size#*:}))
		count=$((count + ${size#*:}))
	done
	scan "$file"
	is "$count" "$(of .elf.profile.named)" "records that begin with the hash of a name: $file"
	is "${want[48]} ${want[64]} 0 0" "$(records)" "records of 48, 64 and 72 bytes, bytes of none: $file"
	is "$sum" "$(bytes_of __llvm_prf_data "$file")" "bytes of records by readelf: $file"
}
need_clang() { for version in "$@"; do need "clang-$version"; done; }

@test "one compiler: linked, stripped, shared, object; both kinds of instrumentation" {
	local size layout version
	for version in 14:48:8 19:64:10 22:64:10; do
		size=${version#*:} size=${size%:*} layout=${version##*:} version=${version%%:*}
		need_clang "$version"
		for kind in generate instr-generate; do
			"clang-$version" -O1 "-fprofile-$kind" -c one.c -o one.o
			"clang-$version" -O1 "-fprofile-$kind" main.c one.o -o app
			"clang-$version" -O1 "-fprofile-$kind" -fPIC -shared one.c -o libone.so
			strip -o app.stripped app
			has_records one.o "$size:3"
			is "object 0" "$(of '"\(.kind) \(.status)"')"
			for file in app app.stripped libone.so; do
				has_records "$file" "$size:$([ "$file" = libone.so ] && echo 3 || echo 4)"
				is "0 $status" "$(of .status) 0"
				is "$size $layout $layout" "$(of '.elf.profile | "\(.stride_bytes) \(.version) \(.raw_version)"')"
				of .verdict | grep -q "^consistent: [34] records of $size bytes (LLVM "
			done
			is "$([ $kind = generate ] && echo ir || echo front-end)" "$(of .elf.profile.level)"
			is "$version" "$(of '[.elf.compilers[].llvm | values] | unique | join(" ")')"
		done
	done
}
@test "functions and their object are named, stripped too" {
	need_clang 14 22
	for version in 14 22; do
		"clang-$version" -O1 -fprofile-generate -c one.c -o one.o
		"clang-$version" -O1 -fprofile-generate main.c one.o -o app
		strip -s -o stripped app
		for file in app stripped; do
			scan --records "$file"
			is "main helper one other" "$(of '[.elf.profile.functions[].function] | join(" ")')"
			is "null one.c one.c one.c" "$(of '[.elf.profile.functions[].object | tostring] | join(" ")')"
			is "0 0 1 0" "$(of '[.elf.profile.functions[].value_sites | tostring] | join(" ")')" "value sites"
			is 4 "$(of .elf.profile.named)"
			is "null/1 one.c/3" "$(of '[.elf.profile.objects[] | "\(.object)/\(.records | add)"] | join(" ")')"
		done
		scan one.o
		is "one.c" "$(of '[.elf.profile.objects[].object] | join(" ")')"
	done
}
@test "C++: what several objects have is counted once, as nm and the linker have it" {
	need_clang 14 22
	need clang++-14
	need clang++-22
	cat >shared.h <<-END
		#include <vector>
		template <class T> struct box { std::vector<T> items; __attribute__((noinline)) void put(T x) { items.push_back(x); } };
		inline __attribute__((noinline)) int twice(int x) { return x > 5 ? 2 * x : x; }
	END
	echo '#include "shared.h"
		int part(int n) { box<int> b; for (int i = 0; i < n; i++) b.put(twice(i)); return (int)b.items.size(); }' >part.cc
	echo '#include "shared.h"
		int part(int); int main(int c, char **) { box<int> b; b.put(twice(c)); return part(c) + (int)b.items.size() > 99; }' >main.cc
	for version in 14 22; do
		"clang++-$version" -O1 -fprofile-instr-generate -c part.cc
		"clang++-$version" -O1 -fprofile-instr-generate -c main.cc
		"clang++-$version" -fprofile-instr-generate main.o part.o -o app
		size=$([ $version = 14 ] && echo 48 || echo 64)
		for file in part.o main.o app; do
			scan "$file"
			local count=$(($(bytes_of __llvm_prf_data "$file") / size))
			is "$([ $size = 48 ] && echo "$count 0" || echo "0 $count") 0 0" "$(records)" "$file by clang++-$version"
			is "$count" "$(of .elf.profile.named)" "records whose function is known: $file"
		done
		# counters of functions that several objects may have keep their symbol; main and part have none
		is "$(($(nm app | grep -c ' __profc_') + 2))" "$count" "records (right) and counters by nm (left)"
	done
}
@test "two compilers: who has how many, what the runtime reads, what follows; stripped says the same" {
	need_clang 14 22
	# name, records of 48, of 64, what the runtime reads, misread, of these with value sites, refused
	while read -r name n48 n64 reads misread sites refused; do
		need_file "$PGO/$name"
		for file in "$PGO/$name" "$PGO/stripped/$name"; do
			has_records "$file" "48:$n48" "64:$n64"
			is "1 1" "$status $(of .status)" "$file"
			of .verdict | grep -q '^MIXED: '
			[ "$(of '.advice | length')" -gt 0 ]
			is "true $reads $misread $sites $refused" "$(of '.elf.profile |
				"\(.mixed) \(.stride_bytes) \(.misread) \(.misread_with_value_sites) \(.refused)"')" "$file"
			is "$n48" "$(of '[.elf.profile.objects[] | select(.object != null and (.object | endswith(".c"))) | .records["48"]] | add')" "records of 48 bytes by object: $file"
		done
		is "$(of .elf.stripped)" true
	done <<-END
		mixed_exit 5 15 64 5 0 false
		mixed_site 5 15 64 5 1 false
		mixed_early 6 15 64 6 1 false
		mixed_c22 5 3 64 5 0 false
		mixed_c22_refused 5 3 64 5 0 true
		mixed_refused 5 15 64 5 0 true
	END
	scan "$PGO/mixed_c14"
	is "3 5 0 0" "$(records)"
	is "48 5 0" "$(of '.elf.profile | "\(.stride_bytes) \(.misread) \(.misread_with_value_sites)"')"
	scan "$PGO/mixed_c14_site"
	is "48 5 1" "$(of '.elf.profile | "\(.stride_bytes) \(.misread) \(.misread_with_value_sites)"')"
}
@test "the healthy ones of the zoo, and a program whose library alone is mixed" {
	for name in healthy_22 healthy_19 healthy_gcc healthy_c14 healthy_c22 healthy_dso libpart14.so mixed_dso; do
		need_file "$PGO/$name"
		scan "$PGO/$name" "$PGO/stripped/$name"
		is "0 consistent consistent" "$status $(jq -r '[.files[].verdict | split(":")[0]] | join(" ")' out)" "$name"
	done
	scan "$PGO/libmixed.so"
	is "1 MIXED" "$status $(of '.verdict | split(":")[0]')"
}
@test "one layout that the runtime does not read" {
	need_clang 14 22
	clang-14 -O1 -fprofile-generate -c one.c -o one.o
	clang-14 -O1 -fprofile-generate -c main.c -o main.o
	clang-22 -fprofile-generate main.o one.o -o app
	has_records app 48:4
	is "1 false 4 true" "$status $(of '.elf.profile | "\(.mixed) \(.misread) \(.refused)"')"
	of .verdict | grep -q '^MISMATCHED: 4 records of 48 bytes .*; raw version 8 won over a runtime of version 10: it will refuse'
	# by the front end the runtime brings the version, and misreads them
	clang-14 -O1 -fprofile-instr-generate -c one.c -o one.o
	clang-14 -O1 -fprofile-instr-generate -c main.c -o main.o
	clang-22 -fprofile-instr-generate main.o one.o -o app
	scan app
	is "1 false 4 false" "$status $(of '.elf.profile | "\(.mixed) \(.misread) \(.refused)"')"
}
@test "archives: each member, all together; thin ones; rlib" {
	need_clang 14 22
	clang-14 -O1 -fprofile-generate -c one.c -o a_rather_long_name_of_an_object.o
	clang-22 -O1 -fprofile-generate -c main.c -o main.o
	gcc -O1 -c main.c -o plain.o
	ar rcs one.a a_rather_long_name_of_an_object.o plain.o
	ar rcs two.a a_rather_long_name_of_an_object.o main.o plain.o
	mkdir folder
	ar rcsT folder/thin.a a_rather_long_name_of_an_object.o main.o
	ar rcs none.a plain.o
	scan one.a
	is "0 consistent: 3 records of 48 bytes (LLVM 14 to 17) in 1 member" "$status $(of .verdict)"
	is "a_rather_long_name_of_an_object.o 3, plain.o null" \
		"$(of '[.archive.members[] | "\(.name) \(.elf.profile.records["48"])"] | join(", ")')"
	scan two.a
	is "1 MIXED: 3 records of 48 bytes (LLVM 14 to 17) in 1 member, 1 record of 64 bytes (LLVM 18 to 22) in 1 member: no profile runtime reads both" \
		"$status $(of .verdict)"
	scan folder/thin.a
	is "1 true MIXED" "$status $(of '"\(.archive.thin) \(.verdict | split(":")[0])"')"
	scan none.a
	is "0 not instrumented" "$status $(of .verdict)"
	rm main.o
	scan folder/thin.a
	is "missing" "$(of '[.archive.members[] | select(.kind == "missing") | .kind] | join(" ")')"
	of .verdict | grep -q '; 1 of 2 members are not there$'
	need rustc
	echo '#[inline(never)] pub fn f(x: u64) -> u64 { if x > 3 { x * 31 } else { x } }' >r.rs
	rustc -O -Cprofile-generate --crate-type rlib --crate-name r r.rs -o libr.rlib
	scan libr.rlib
	is "0 0 1" "$status $(of '"\(.archive.records["48"]) \(.archive.records["64"])"')"
	is "$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')" \
		"$(of '[.archive.members[].elf | select(.profile) | .compilers[].llvm] | unique | join(" ")')" "LLVM of rustc"
	rustc -O -Clinker-plugin-lto -Cprofile-generate --crate-type rlib --crate-name r r.rs -o libr.rlib
	scan libr.rlib
	of .verdict | grep -q 'LLVM bitcode, which gets its records when it is linked'
}
@test "a linked-in allocator, by name and by mark; who offers malloc" {
	need_file "$ZOO/linked_jemalloc"
	scan "$ZOO/linked_jemalloc"
	is "jemalloc symbol" "$(of '.elf.allocators[] | "\(.name) \(.how)"')"
	version=$(of '.elf.allocators[].version')
	scan "$ZOO/linked_jemalloc.stripped"
	is "jemalloc $version" "$(of '.elf.allocators[] | "\(.name) \(.version)"')"
	scan "$DEBIAN_LIB/libmimalloc.so.2.0"
	is "shared object offered mimalloc" "$(of '"\(.kind) \(.elf.malloc) \(.elf.allocators[].name)"')"
	scan "$EXEUNT_COMMAND"
	is "[]" "$(of '.elf.allocators | tostring')" "this program knows their marks, and has none of them"
}
@test "what could be observed, as doctor says" {
	gcc main.c -Wl,--defsym=one=main,--defsym=other=main -o dynamic
	gcc -static main.c -Wl,--defsym=one=main,--defsym=other=main -o static
	for file in dynamic static; do
		scan "./$file"
		is "executable $file" "$(of '"\(.kind) \(.elf.linkage)"')"
		capture ex doctor --json -- "./$file"
		jq -c '.findings[] | select(.name == "program")' out >doctor
		scan "./$file"
		is "$(cat doctor)" "$(jq -c '.files[0].elf.findings[] | select(.name == "program")' out)"
	done
	is false "$(of .elf.observable)"
	gcc -Wl,-z,relro,-z,now main.c -Wl,--defsym=one=main,--defsym=other=main -o now
	scan now
	is full "$(of .elf.relro)"
	is "$(readelf -n now | sed -n 's/^ *Build ID: //p')" "$(of .elf.build_id)"
}
@test "the name that it was built to write; continuous mode" {
	need_clang 14
	clang-14 -fprofile-instr-generate='out/%c%p.profraw' main.c one.c -o app
	strip -o stripped app
	for file in app stripped; do
		scan "$file"
		is "out/%c%p.profraw true" "$(of '.elf.profile | "\(.file_name) \(.continuous)"')"
	done
}
@test "files that cannot be read: what each is, status 125, and the others are told all the same" {
	gcc main.c -Wl,--defsym=one=main,--defsym=other=main -o app
	: >empty
	mkdir folder
	mkfifo fifo
	head -c 40 app >short
	head -c 3000 app >half
	printf '!<arch>\nshort' >broken.a
	echo text >text
	printf 'BC\300\336 and so on' >bitcode
	for pair in nothere:'No such file' empty:empty folder:'Is a directory' fifo:'not a regular file' short:'damaged ELF' \
		half:'section table' broken.a:'cut off, or damaged' text:'neither an ELF file' bitcode:'LLVM bitcode'; do
		scan "${pair%%:*}"
		is 125 "$status" "$pair"
		is 1 "$(wc -l <err)" "$pair"
		grep -qF "${pair#*:}" err || { cat err && false; }
		is "unreadable 125" "$(of '"\(.kind) \(.status)"')"
	done
	ln -s /proc/self/mem secret
	scan text app fifo
	is "125 unreadable executable unreadable" "$status $(jq -r '[.files[].kind] | join(" ")' out)"
	if [ "$(id -u)" != 0 ]; then
		chmod 000 app
		scan app
		is 125 "$status"
	fi
}
@test "no name in a file reaches the terminal as it is" {
	need_clang 14
	cp one.c $'\e[31m.c'
	clang-14 -fprofile-generate -c $'\e[31m.c' -o one.o
	capture ex scan one.o
	grep -q '?\[31m.c' out
	run ! grep -q $'\e' out
}
@test "--json keeps its contract" {
	/usr/bin/python3 -c 'import jsonschema' 2>/dev/null || skip "python3-jsonschema is missing; run: scripts/setup check"
	gcc -c main.c -o plain.o
	ar rcs plain.a plain.o
	local files=("$EXEUNT_COMMAND" "$LIBRARY" plain.o plain.a nothere one.c)
	for file in "$PGO"/* "$PGO"/stripped/*; do
		[ ! -f "$file" ] || files+=("$file")
	done
	scan --records "${files[@]}"
	LAST="/usr/bin/python3 tests/lib/validate.py docs/scan.schema.json out"
	/usr/bin/python3 "$ROOT/tests/lib/validate.py" "$ROOT/docs/scan.schema.json" out
}
