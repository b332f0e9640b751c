# growth.bash: growth as others count it. Loaded after zoo.bash.
# shellcheck shell=bash disable=SC2034,SC2154

ORACLE=$ROOT/tests/oracle
# the calls that are counted, and what tells which process makes them
TRACED=mmap,munmap,mprotect,mremap,madvise,brk,execve,clone,clone3,fork,vfork
# Debian's own where there are several: a script in front of it is another program
PYTHON=/usr/bin/python3
[ -x "$PYTHON" ] || PYTHON=python3

# traced COMMAND…: observed under strace: files log, trace, out, err
traced() {
	need strace
	need babeltrace2
	rm -rf trace log
	status=0
	LAST="strace -f -i -y -e trace=$TRACED -o log $EXEUNT_COMMAND run ${SETTINGS[*]} -o trace -- $*"
	strace -f -i -y -e "trace=$TRACED" -o log "$EXEUNT_COMMAND" run "${SETTINGS[@]}" -o trace -- "$@" >out 2>err || status=$?
	is "0 " "$status $(cat err)" "status and standard error of $*"
}
SETTINGS=()

# the last image of each process: what its report says, as strace.py --last prints it
reported() { # TRACE
	local pid _
	while read -r pid _; do
		report --pid "$pid" "$1" 2>/dev/null >one.json || { echo "$pid"; continue; } # observed, and left no event
		jq -r --arg pid "$pid" '[$pid] + [(.growth.by_syscall // {}) as $of
			| ("mmap", "munmap", "mprotect", "mremap", "madvise", "brk")
			| select(($of[.] // 0) > 0) | "\(.)=\($of[.])"] | join(" ")' one.json
	done <want.last
}

# exact COMMAND…: events, and each process's report, count what libc did, to the call; nothing is lost
exact() {
	traced "$@"
	"$PYTHON" "$ORACLE/strace.py" log >want
	"$PYTHON" "$ORACLE/strace.py" --last log >want.last
	[ -s want ] || { echo "strace saw no call of libc's"; return 1; }
	is "$(cat want)" "$("$PYTHON" "$ORACLE/events.py" calls trace)" "calls by process image: strace (left), events (right)"
	is "$(cat want.last)" "$(reported trace)" "calls by process: strace (left), report (right)"
	is 0 "$(report trace | jq .lost)" "events lost"
}
# accounted COMMAND…: one process that takes the room of its own events, or interrupts itself: every call is an event, or
# counted as lost
accounted() {
	traced "$@"
	"$PYTHON" "$ORACLE/strace.py" log >want
	"$PYTHON" "$ORACLE/events.py" calls trace >got
	is 1 "$(wc -l <want)" "process images"
	local lost
	lost=$(report trace | jq .lost)
	awk -v lost="$lost" '{ for (i = 2; i <= NF; i++) { split($i, x, "="); n[NR, x[1]] = x[2]; names[x[1]] = 1 } }
		END {
			for (name in names) {
				missing += n[1, name] - n[2, name]
				if (n[2, name] > n[1, name])
					bad = 1
			}
			exit bad || missing != lost
		}' want got || { echo "strace, events, and $lost lost:"; cat want got; return 1; }
}
# at_least N CALL: strace saw so many, or the comparison compared nothing
at_least() {
	local most
	most=$(grep -o "$2=[0-9]*" want | cut -d= -f2 | sort -n | tail -1)
	[ "${most:-0}" -ge "$1" ] || { echo "no process with $1 calls of $2:"; cat want; return 1; }
}
