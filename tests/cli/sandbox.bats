# What is told of a crash beyond its place: the map at the faulting address, and where all other threads were; and that the
# treatments for gVisor do nothing where there is none. Under gVisor itself: tests/real/sandbox.bats.
load ../lib/zoo
setup() {
	zoo_setup
	need babeltrace2
}
teardown() { zoo_teardown; }

# dies STATUS COMMAND…: the trace, in text, in file bt; nothing may hang
dies() {
	local want=$1
	shift
	rm -rf trace
	PREFIX_CMD="timeout 60" capture ex run "${SETTINGS[@]}" -o trace -- "$@"
	is "$want" "$status" "status" || { cat err; return 1; }
	babeltrace2 trace >bt
}
SETTINGS=()
count() { grep -c ") $1: {" bt || true; }

# "NAME how" of each place: with registers, asked of the system, or nowhere
places() {
	sed -nE 's/.*\) thread_place: .* thread = ([0-9]+), pc = ([^,]*), sp = [^,]*, name = "([^"]*)", regs_bytes = ([0-9]*),.*/\3 \2 \4/p' bt |
		awk '{ print $1, $3 ? "registers" : $2 == "0x0" ? "nowhere" : "asked" }' | sort
}
# PROGRAM NAME: the function that the thread of that name was in, where it has registers
function_of() {
	local bias pc
	bias=$(sed -nE "s/.*\) module: .* bias = (0x[0-9A-F]+),.* path = \"[^\"]*\/$1\".*/\1/p" bt)
	pc=$(sed -nE "s/.*\) thread_place: .* pc = ([^,]*), .* name = \"$2\",.*/\1/p" bt)
	addr2line -f -e "$ZOO/$1" "$(printf '0x%x' $((pc - bias)))" | head -1
}

@test "other threads: what the system tells of them, and no signal" {
	dies 139 strace -f -qq -e trace=tgkill,tkill,rt_tgsigqueueinfo -o log "$ZOO/crash_places"
	is "allocates
runs
runs-blocked
sleeps asked
sleeps-blocked asked" "$(places | sed -E 's/^(allocates|runs|runs-blocked) .*/\1/')"
	is "" "$(grep -vE ', 0\) |exited|killed|SIGSEGV' log)" "signals sent"
}
@test "other threads: by a signal, where they can be had" {
	SETTINGS=(-s crash-threads=yes)
	dies 139 "$ZOO/crash_places"
	is "allocates registers
runs registers
runs-blocked nowhere
sleeps registers
sleeps-blocked asked" "$(places)"
	is runs "$(function_of crash_places runs)"
}
@test "other threads: two hundred" {
	SETTINGS=(-s crash-threads=yes)
	dies 139 "$ZOO/crash_places" 200
	is 200 "$(places | grep -c '^sleeps registers')"
	is 0 "$(report trace | jq .lost)" "events lost"
}
@test "other threads: none wanted" {
	SETTINGS=(-s crash-threads=no)
	dies 139 "$ZOO/crash_places"
	is 0 "$(count thread_place)"
}

# CASE WANT: "PROT found" of the mapping, or "- nowhere"; the address is the one that the program said
page() {
	dies 139 "$ZOO/crash_pages" "$1"
	local address
	address=$(cat out)
	is "$2" "$(sed -nE 's/.*\) fault_map: .* address = ([^,]*), begin = ([^,]*), end = ([^,]*), prot = ([^,]*),.*/\1 \2 \3 \4/p' bt |
		while read -r at begin end prot; do
			((begin == 0)) || { ((at >= begin && at < end)) && echo "$((prot)) found"; }
			((begin != 0)) || echo "- nowhere"
			[ -z "$address" ] || ((at == address)) || echo "$at, not $address"
		done)" "fault_map"
}
@test "map: an address far from everything" { page wild "- nowhere"; }
@test "map: the first page" { page first "- nowhere"; }
@test "map: a page without access" { page none "0 found"; }
@test "map: a page that may be read" { page read "1 found"; }
@test "map: code" { page code "5 found"; }
@test "map: the guard below a thread's stack" { page guard "0 found"; }

# WAY STATUS [FAULTS]: ends as it does alone, and one thread spoke for the process, of as many faults
way() {
	local how
	for how in auto yes; do
		SETTINGS=(-s "crash-threads=$how")
		dies "$2" "$ZOO/crash_ways" "$1"
		is "${3:-1}" "$(count fault_map)" "fault_map events, crash-threads=$how"
	done
}
@test "dies in eight threads at once: each is told where it was" {
	way eight 139
	# of each a place: where it was, never where it waits for the first one, which is in the library
	is "9 0" "$(places_of_threads)" "threads, of them in the library"
}
# distinct threads that have a crash or a place, and how many of those lie in the library
places_of_threads() {
	local begin end pc in_library=0 threads
	read -r begin end <<<"$(sed -nE 's/.*\) module: .* begin = ([^,]*), end = ([^,]*), path = "[^"]*\/libexeunt.so".*/\1 \2/p' bt)"
	sed -nE 's/.*\) thread_place: .* thread = ([0-9]+), pc = ([^,]*),.*/\1 \2/p; s/.*\) crash: .* tid = ([0-9]+) .* pc = ([^,]*),.*/\1 \2/p' bt | sort -u >pcs
	threads=$(cut -d' ' -f1 pcs | sort -u | wc -l)
	while read -r _ pc; do
		((pc < begin || pc >= end)) || in_library=$((in_library + 1))
	done <pcs
	echo "$threads $in_library"
}
@test "aborts in two threads" { way aborts 134 0; }
@test "SIGSEGV sent by another thread" {
	way sent 139 0
}
@test "dies in a signal's handler" { way in-handler 139; }
@test "dies while a thread holds the loader's lock" { way loader 139; }
@test "dies while four threads are in malloc" { way heap 139; }
@test "dies after a thread whose own handler never returns" { way handler-stays 139; }
@test "aborts after a thread whose own handler never returns" { way abort-handled 134 0; }
@test "dies after a vfork child that died" {
	way vfork 139 2
	grep -q ') thread_place: ' bt
}
@test "dies with a timer whose handler jumps out: once, as alone" {
	way alarms 139
	is 1 "$(count crash)" "crash events"
}

@test "treatments for gVisor do nothing natively, and handlers are called as without them" {
	"$ZOO/crash_handlers" >want
	SETTINGS=(-s rescue=yes -s fix-si-code=yes -s ballast=1000 -s crash-threads=yes)
	dies 0 "$ZOO/crash_handlers"
	is "$(cat want)" "$(cat out)" "alone (left), under exeunt (right)"
	"$ZOO/crash_handlers" wild >want
	dies 0 "$ZOO/crash_handlers" wild
	is "$(cat want)" "$(cat out)" "alone (left), under exeunt (right)"
	for event in sandbox rescued ballast code_fixed; do
		is 0 "$(count $event)" "$event"
	done
}
@test "treatments for gVisor cure no crash natively" {
	SETTINGS=(-s rescue=yes -s fix-si-code=yes -s ballast=1000)
	for case in wild none read guard; do
		dies 139 "$ZOO/crash_pages" $case
		is 1 "$(count crash)"
	done
}

# systrap rewrites `mov $number, %eax; syscall`: interpose/arch/x86_64.h says what comes of that
@test "no system call of the library's that gVisor would rewrite" {
	for library in "$LIBRARY" "${LIBRARY%.so}-heap.so"; do
		objdump -d --no-show-raw-insn "$library" >code
		[ "$(grep -cP '\tsyscall' code)" -gt 50 ]
		is "" "$(grep -P -B1 '\tsyscall' code | grep -P '\tmov +\$0x[0-9a-f]+,%eax')" "${library##*/}"
	done
}
