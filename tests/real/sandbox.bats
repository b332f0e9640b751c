# Under gVisor: what it is is told; a crash for want of the host's mappings is told whole, with the places of all threads, every
# time; and the treatments do what they say. Debian's runsc with ptrace; EX_RUNSC=PATH: another one too, with systrap and ptrace.
# EX_TIMES=4: how often what must hold every time is run.
load ../lib/zoo
load ../lib/sandbox
TIMES=${EX_TIMES:-4}
setup() {
	zoo_setup
	need babeltrace2
	sandbox_platforms
}
teardown() { zoo_teardown; }

# each_platform COMMAND…: on each; what it says of itself begins with its name
each_platform() {
	local platform
	for platform in "${PLATFORMS[@]}"; do
		read -r RUNSC PLATFORM <<<"$platform"
		"$@" || { echo "on: $RUNSC --platform=$PLATFORM"; return 1; }
	done
}
# inside COMMAND…: output through a pipe, for a file would be written at the sandbox's own offset
inside() {
	LAST="$RUNSC --platform=$PLATFORM --network=none --ignore-cgroups do -force-overlay=false $*"
	status=0
	timeout 300 "$RUNSC" "--platform=$PLATFORM" --network=none --ignore-cgroups do -force-overlay=false "$@" </dev/null 2>err | cat >out || true
	status=${PIPESTATUS[0]}
}
# seen [-s KEY=VALUE…] PROGRAM…: under exeunt, the trace as text in bt
seen() {
	local settings=()
	while [ "$1" = -s ]; do
		settings+=(-s "$2")
		shift 2
	done
	rm -rf trace
	inside "$EXEUNT_COMMAND" run "${settings[@]}" -o "$WORK/trace" -- "$@"
	babeltrace2 trace >bt
}
count() { grep -c ") $1: {" bt || true; }
# threads that were alive at the crash, by what THREAD_BEGIN and THREAD_END say, and main; and those with a crash or a place
alive() {
	{ echo main; sed -nE 's/.*\) thread_(begin|end): .* tid = ([0-9]+) .*/\2/p' bt | sort | uniq -u; } | wc -l
}
placed() {
	sed -nE 's/.*\) thread_place: .* thread = ([0-9]+), pc = 0x[0-9A-F]{2,},.*/\1/p; s/.*\) crash: .* tid = ([0-9]+) .*/\1/p' bt | sort -u | wc -l
}
prots() { sed -nE 's/.*\) fault_map: .* end = [^,]*, prot = ([0-9]+),.*/\1/p' bt | sort -u | paste -sd' '; }

told() {
	seen "$ZOO/grow_threads" 1 1
	is "0 OK" "$status $(cat out)" || return 1
	is 1 "$(count sandbox)" "sandbox events" || return 1
	local want=unknown
	[ "$PLATFORM" != systrap ] || want=systrap
	grep -q ") sandbox: .* kind = ( \"gvisor\" .* platform = ( \"$want\" .* mapping_limit = 65530 " bt ||
		{ grep ') sandbox: ' bt; return 1; }
}
@test "gVisor is recognised, and systrap where it is" { each_platform told; }

# THREADS MIB [PROGRAM]: dies each time, and the trace has all of it
exhausted() {
	local i
	for ((i = 1; i <= TIMES; i++)); do
		seen "$ZOO/${3:-grow_threads}" "$1" "$2"
		is 139 "$status" "run $i: status" || return 1
		is "$(alive)" "$(placed)" "run $i: threads alive (left), with a place (right)" || return 1
		is 3 "$(prots)" "run $i: protection of the mapping that the fault was on" || return 1
		is 1 "$(count fault_map)" "run $i: maps told" || return 1
	done
}
@test "exhaustion, two threads: told whole" { each_platform exhausted 2 600; }
@test "exhaustion, four threads: told whole" { each_platform exhausted 4 600; }
@test "exhaustion, eight threads: told whole" { each_platform exhausted 8 600; }
@test "exhaustion in a fork child: told whole" {
	TIMES=1
	each_platform exhausted 4 600 grow_child
}

rescued() { # PROGRAM THREADS MIB
	local i program=$1
	shift
	for ((i = 1; i <= TIMES; i++)); do
		seen -s rescue=yes "$ZOO/$program" "$@"
		is "0 OK" "$status $(cat out)" "run $i: status" || return 1
		[ "$(count rescued)" -gt 0 ] || { echo "run $i: no rescue"; return 1; }
		is 0 "$(count crash)" "run $i: crashes told" || return 1
	done
}
@test "rescue: two threads live" { each_platform rescued grow_threads 2 600; }
@test "rescue: four threads live" { each_platform rescued grow_threads 4 600; }
@test "rescue: eight threads live" { each_platform rescued grow_threads 8 600; }
@test "rescue: sixteen threads live" {
	TIMES=1
	each_platform rescued grow_threads 16 600
}
@test "rescue: a fork child lives" {
	TIMES=1
	each_platform rescued grow_child 4 600
}
@test "rescue: a program's own handler never sees the fault" {
	TIMES=1
	handled() {
		inside "$ZOO/grow_handler" 4 600
		# under systrap the handler itself dies, of the first page that it touches
		[ "$status" = 3 ] || [ "$PLATFORM$status" = systrap139 ] || { echo "alone: status $status"; return 1; }
		rescued grow_handler 4 600
	}
	each_platform handled
}

weighted() {
	seen "$ZOO/grow_threads" 4 100
	is "0 OK" "$status $(cat out)" "without ballast" || return 1
	seen -s ballast=60001 "$ZOO/grow_threads" 4 100
	is 139 "$status" "with ballast" || return 1
	grep -q ') ballast: .* wanted = 60001, made = 60001, error = 0 }' bt || { grep ') ballast: ' bt; return 1; }
	is "5 3" "$(placed) $(prots)" "threads with a place, protection"
}
@test "ballast: what lives without dies with it, and is told" { each_platform weighted; }

handlers() {
	local option
	for case in "" wild; do
		inside "$ZOO/crash_handlers" $case
		is 0 "$status" "alone: status" || return 1
		cp out want
		for option in fix-si-code=no rescue=yes; do
			seen -s $option "$ZOO/crash_handlers" $case
			is "$(cat want)" "$(cat out)" "alone (left), with $option (right)" || return 1
			is 0 "$(count rescued)" "rescues" || return 1
		done
		# the code of a page without access becomes what it is natively, that of no page at all stays
		seen -s fix-si-code=yes "$ZOO/crash_handlers" $case
		[ -n "$case" ] || sed -i '/^signal:\|^chained to signal:/!s/code 1,/code 2,/' want
		is "$(cat want)" "$(cat out)" "alone, by Linux' codes (left), with fix-si-code=yes (right)" || return 1
		[ -z "$case" ] || is 0 "$(count code_fixed)" "codes changed" || return 1
	done
}
@test "handlers of the program's own are called as without us; codes are mended where they are wrong" { each_platform handlers; }

pages() { # what a wild address is, and what is none of the host's doing
	local case want
	for case in "wild 0" "none 0" "read 1" "code 5" "first 0"; do
		read -r case want <<<"$case"
		seen -s rescue=yes "$ZOO/crash_pages" "$case"
		is "139 $want 0" "$status $(prots) $(count rescued)" "$case: status, protection, rescues" || return 1
	done
}
@test "rescue does not touch faults that are the program's own" { each_platform pages; }
