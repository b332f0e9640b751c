# exeunt scan on raw LLVM profiles: real files of the corpus, cut and put together; what it says of them is held against
# llvm-profdata of the same version, and against what the profile runtime does with such a file.
load ../lib/zoo
setup() {
	zoo_setup
	CORPUS=$ROOT/tests/fuzz/corpus-profraw
	POOLED=default_5325959997000426782_0.profraw # how %m calls what clang14-ir.profraw is of
	cat >app.c <<-END
		#include <stdlib.h>
		#include <string.h>
		static int one(int x) { return x + 1; }
		static int two(int x) { return x * 2; }
		int (*table[2])(int) = {one, two};
		void fill(char *to, int n) { memcpy(to, "0123456789abcdef", n); }
		int main(void) {
			char text[16] = "";
			int sum = 0;
			for (int i = 0; i < 10; i++) { sum += table[i % 2](i); fill(text, i); }
			return sum == 0;
		}
	END
}
teardown() { zoo_teardown; }

scan() { capture ex scan --json "$@"; }
of() { jq -r ".files[0] | $1" out; }
# STATUS VERDICT of the first file
says() { is "$1: $2" "$(of '"\(.status): \(.verdict)"')"; }
finding() { of ".profile.findings[] | select(.id == \"$1\") | .text"; }
# FILE: its beginnings as cut.0, cut.8, …, and the whole; their names by length in CUTS
cut_up() {
	local bytes n
	bytes=$(stat -c %s "$1")
	CUTS=()
	for ((n = 0; n <= bytes; n += 8)); do
		head -c "$n" "$1" >"cut.$n.profraw"
		CUTS+=("cut.$n.profraw")
	done
}

# every cut of FILE by the llvm-profdata of that release: the same files are whole, and its words are those that scan tells
agrees() { # RELEASE FILE
	local index=0 file said
	need "llvm-profdata-$1"
	cut_up "$2"
	scan "${CUTS[@]}"
	jq -r '.files[] | "\(.status)\t\(.profile.tool_says)"' out >judged
	while IFS=$'\t' read -r judged words; do
		file=${CUTS[index++]}
		if said=$("llvm-profdata-$1" show "$file" 2>&1 >/dev/null); then
			is "0 null" "$judged $words" "$file is whole" || return 1
		else
			is 1 "$judged" "$file: $said" || return 1
			grep -qF "$words" <<<"$said" || { echo "$file: $words, but it says: $said"; return 1; }
		fi
	done <judged
	is "${#CUTS[@]}" "$index"
}
@test "llvm-profdata-14 agrees about every cut" {
	agrees 14 "$CORPUS/clang14-ir.profraw"
	agrees 14 "$CORPUS/clang14-front-end.profraw"
}
@test "llvm-profdata-22 agrees about every cut" {
	agrees 22 "$CORPUS/rustc-ir.profraw"
	agrees 22 "$CORPUS/clang22-vtables.profraw"
}

# the sentence for each cut, out of lines "BEGIN UNIT TOTAL PART": where a part begins, how many bytes one of its things has,
# how many there are
sentences() {
	local n begin unit total part next line=0
	local -a begins=() units=() totals=() parts=()
	while read -r begin unit total part; do
		begins+=("$begin") units+=("$unit") totals+=("$total") parts+=("$part")
	done
	for ((n = 8; n < begins[-1]; n += 8)); do
		next=$((line + 1))
		((n < begins[next])) || line=$((line + 1))
		local count=$(((n - begins[line]) / units[line]))
		[ "${parts[line]}" = tail ] || ((count <= totals[line])) || count=${totals[line]}
		case ${parts[line]} in
		header) echo "DAMAGED: ends inside the header, after $n bytes: a writer died" ;;
		tail) echo "DAMAGED: ends inside the value-profile tail, after the data of ${totals[line]//-/ } functions: a writer died" ;;
		records | counters) echo "DAMAGED: ends inside the ${parts[line]}, after $count of ${totals[line]}: a writer died, or the file was cut" ;;
		*) echo "DAMAGED: ends inside the ${parts[line]}, after $count of ${totals[line]} bytes: a writer died, or the file was cut" ;;
		esac
	done
}
every_cut_says() { # FILE <parts
	sentences >wanted
	cut_up "$1"
	unset 'CUTS[0]' 'CUTS[-1]'
	scan "${CUTS[@]}"
	jq -r '.files[].verdict' out >got
	is "$(cat wanted)" "$(cat got)"
	is "${#CUTS[@]}" "$(wc -l <got)"
}
@test "clang-14: each cut has its sentence" {
	every_cut_says "$CORPUS/clang14-ir.profraw" <<-END
		0 1 88 header
		88 1 32 binary ids
		120 48 4 records
		312 8 6 counters
		360 1 27 names
		392 1 0-of-2 tail
		576 1 1-of-2 tail
		632 1 0 end
	END
}
@test "rustc, version 10: each cut has its sentence" {
	every_cut_says "$CORPUS/rustc-ir.profraw" <<-END
		0 1 128 header
		128 1 32 binary ids
		160 64 6 records
		544 8 13 counters
		648 1 235 names
		888 1 0-of-1 tail
		928 1 0 end
	END
}

@test "every file of the corpus is what its name says" {
	local file
	for file in "$CORPUS"/*.profraw; do
		case ${file##*/} in
		clang14-* | clang22-* | clang19-* | rustc-* | made-*) is 0 "$(scan "$file" && of '.profile.profiles[0].misfits')" "$file" ;;
		esac
	done
	scan "$CORPUS/clang14-ir.profraw"
	says 0 "whole: 4 functions, 6 counters (5 not zero), 12 values"
	is '8 LLVM 14 to 17 ir 4 6 5 31 10' "$(of '.profile.profiles[0] | "\(.raw_version) \(.llvm) \(.level) \(.functions) \(.counters) \(.nonzero) \(.sum) \(.largest)"')"
	is '2 2 2 10 0' "$(of '.profile.profiles[0].values | "\(.functions) \(.functions_read) \(.call_targets) \(.memory_sizes) \(.virtual_tables)"')"
	is e790d457624b5a5943a6d57fd6ea4468dbbb6f8e "$(of '.profile.profiles[0].binary_ids[]')"
	scan "$CORPUS/clang22-vtables.profraw"
	is '10 2 0 2' "$(of '.profile.profiles[0] | "\(.raw_version) \(.values.call_targets) \(.values.memory_sizes) \(.values.virtual_tables)"')"
	scan "$CORPUS/clang14-entry-coverage.profraw"
	is 'counters of one byte, function entries only' "$(of '.profile.profiles[0].variants')"
	for version in 9 11; do
		scan "$CORPUS/made-version-$version.profraw"
		is "0 $version 2 3 2" "$(of '"\(.status) \(.profile.profiles[0] | "\(.raw_version) \(.functions) \(.counters) \(.values.call_targets)")"')"
	done
}

@test "functions one by one, with the counts that llvm-profdata has" {
	need llvm-profdata-22
	scan --records "$CORPUS/clang22-ir.profraw"
	llvm-profdata-22 show --all-functions --counts "$CORPUS/clang22-ir.profraw" |
		sed -n 's/^  \(.*;\)\{0,1\}\([a-z]*\):$/\2/p; s/^    Block counts: \[\(.*\)\]$/\1/p' |
		awk 'NR % 2 { name = $0; next } { gsub(",", ""); s = 0; for (i = 1; i <= NF; i++) s += $i; print name, NF, s }' |
		sort >wanted
	of '.profile.functions[] | "\(.function) \(.counters) \(.sum)"' | sort >got
	is "$(cat wanted)" "$(cat got)"
	is 4 "$(wc -l <got)"
	ex scan -r "$CORPUS/clang22-ir.profraw" | grep -qE '3 counters, sum +11, +1 value sites  main$'
}

@test "written twice by one process" {
	local first second
	scan "$CORPUS/clang14-written-twice.profraw"
	says 1 "2 profiles appended: profile 2 contains profile 1, from the same addresses and with no smaller count: written twice by one process, or by it and a child that it forked; llvm-profdata adds them, so counts are doubled or more"
	is yes "$(of .profile.counted_twice)"
	# the same by hand
	cat "$CORPUS/clang14-ir.profraw" "$CORPUS/clang14-ir.profraw" >twice.profraw
	scan twice.profraw
	is "1 yes" "$(of '"\(.status) \(.profile.counted_twice)"')"
	# what it advises gives a file that is counted once
	bash -c "$(of '.advice[] | select(startswith("or take the last one alone: ")) | sub("^[^:]*: "; "")')"
	cmp ONE.profraw "$CORPUS/clang14-ir.profraw"
	need llvm-profdata-14
	first=$(llvm-profdata-14 show twice.profraw | sed -n 's/^Total functions: //p')
	is 8 "$first"
}
@test "written twice by a program that is always loaded at the same place: not told apart from two runs" {
	scan "$CORPUS/clang14-written-twice-no-pie.profraw"
	is "0 perhaps" "$(of '"\(.status) \(.profile.counted_twice)"')"
	finding appended | grep -q 'two runs, or an early flush and the writer at exit'
}
@test "two runs appended" {
	scan "$CORPUS/clang14-two-runs.profraw"
	says 0 "2 profiles appended, each by a process of its own: llvm-profdata adds their counts"
	is "none 2" "$(of '"\(.profile.counted_twice) \(.profile.profiles | length)"')"
}
@test "a process and its fork child: what was counted before the fork counts twice" {
	need clang-14
	cat >fork.c <<-END
		#include <sys/wait.h>
		#include <unistd.h>
		int before(int n) { int s = 0; for (int i = 0; i < n; i++) s += i; return s; }
		int child(int n) { return before(n) + 1; }
		int main(int c, char **v) {
			int s = before(10 * c);
			if (!fork()) return child(5) < 0;
			wait(0);
			return s < 0;
		}
	END
	clang-14 -fprofile-instr-generate fork.c -o forks
	LLVM_PROFILE_FILE=f.profraw ./forks
	scan f.profraw
	says 0 "2 profiles appended: profile 2 is from the same addresses as profile 1, as a child's that its process forked: llvm-profdata adds them, and what was counted before the fork counts twice"
	is partly "$(of .profile.counted_twice)"
}

@test "a damaged file of a pool: what scan foretells is what the runtime says and does" {
	local compiler n wanted got
	for compiler in clang-14 clang-19 clang-22; do
		command -v "$compiler" >/dev/null || { echo "$compiler is missing" >&2; continue; }
		rm -rf pool fresh
		"$compiler" -O1 -fprofile-generate="$PWD/pool" app.c -o app
		./app
		cp -r pool fresh
		cut_up "$(echo fresh/*)"
		name=$(basename "$(echo pool/*)")
		for ((n = 0; n < $(stat -c %s "fresh/$name"); n += 8)); do
			head -c "$n" "fresh/$name" >"pool/$name"
			scan "pool/$name"
			# from the first record on there is enough to know
			((n < 168)) || is own "$(of .profile.pool)" "$compiler $n"
			wanted=$(of '.profile.merge_refused // ""')
			cp "pool/$name" before
			./app 2>said
			if [ -n "$wanted" ]; then
				grep -qF "$wanted" said || { echo "$compiler, $n bytes: $wanted, but it says:"; cat said; return 1; }
				cmp before "pool/$name"
				[ "$n" = 0 ] || of .advice | grep -q "delete it before the next run"
			else
				is "" "$(cat said)" "$compiler, $n bytes"
				scan "pool/$name"
				is 0 "$(of .status)" "$compiler, $n bytes: made whole"
			fi
		done
	done
	[ -n "${name:-}" ] || skip "no clang; run: scripts/setup check"
}
@test "a damaged file of a pool masks a crash, and is told as such" {
	head -c 400 "$CORPUS/clang14-ir.profraw" >$POOLED
	scan $POOLED
	is own "$(of .profile.pool)"
	is 'one of a pool (%m): a program that merges into it will print "Invalid profile data to merge" and write nothing, without crashing: it masks the crash; delete it' "$(finding pool)"
	# under another number, and with too little in it to know
	cp $POOLED default_7325959997000426782_0.profraw
	scan default_7325959997000426782_0.profraw
	is "named 1" "$(of '"\(.profile.pool) \(.status)"')"
	head -c 40 "$CORPUS/clang14-ir.profraw" >$POOLED
	scan $POOLED
	is "named Unable to merge profile data: source profile file is too small" "$(of '"\(.profile.pool) \(.profile.merge_refused)"')"
	# not every number is one of a pool
	cp $POOLED run_20261121_3.profraw
	scan run_20261121_3.profraw
	is null "$(of .profile.pool)"
}

@test "records of two sizes" {
	scan "$CORPUS/mixed-48-in-64.profraw"
	says 1 "MIXED: 7 records of 48 bytes (LLVM 14 to 17) among 15 of 64 bytes (LLVM 18 to 22): the runtime that wrote them took all for 64 bytes, so parts of the program are of another LLVM than it"
	is "7 15 0 true" "$(of '.profile | "\(.records["48"]) \(.records["64"]) \(.records["72"]) \(.mixed)"')"
	is "ends inside the value-profile tail: a writer died" "$(finding cut)"
	ex scan "$CORPUS/mixed-48-in-64.profraw" >text || true
	grep -q '^  other records a0, a1, a2, c_work and 3 more$' text
	grep -q '^  llvm-profdata "truncated profile data"$' text
}

@test "several files: what cannot be merged" {
	local a=$CORPUS/clang14-ir.profraw b=$CORPUS/rustc-ir.profraw
	scan "$a" "$b" "$CORPUS/clang14-front-end.profraw" "$CORPUS/clang14-two-runs.profraw" "$CORPUS/clang22-ir.profraw"
	is 1 "$status"
	jq -r '.files[] | .status as $s | [.profile.findings[].id] | "\($s) \(join(" "))"' out >got
	is "$(printf '%s\n' '0 whole' '1 whole merge-version' '1 whole merge-version merge-level' '0 appended' '1 whole merge-version merge-binary')" "$(cat got)"
	is "cannot be merged with $a: that is raw version 8, this 10, and an llvm-profdata reads one of them; merge each with its own, then both results with the newer one" \
		"$(jq -r '.files[1].profile.findings[1].text' out)"
	is "of another binary than $b: 0 of 4 functions are in both, 1 has the same name and other code" "$(jq -r '.files[4].profile.findings[2].text' out)"
	# and so it is
	need llvm-profdata-14
	need llvm-profdata-22
	run ! llvm-profdata-22 merge "$a" "$b" --failure-mode=any -o both.profdata
	llvm-profdata-14 merge "$a" -o old.profdata
	llvm-profdata-22 merge "$b" -o new.profdata
	llvm-profdata-22 merge old.profdata new.profdata -o both.profdata
	is 10 "$(llvm-profdata-22 show both.profdata | sed -n 's/^Total functions: //p')"
}

@test "which installed llvm-profdata reads it" {
	mkdir bin
	printf '#!/bin/sh\necho "LLVM (http://llvm.org/):"; echo "  LLVM version 20.1.2"\n' >bin/llvm-profdata
	printf '#!/bin/sh\nexit 1\n' >bin/llvm-profdata-16
	chmod +x bin/*
	PATH=$PWD/bin RUSTUP_HOME=$PWD "$EXEUNT_COMMAND" scan --json "$CORPUS/clang14-ir.profraw" "$CORPUS/rustc-ir.profraw" "$CORPUS/made-version-11.profraw" >out || true
	is "$(printf '%s\n' '["llvm-profdata-16"]' '["llvm-profdata"]' '[]')" "$(jq -c '.files[].profile.tools' out)"
	mkdir -p toolchains/x/lib/rustlib/y/bin
	printf '#!/bin/sh\necho "  LLVM version 23.0.0-rust-1.99.0-nightly"\n' >toolchains/x/lib/rustlib/y/bin/llvm-profdata
	chmod +x toolchains/x/lib/rustlib/y/bin/llvm-profdata
	PATH=$PWD/bin RUSTUP_HOME=$PWD "$EXEUNT_COMMAND" scan --json "$CORPUS/made-version-11.profraw" >out
	is "$PWD/toolchains/x/lib/rustlib/y/bin/llvm-profdata" "$(of '.profile.tools[]')"
	PATH=/nowhere RUSTUP_HOME=$PWD/none "$EXEUNT_COMMAND" scan "$CORPUS/clang14-ir.profraw" | grep -q '^  read by       no installed llvm-profdata; that of LLVM 14 to 17 does$'
}
@test "a version that nobody knows yet" {
	cp "$CORPUS/clang14-ir.profraw" new.profraw
	printf '\014' | dd of=new.profraw bs=1 seek=8 conv=notrunc status=none
	scan new.profraw
	says 1 "raw version 12, which is not known here (8 to 11 are)"
	is "no installed llvm-profdata reads it" "$(finding no-tool)"
	# unless a tool does
	mkdir bin
	printf '#!/bin/sh\nexit 0\n' >bin/llvm-profdata-25
	chmod +x bin/*
	PATH=$PWD/bin:$PATH scan new.profraw
	says 0 "raw version 12, which is not known here (8 to 11 are); an installed llvm-profdata reads it"
}

@test "what is no profile" {
	: >empty.profraw
	echo hello >text.profraw
	printf '\201Rforpl\377........' >of-32-bit
	printf '\377lprofi\201........' >indexed.profraw
	scan empty.profraw
	says 1 "empty: a process that opened it wrote nothing, or has not yet"
	scan text.profraw
	says 1 "no raw profile: it does not begin as one"
	scan of-32-bit
	says 1 "a raw profile of a 32-bit program, which is not read here"
	scan indexed.profraw
	says 1 "an indexed profile: what llvm-profdata merge makes out of raw ones"
	(cat "$CORPUS/clang14-ir.profraw"; echo foreign) >behind.profraw
	scan behind.profraw
	says 1 "DAMAGED: foreign bytes behind its profile, from byte 632 on"
	bash -c "$(of '.advice[] | select(startswith("what is whole in it")) | sub("^[^:]*: "; "")')"
	cmp WHOLE.profraw "$CORPUS/clang14-ir.profraw"
	cat "$CORPUS/clang14-ir.profraw" "$CORPUS/rustc-ir.profraw" >both.profraw
	scan both.profraw
	says 1 "DAMAGED: profile 2, from byte 632 on, is of raw version 10 and the first of 8: no llvm-profdata reads both"
	cat "$CORPUS/clang14-entry-coverage.profraw" "$CORPUS/clang14-entry-coverage.profraw" >odd.profraw
	scan odd.profraw
	says 1 "DAMAGED: profile 2 is there from byte 348 on, which is no multiple of 8: llvm-profdata refuses it"
	mkdir directory.profraw
	scan directory.profraw
	is "125 125" "$status $(of .status)"
	scan missing.profraw
	is "125 125" "$status $(of .status)"
	# the worst of all is the command's
	scan "$CORPUS/clang14-ir.profraw" empty.profraw
	is 1 "$status"
}

@test "the JSON is as its schema says" {
	cut_up "$CORPUS/mixed-48-in-64.profraw"
	: >empty.profraw
	scan -r "$CORPUS"/*.profraw "${CUTS[@]}" empty.profraw
	python3 "$ROOT/tests/lib/validate.py" "$ROOT/docs/scan.schema.json" out
}
