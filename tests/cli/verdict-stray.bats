# stray-kernel-write: a system call that writes into a table of the program's own because nobody had set its pointer, by the word that
# the wild address came from; and all that looks like it. Rows: way, the function that makes the call, the call, who uses what it wrote.
load ../lib/zoo
load ../lib/verdicts
setup() { zoo_setup; }
teardown() { zoo_teardown; }

LEFT="
clock   now    clock_gettime  put
block   now    clock_gettime  put_in
getcpu  which  getcpu         follow
call    which  getcpu         act
read    fetch  read           put
wait4   reap   wait4          follow
"
looked() { # PROGRAM WAY
	EX_DIAGNOSE_RUNS=4 verdict "$1" "$2" </dev/null
}
has() { # TEXT PATTERN
	[[ $1 =~ $2 ]] || { echo "no $2 in: $1"; told; return 1; }
}
evidence() { of "[.evidence[] | select(.id == \"$1\") | .text] | join(\"\n\")"; }
why_not() { of '.excluded[] | select(.verdict == "stray-kernel-write") | .why'; }

all_left() { # PROGRAM [WAYS]
	local way caller call user
	while read -r way caller call user <&9; do
		[[ -n $way && " ${2:-$way} " = *" $way "* ]] || continue
		looked "$1" "$way" 9<&-
		is "stray-kernel-write confirmed" "$(of '.verdict + " " + .status')" "$way" || { told; return 1; }
		[[ $1 != */stripped/* ]] || caller="${1##*/}\+0x[0-9a-f]+" user=${1##*/}
		has "$(of .cause)" "^$caller.* made the system call $call, which wrote into .* and $user" || return 1
		has "$(evidence argument)" "stood in rsi, which nothing had set for it" || return 1
		has "$(evidence writer)" "$call\(" || return 1
		is "watch 4 0" "$(of '.arms[] | select(.role == "confirm") | "\(.name) \(.runs) \(.bad)"')" "$way: watched" || return 1
		is "guard=slack 4 4" "$(of '.arms[] | select(.role == "control") | "\(.treatment) \(.runs) \(.bad)"')" "$way: control" || return 1
	done 9<<<"$LEFT"
}

# the symbols' addresses by nm, and how the table is laid out: 32 bytes a row
word_of() { # PROGRAM WAY
	local symbol=table more
	case $2 in
	clock | read | thread | own | cast) more=$((2 * 32)) ;;
	getcpu | wait4) more=$((3 * 32 + 16)) ;;
	call) more=$((3 * 32 + 24)) ;;
	beyond) symbol=behind more=0 ;;
	esac
	printf '%s+0x%x 8\n' "${1##*/}" $((0x$(nm "$1" | awk -v "s=$symbol" '$3 == s { print $1 }') + more))
}

@test "report: the word that the bad value came from, at -O0, -O1 and -O2" {
	local program way
	for program in "$ZOO/stale" "$ZOO/stale.O0" "$ZOO/stale.O2"; do
		for way in clock getcpu call read wait4 beyond thread own cast; do
			rm -rf trace
			capture ex run -o trace -- "$program" $way
			report trace >json
			is "$(word_of "$program" $way)" "$(of '.crash.bad_value | "\(.word) \(.bytes)"')" "$way of ${program##*/}" || return 1
		done
		rm -rf trace
		capture ex run -o trace -- "$program" wrong
		report trace >json
		is null "$(of .crash.bad_value.word)" "an index that was computed"
		has "$(of .crash.bad_value.why_unknown)" "it is what the call at wrong.* returned"
	done
}
@test "by an argument that was left: clock_gettime, getcpu, read, wait4" { all_left "$ZOO/stale"; }
@test "the same without symbols: by module and offset" { all_left "$ZOO/stripped/stale" "clock call wait4"; }
@test "the same at -O0" { all_left "$ZOO/stale.O0" "clock block call"; }
@test "the same at -O2" { all_left "$ZOO/stale.O2" "getcpu read"; }
@test "read beyond an object, into the next; without symbols objects have no end" {
	looked "$ZOO/stale" beyond
	is "stray-kernel-write confirmed" "$(of '.verdict + " " + .status')" || { told; return 1; }
	has "$(of .cause)" "^beyond.* made the system call read, which wrote into behind "
	has "$(evidence argument)" "leads to name, of which 16 bytes are left, and it wrote on into behind"
	looked "$ZOO/stripped/stale" beyond
	is "wild-address likely" "$(of '.verdict + " " + .status')" || { told; return 1; }
}
@test "rivals: the program's own store, or a call that was asked for it; the writer is told" {
	local way
	for way in store thread own cast; do
		looked "$ZOO/stale" $way
		is "wild-address likely" "$(of '.verdict + " " + .status')" "$way" || { told; return 1; }
		case $way in
		store) has "$(evidence writer)" "last write to that word was .* by .*(memcpy|memmove|store)" ;;
		thread) has "$(evidence writer)" "last write to that word was .*spoil\+" ;;
		own) has "$(evidence writer)" "last write to that word was .*read\(" && has "$(why_not)" "asked for just that: its second argument.* was set at own" ;;
		cast) has "$(evidence writer)" "last write to that word was .*clock_gettime\(" && has "$(why_not)" "asked for just that: its second argument.* was set at cast" ;;
		esac || return 1
	done
}
@test "rivals: not written at all; nothing wrong" {
	looked "$ZOO/stale" wrong
	is "wild-address likely" "$(of '.verdict + " " + .status')" || { told; return 1; }
	has "$(why_not)" "which word of memory the address came from is not known: it is what the call at wrong.* returned"
	looked "$ZOO/stale" sound
	is "healthy none" "$(of '.verdict + " " + .status')" || { told; return 1; }
}
