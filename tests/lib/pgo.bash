# pgo.bash: the programs of tests/zoo/pgo, what diagnose must say of each, and which rival it must have excluded. For
# pgo-confusion.bats, pgo-order.bats and nameless.bats. Loaded behind zoo.bash and verdicts.bash.
# shellcheck shell=bash disable=SC2154,SC2034

PGO=$ZOO/pgo
PGO_RUNS=4 # every one of them does the same each time, so that four runs of an arm exclude chance
export RUST_BACKTRACE=0

# verdict, status, rival that is excluded, command; in front of a program "mimalloc": preloaded, and destroys its heap at
# exit. Every program is diagnosed with symbols and without.
PGO_PROGRAMS='mixed-profile-layouts confirmed profile-after-teardown mixed_exit
mixed-profile-layouts confirmed profile-after-teardown mimalloc mixed_exit
mixed-profile-layouts confirmed profile-after-teardown mixed_site
mixed-profile-layouts confirmed profile-after-teardown mixed_early
mixed-profile-layouts confirmed profile-after-teardown mixed_refused
mixed-profile-layouts confirmed profile-after-teardown mixed_c22
mixed-profile-layouts confirmed profile-after-teardown mixed_c14
mixed-profile-layouts confirmed profile-after-teardown mixed_c22_site
mixed-profile-layouts confirmed profile-after-teardown mixed_c14_site
mixed-profile-layouts confirmed profile-after-teardown mixed_c22_refused
mixed-profile-layouts confirmed profile-after-teardown mixed_silent22
mixed-profile-layouts confirmed profile-after-teardown mixed_silent14
mixed-profile-layouts confirmed profile-after-teardown mixed_beside
mixed-profile-layouts confirmed profile-after-teardown mixed_dso
mixed-profile-layouts confirmed profile-after-teardown mixed_cover
mixed-profile-layouts confirmed profile-after-teardown mixed_order
profile-after-teardown confirmed mixed-profile-layouts mimalloc healthy_dso
profile-after-teardown confirmed mixed-profile-layouts mimalloc healthy_order14
profile-after-teardown confirmed mixed-profile-layouts mimalloc mixed_order
profile-after-teardown confirmed mixed-profile-layouts mimalloc prof_app
profile-lost confirmed mixed-profile-layouts healthy_22 _exit
profile-lost confirmed mixed-profile-layouts healthy_22 term
profile-lost confirmed mixed-profile-layouts healthy_c14 abort
profile-lost confirmed mixed-profile-layouts mixed_exit _exit
profile-lost confirmed mixed-profile-layouts mixed_exit abort
profile-lost confirmed mixed-profile-layouts mixed_c14 term
null-dereference likely mixed-profile-layouts healthy_22 null
null-dereference likely mixed-profile-layouts mixed_exit null
null-dereference likely mixed-profile-layouts mixed_exit handler
null-dereference likely mixed-profile-layouts mixed_c22 null
null-dereference likely mixed-profile-layouts mixed_c14 null
null-dereference likely mixed-profile-layouts mixed_c22 call
null-dereference likely mixed-profile-layouts mixed_c14 call
null-dereference likely mixed-profile-layouts mixed_c22_site first null
null-dereference likely mixed-profile-layouts mixed_c14_site first null
null-dereference likely mixed-profile-layouts mixed_exit part-call
null-dereference likely mixed-profile-layouts mixed_c14 part-call
unknown none mixed-profile-layouts mimalloc mixed_dso
wild-address likely mixed-profile-layouts mixed_c22_site first pair
unknown none mixed-profile-layouts healthy_22 stray64
unknown none mixed-profile-layouts healthy_c14 stray48
healthy none - healthy_22
healthy none - healthy_22novp
healthy none - healthy_19
healthy none - healthy_gcc
healthy none - healthy_c22
healthy none - healthy_c14
healthy none - healthy_dso
healthy none - healthy_order14
healthy none - healthy_cover
healthy none - healthy_early
healthy none - healthy_c22novp
healthy none - healthy_c14novp
healthy none - healthy_silent22
healthy none - healthy_silent14
healthy none - healthy_beside
healthy none - healthy_dso22
healthy none - mimalloc healthy_22'

# skips with the reason where a program could not be built
pgo_need() { # PROGRAM…
	local program
	for program in "$@"; do
		[ -e "$PGO/$program" ] && continue
		command -v rustc >/dev/null || skip "$program: rustc is missing (a Rust toolchain, which no Debian package of ours brings)"
		need clang-19
		need clang-22
		echo "$program was not built"
		return 1
	done
}
pgo_rustc() { # its records are those of clang-19 to clang-22
	local release
	release=$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
	[ "$release" -ge 19 ] && [ "$release" -le 22 ] || skip "rustc's LLVM is $release, and the records of the programs are those of 19 to 22"
}

# pgo FOLDER WORD… PROGRAM [HOW]: diagnoses it into the file json
pgo() {
	local -a command=()
	local word folder=$1
	shift
	if [ "$1" = mimalloc ]; then
		command=(env MIMALLOC_DESTROY_ON_EXIT=1 "LD_PRELOAD=$MIMALLOC")
		shift
	fi
	local program=$PGO/$folder/$1
	[ -e "$program" ] || program=$ZOO/$1
	shift
	EX_DIAGNOSE_RUNS=$PGO_RUNS verdict "${command[@]}" "$program" "$@"
}

# rows of a verdict, each with symbols and stripped; in the file table "EXPECTED GIVEN FOLDER COMMAND"; fails when one differs
pgo_verdict() { # VERDICT [PATTERN]
	local expected status_expected rival words folder given failed=0
	while read -r expected status_expected rival words <&9; do
		[ "$expected" = "$1" ] || continue
		[[ $words =~ ${2:-.} ]] || continue
		for folder in . stripped; do
			# shellcheck disable=SC2086
			pgo $folder $words 9<&-
			given=$(of '.verdict + " " + .status')
			echo "$expected ${given% *} $folder $words" >>"${TABLE:-/dev/null}"
			[ "$given" = "$expected $status_expected" ] || {
				echo "$folder $words: $given, not $expected $status_expected; $LAST"
				told
				failed=1
			}
			[ "$rival" = - ] || jq -e --arg rival "$rival" 'any(.excluded[]; .verdict == $rival and (.why | length > 10))' json >/dev/null || {
				echo "$folder $words: $rival is not excluded with a reason; $LAST"
				told
				failed=1
			}
		done
	done 9<<<"$PGO_PROGRAMS"
	return $failed
}

# what a merged profile says, one line a function: name, hash, counts, and where its calls went; local names in one form
pgo_counts() { # LLVM FILE…
	local llvm=$1
	shift
	"llvm-profdata-$llvm" merge -o merged.profdata "$@" || return 1
	"llvm-profdata-$llvm" show --all-functions --counts --ic-targets merged.profdata | sed 's|\.c;|.c:|' |
		awk '/^Counters:|^Instrumentation level/ { next }
			/^Functions shown/ { exit }
			/^  [^ ]/ { if (line) print line; line = $1; next }
			{ gsub(/[ \t]+/, " "); line = line $0 }
			END { print line }' | sort
}
