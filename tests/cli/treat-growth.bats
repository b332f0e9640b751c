# Treatments of growth: each does what it says to the calls that are made, and nothing to what the program computes.
load ../lib/zoo
load ../lib/growth
setup() {
	zoo_setup
	need babeltrace2
}
teardown() { zoo_teardown; }

# treated "KEY=VALUE …" PROGRAM…: a run that does what it does untreated; its growth as JSON in file growth
treated() {
	local settings=() word
	for word in $1; do settings+=(-s "$word"); done
	shift
	rm -rf trace
	capture timeout 120 "$EXEUNT_COMMAND" run "${settings[@]}" -o trace -- "$@"
	is "0 OK" "$status $(cat out err)" "status and output with ${settings[*]}"
	is "" "$(babeltrace2 trace | grep ' refused: ' || true)" "settings that were refused"
	report trace | jq .growth >growth
}
of_growth() { jq -r "$1" growth; }
# durations of the events growth that are growths, one a line
durations() { babeltrace2 trace | sed -nE 's/.* growth: .* n = [1-9][0-9]*, .* duration = ([0-9]+),.*/\1/p'; }

@test "arenas=N: no more than N" {
	for n in 1 2 3; do
		treated "arenas=$n" "$ZOO/grow_threads" 8 64
		[ "$(of_growth '.arenas | length')" -le $n ] || { of_growth .arenas; return 1; }
		[ "$(of_growth '.arenas | length')" -ge 1 ]
	done
	treated "arenas=1" "$ZOO/grow_threads" 8 8
	is "0" "$(of_growth '.by_class["heap-reserve"] // 0')"
}
@test "grow-step=SIZE: a hundredth of the calls, and the same memory is there" {
	treated "" "$ZOO/grow_threads" 4 300
	before=$(of_growth '.by_syscall.mprotect')
	treated grow-step=2M "$ZOO/grow_threads" 4 300
	after=$(of_growth '.by_syscall.mprotect')
	echo "mprotect: $before calls without, $after with grow-step=2M"
	[ "$before" -ge 70000 ]
	[ $((after * 100)) -le "$before" ]
}
@test "grow-step: what a call without it would fail for still fails, and only then" {
	treated grow-step=2M "$ZOO/grow_limit"
	treated grow-step=2M "$ZOO/grow_retry"
	treated grow-step=64K "$ZOO/grow_retry"
}
@test "grow-step: heaps that shrink, are deleted and grow again; shared arenas" {
	treated grow-step=1M "$ZOO/grow_trim"
	treated grow-step=1M "$ZOO/grow_threads" 8 64 free
	treated grow-step=1M "$ZOO/grow_churn"
	treated grow-step=1M "$ZOO/grow_mix"
	treated "grow-step=1M arenas=2" "$ZOO/grow_threads" 8 64 free
	is "heap-first-commit heap-extend" "$(of_growth '[("heap-first-commit", "heap-extend") as $c | select(.by_class[$c] > 0) | $c] | join(" ")')"
}
@test "serialize=growth: no two threads grow at the same time" {
	# without it some do, or there would be nothing to show
	treated "delay=growth:50" "$ZOO/grow_threads" 8 16
	[ "$(of_growth .overlap)" -gt 1000 ]
	treated "serialize=growth delay=growth:50" "$ZOO/grow_threads" 8 16
	is 0 "$(of_growth .overlap)"
	for program in "grow_threads 8 64" grow_churn grow_contend grow_mix grow_trim grow_mmap; do
		# shellcheck disable=SC2086
		treated serialize=growth "$ZOO"/$program
		is 0 "$(of_growth .overlap)" "$program"
	done
}
@test "serialize=malloc: no two threads grow at the same time either" {
	for program in "grow_threads 8 64" grow_churn grow_contend grow_mix; do
		# shellcheck disable=SC2086
		treated serialize=malloc "$ZOO"/$program
		is 0 "$(of_growth .overlap)" "$program"
	done
}
@test "serialize: growth that fails does not hang, 50 runs" {
	for how in growth malloc; do
		for _ in $(seq "${EX_RUNS:-50}"); do
			rm -rf trace
			capture timeout 60 "$EXEUNT_COMMAND" run -s serialize=$how -o trace -- "$ZOO/grow_retry" 8 40
			is "0 OK" "$status $(cat out err)" "status (124 is a hang) and output, serialize=$how"
		done
		report trace | jq -e '.growth.failed.count > 100 and .growth.overlap == 0'
	done
}
@test "serialize: forks, signals and limits do not hang" {
	for how in growth malloc; do
		treated serialize=$how "$ZOO/grow_forks" 20
		treated serialize=$how "$ZOO/grow_signals" 100
		treated serialize=$how "$ZOO/grow_signals" 100 calls
		treated serialize=$how "$ZOO/grow_limit"
		treated serialize=$how "$ZOO/grow_wait"
	done
}
@test "delay=growth:USEC: every growth takes so long, and nothing else" {
	treated delay=growth:300 "$ZOO/grow_threads" 2 1
	durations >all
	is "$(of_growth .growths)" "$(wc -l <all)"
	[ "$(wc -l <all)" -ge 200 ]
	is "" "$(awk '$1 < 300000' all)" "growths shorter than 300 us, in ns"
}
# how alike two columns are: correlation, times 100. Sleeps that last longer than they should do not change much of it
alike() {
	paste "$1" "$2" | awk '{ x = $1 < 8e6 ? $1 : 8e6; y = $2 < 8e6 ? $2 : 8e6; n++; sx += x; sy += y; xx += x * x; yy += y * y; xy += x * y }
		END { print int(100 * (n * xy - sx * sy) / sqrt((n * xx - sx * sx) * (n * yy - sy * sy))) }'
}
@test "delay with seed: drawn up to twice as long, the same draw again" {
	for seed in 7 7 8; do
		treated "delay=growth:4000 seed=$seed" "$ZOO/grow_threads" 1 1
		durations >"all.$((++n))"
		is "$(of_growth .growths)" "$(wc -l <"all.$n")"
		# the mean of what is drawn is 4 ms: no 258 draws lower it by half
		awk '{ sum += $1 } END { exit sum / NR < 2e6 }' "all.$n"
	done
	[ "$(alike all.1 all.2)" -gt 60 ] || { echo "seed 7 twice: $(alike all.1 all.2)"; return 1; }
	[ "$(alike all.1 all.3)" -lt 60 ] || { echo "seeds 7 and 8: $(alike all.1 all.3)"; return 1; }
}
@test "fail=growth:ENOMEM@N+M: exactly those growths, once in each process" {
	treated fail=growth:ENOMEM@20+7 "$ZOO/grow_threads" 1 2
	is "7 7" "$(of_growth '"\(.failed.count) \(.refused_by_treatment)"')"
	is "$(seq 20 26 | paste -sd' ')" "$(babeltrace2 trace | sed -nE 's/.* growth: .* error = 12, n = ([0-9]+),.*/\1/p' | sort -n | paste -sd' ')"
}
@test "fail: in each process of its own" {
	capture ex run -s fail=growth:ENOMEM@2+3 -o trace -- sh -c '"$1" 1 1; "$1" 1 1; :' - "$ZOO/grow_threads"
	is "0 OK OK" "$status $(cat out | paste -sd' ')"
	is "3 3" "$(babeltrace2 trace | grep ' growth: ' | grep ' error = 12,' | grep -o ' pid = [0-9]*' | sort | uniq -c | awk '{ print $1 }' | tail -2 | paste -sd' ')"
}
@test "fail: the program gets NULL and ENOMEM, whatever the call failed with" {
	for error in ENOMEM EAGAIN EPERM; do
		rm -rf trace
		capture ex run -s fail=growth:$error@5+100000 -o trace -- "$ZOO/grow_refused"
		is "0 NULL with ENOMEM" "$status $(cat out)" "$error"
		is $error "$(report trace | jq -r '.growth.failed.by_errno | keys | join(" ")')"
	done
	rm -rf trace
	capture ex run -o trace -- "$ZOO/grow_refused"
	is "0 never NULL" "$status $(cat out)"
}
@test "limits=raise: what the soft limit refuses is there" {
	ulimit -S -d 40000
	capture ex run -o trace -- "$ZOO/grow_refused"
	is "0 NULL with ENOMEM" "$status $(cat out)"
	capture ex run -s limits=raise -o trace2 -- "$ZOO/grow_refused"
	is "0 never NULL" "$status $(cat out)"
}
