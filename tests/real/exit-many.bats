# A program that ends while a detached thread allocates does so the same way every time, 20 000 times, with the library in
# front. EX_RUNS: how often.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

RUNS=${EX_RUNS:-20000}
TOGETHER=2

# worker N COUNT PROGRAM: a line for each run that was not as it should be
worker() {
	local n=$1 count=$2 program=$3 run status
	for ((run = 1; run <= count; run++)); do
		status=0
		EXEUNT="out=$WORK/trace.$n" LD_PRELOAD=$LIBRARY "$program" >>"out.$n" 2>>"err.$n" </dev/null || status=$?
		[ $status = 0 ] || echo "run $run of worker $n: status $status" >>"bad.$n"
		# a sample of the traces is looked at; the others go at once, 200 processes to a folder
		((run % 200)) || { mv "$WORK/trace.$n" "$WORK/last.$n.new" && rm -rf "last.$n" && mv "last.$n.new" "last.$n"; }
	done
	echo "$((run - 1))" >"done.$n"
}
many() { # PROGRAM
	local program=$1 n pids=() before=$SECONDS lines observed
	lines=$("$program")
	LAST="EXEUNT=out=trace LD_PRELOAD=$LIBRARY $program"
	for ((n = 1; n <= TOGETHER; n++)); do
		worker $n $((RUNS / TOGETHER)) "$program" 2>noise &
		pids+=($!)
	done
	wait "${pids[@]}"
	observed=$(cat done.* | awk '{ n += $1 } END { print n }')
	echo "# ${program##*/}: $observed runs in $((SECONDS - before)) s, $(cat bad.* 2>/dev/null | wc -l) with another status" >&3
	is "$((RUNS / TOGETHER * TOGETHER))" "$observed" "runs"
	is "" "$(cat bad.* 2>/dev/null | head)" "runs that differ"
	is "" "$(cat err.* | head)" "standard error"
	is "$(awk -v n="$observed" '{ print n, $0 }' <<<"$lines" | sort)" \
		"$(cat out.* | awk '{ n[$0]++ } END { for (line in n) print n[line], line }' | sort)" "lines of output, counted"
}

@test "20 000 ends with a detached thread that allocates" {
	many "$ZOO/exit/detached_allocates"
	# and they were observed: the last whole folder of each worker
	local trace
	for trace in last.*; do
		is "200 exit 0" "$(report "$trace" | jq -r '[.processes[].end | "\(.kind) \(.status)"] | group_by(.)[] | "\(length) \(.[0])"')" "ends in $trace"
	done
}
