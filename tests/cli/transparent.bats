# Programs do the same under the library: same output, same status, nothing on standard error.
# EX_RUNS: how often each (200).
load ../lib/zoo
setup() {
	zoo_setup
	mkdir folder
	touch folder/one folder/two
}
teardown() { zoo_teardown; }

same() { # COMMAND…: bare preload and exeunt run, EX_RUNS times each
	local n bad=0 want want_status=0
	want=$("$@" 2>&1) || want_status=$?
	for n in $(seq "${EX_RUNS:-200}"); do
		status=0
		EXEUNT="out=$WORK/trace" LD_PRELOAD=$LIBRARY "$@" >out 2>err || status=$?
		if [ $status != $want_status ] || [ -s err ] || [ "$(cat out)" != "$want" ]; then
			echo "bare preload, run $n: status $status, $(cat out err)"
			bad=$((bad + 1))
		fi
		rm -rf trace
		status=0
		"$EXEUNT_COMMAND" run -o trace -- "$@" >out 2>err || status=$?
		if [ $status != $want_status ] || [ -s err ] || [ "$(cat out)" != "$want" ]; then
			echo "exeunt run, run $n: status $status, $(cat out err)"
			bad=$((bad + 1))
		fi
		rm -rf trace
	done
	LAST="$EXEUNT_COMMAND run -o trace -- $*"
	is 0 $bad "differing runs of $*"
}

@test "true" { same true; }
@test "ls" { same ls folder; }
@test "python3 -c pass" { same python3 -c pass; }
@test "git --version" { same git --version; }
@test "bash -c 'a|b'" { same bash -c 'printf "b\na\n" | sort'; }
@test "a status of its own" { EX_RUNS=5 same sh -c 'exit 77'; }
@test "ends by a signal" { EX_RUNS=5 same sh -c 'kill -TERM $$'; }
@test "is killed" { EX_RUNS=5 same "$ZOO/leave_signal_kill"; }
@test "standard input goes through" {
	is "1107 bytes" "$(head -c 1107 /dev/zero | ex run -o trace -- "$ZOO/waits_on_stdin")"
}
@test "the zoo does what it does without exeunt" {
	local program bad=0 want how
	for program in "$ZOO"/*; do
		[ -f "$program" ] || continue
		case ${program##*/} in
		*.so | stripped | sigkill_loop | static_exe | prof*) continue ;;
		tells_heaps | handles_asan) continue ;; # print addresses
		collector) continue ;;			 # ends by chance
		esac
		status=0
		"$program" >out.1 2>err.1 </dev/null || status=$?
		want=$status
		for how in run bare wrapped; do
			case $how in
			run) capture ex run -o "run.${program##*/}" -- "$program" </dev/null ;;
			wrapped) capture ex run -s log=counters -s serialize=malloc -o "wrapped.${program##*/}" -- "$program" </dev/null ;;
			bare) EXEUNT="out=$WORK/bare.${program##*/}" LD_PRELOAD=$LIBRARY capture "$program" </dev/null ;;
			esac
			if [ "$status" != "$want" ] || ! diff out.1 out || ! diff err.1 err; then
				echo "${program##*/}: status $want without, $status with exeunt ($how)"
				bad=1
			fi
		done
	done
	[ $bad = 0 ]
}
