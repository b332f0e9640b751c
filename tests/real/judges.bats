# What exeunt says of each misuse of the heap, beside gcc's address sanitizer and valgrind: the table of docs/heap.md is what is
# measured, or this fails.
load ../lib/zoo
load ../lib/heap
setup() { zoo_setup; }
teardown() { zoo_teardown; }

ways_of() { # SOURCE
	sed -n '/^} ways/,/^};/p' "$1" | grep -oE '\{"[a-z0-9-]+"' | tr -d '{"'
}

plainly() { # PROGRAM WAY
	local ended=0
	{ "$ZOO/$1" "$2" >plain.out 2>&1 </dev/null; } 2>/dev/null || ended=$?
	if ((ended > 128)); then
		echo "SIG$(kill -l $((ended - 128)))"
	elif grep -q 'child has died' plain.out; then
		echo "its child: SIGABRT"
	else
		echo lives
	fi
}
sanitized() { # PROGRAM WAY
	ASAN_OPTIONS=detect_leaks=0 "./$1.asan" "$2" >asan.out 2>&1 </dev/null || :
	sed -nE 's/.*ERROR: AddressSanitizer: (attempting )?([a-z-]+).*/\2/p' asan.out | head -1 | sed 's/^free$/bad-free/' | grep . || echo -
}
grinded() { # PROGRAM WAY
	valgrind -q "$ZOO/$1" "$2" >valgrind.out 2>&1 </dev/null || :
	sed -nE 's/^==[0-9]+== (Invalid (read|write) of size .*|Invalid free.*|Mismatched free.*|Syscall param .*unaddressable.*)$/\1/p' valgrind.out |
		head -1 | sed -E 's/ of size.*//; s/ free\(\) \/.*/ free/; s/ of size.*//; s/^Syscall param ([a-z]+\.)?([a-z]+)\(.*/\2()/; s/^I/i/; s/^M/m/' | grep . || echo -
}

measured() {
	local program way
	printf '| program | way | exeunt | plain | ASan | valgrind |\n|---|---|---|---|---|---|\n'
	for program in corrupt corrupt_more corrupt_new; do
		for way in $(ways_of "$ROOT"/tests/zoo/$program.c*); do
			looked "$program" "$way"
			printf '| %s | %s | %s | %s | %s | %s |\n' "$program" "$way" "$(of 'if .status == "confirmed" or .status == "none" then .verdict else .verdict + ", " + .status end')" \
				"$(plainly "$program" "$way")" "$(sanitized "$program" "$way")" "$(grinded "$program" "$way")"
		done
	done
}

@test "exeunt, ASan and valgrind on the same sources: the table of docs/heap.md" {
	need valgrind
	need gcc
	local program
	for program in corrupt corrupt_more; do
		gcc -std=gnu11 -D_GNU_SOURCE -g -O1 -w -pthread -fsanitize=address "$ROOT/tests/zoo/$program.c" -o "$program.asan"
	done
	g++ -std=gnu++17 -D_GNU_SOURCE -g -O1 -w -pthread -fsanitize=address "$ROOT/tests/zoo/corrupt_new.cc" -o corrupt_new.asan
	measured >table
	LAST=measured
	is "$(sed -n '/^<!-- judges -->/,/^<!-- end -->/p' "$ROOT/docs/heap.md" | grep '^|')" "$(cat table)" "docs/heap.md (left) and what is measured (right)"
	# the verdict is never another's: what a judge calls use after free is no overflow
	awk -F' *[|] *' '$6 == "heap-use-after-free" && $4 != "use-after-free" || $6 == "heap-buffer-overflow" && $4 != "heap-overflow" || $6 == "double-free" && $4 != "double-free" { print; bad = 1 } END { exit bad }' table
}
