# Whatever happens to the trace, the target does not notice, and the loss is counted.
load ../lib/zoo
setup() { zoo_setup; }
teardown() {
	[ -z "${MOUNTED:-}" ] || umount "$MOUNTED"
	zoo_teardown
}

# unharmed WANTED-STATUS WANTED-OUT: after capture
unharmed() {
	is "$1" "$status" "exit status"
	is "$2" "$(cat out)" "standard output"
	is "" "$(cat err)" "standard error"
}
plain() { "$ZOO/order_exe" 2>&1; }
bare() { # TRACE COMMAND…
	local trace=$1
	shift
	EXEUNT="out=$trace" LD_PRELOAD=$LIBRARY "$@"
}
small_disk() { # SIZE
	[ "$(id -u)" = 0 ] || skip "only root can mount a small disk"
	mkdir small
	mount -t tmpfs -o "size=$1" none small 2>mount.err || skip "cannot mount a small disk: $(cat mount.err)"
	MOUNTED=$WORK/small
}
full_disk() { # SIZE: bare preload, which counts in the ledger
	small_disk "$1"
	capture bare "$MOUNTED/trace" "$ZOO/order_exe"
	unharmed 0 "$(plain)"
	rm -rf "$MOUNTED/trace"
	for n in 1 2 3 4 5 6; do printf '%s\n' "$ZOO/order_exe"; done >script
	capture bare "$MOUNTED/trace" bash script
	unharmed 0 "$(for n in 1 2 3 4 5 6; do plain; done)"
	rm -rf trace
	mkdir trace
	cp -a "$MOUNTED/trace/." trace
	report trace >json 2>report.err || { cat report.err; grep -qE 'no events' report.err; return; }
	jq -e '.lost > 0' json
}

@test "full disk, 64K" { full_disk 64k; }
@test "full disk, 256K" { full_disk 256k; }
@test "full disk, 1M, under exeunt run" {
	small_disk 1m
	for n in $(seq 40); do printf '%s >/dev/null\n' "$ZOO/many_handlers"; done >script
	echo "exit 3" >>script
	capture ex run -o "$MOUNTED/trace" -- bash script
	unharmed 3 ""
	report "$MOUNTED/trace" | jq -e '.lost > 0'
}
@test "a disk that fills during diagnose: what was done is told, exit status 125" {
	small_disk 400k
	capture ex diagnose --runs 50 -o "$MOUNTED/d" -- "$ZOO/null_deref"
	is 125 "$status"
	grep -q '^null-dereference, likely' out
	grep -q 'a run could not be made' out
	grep -q 'No space left on device' err
}
@test "disk that is full before" {
	small_disk 64k
	head -c 100000 /dev/zero >small/ballast 2>/dev/null || true
	capture bare "$MOUNTED/trace" "$ZOO/order_exe"
	unharmed 0 "$(plain)"
}
@test "folder that cannot be made" {
	capture bare /proc/no/such/folder "$ZOO/order_exe"
	unharmed 0 "$(plain)"
	capture bare "$WORK/out/below/a/file" "$ZOO/order_exe"
	unharmed 0 "$(plain)"
}
@test "folder without write permission" {
	mkdir -m 555 closed
	if [ "$(id -u)" != 0 ]; then
		capture bare "$WORK/closed/trace" "$ZOO/order_exe"
		unharmed 0 "$(plain)"
		return
	fi
	# root may write anywhere: another user, and copies that he can reach
	need setpriv
	shared=$(mktemp -d /tmp/exeunt-harm.XXXXXX)
	chmod 755 "$shared"
	cp "$ZOO/order_exe" "$ZOO/liborder_dso.so" "$LIBRARY" "$shared"
	EXEUNT="out=$shared/trace" capture setpriv --reuid=65534 --regid=65534 --clear-groups \
		env LD_PRELOAD="$shared/libexeunt.so" "$shared/order_exe"
	rm -rf "$shared"
	unharmed 0 "$(plain)"
}
@test "folder removed while it is written" {
	mkfifo in
	bare "$WORK/trace" bash -c "cat >/dev/null; $ZOO/order_exe" <in >out 2>err 3>&- &
	local pid=$!
	exec 7>in
	until compgen -G 'trace/s.*' >/dev/null; do kill -0 $pid; done
	until rm -rf trace 2>/dev/null; do :; done
	exec 7>&-
	status=0
	wait $pid || status=$?
	unharmed 0 "$(plain)"
}
@test "the program closes all descriptors" {
	capture ex run -o trace -- "$ZOO/closes_all_fds"
	unharmed 3 ""
	is 2 "$(report trace | jq '.processes | length')" "processes: parent and child"
	report trace | jq -e '.end.kind == "exit" and .end.status == 3'
}
@test "started without descriptors" {
	status=0
	(EXEUNT="out=$WORK/trace" LD_PRELOAD=$LIBRARY exec "$ZOO/closes_all_fds" <&- >&- 2>&- 3>&-) || status=$?
	is 3 $status
	status=0
	(EXEUNT="out=$WORK/trace2" LD_PRELOAD=$LIBRARY exec /bin/true <&- >&- 2>&- 3>&-) || status=$?
	is 0 $status
}
limited() { # PROGRAM ULIMIT-ARGUMENTS: the same with and without the library
	local program=$1 want got want_status=0 got_status=0
	shift
	want=$(ulimit "$@" && exec "$program" 2>&1) || want_status=$?
	got=$(ulimit "$@" && EXEUNT="out=$WORK/trace" LD_PRELOAD=$LIBRARY exec "$program" 2>&1) || got_status=$?
	LAST="ulimit $*; EXEUNT=out=$WORK/trace LD_PRELOAD=$LIBRARY $program"
	is "$want_status $want" "$got_status $got" "without (left), with the library (right) under ulimit $*"
	rm -rf trace
}
@test "no file may grow: ulimit -f 0" { limited "$ZOO/order_exe" -f 0; }
@test "few descriptors: ulimit -n 4 to 8" {
	# with 3 the dynamic linker cannot open any library, and says so of ours too
	for n in 4 5 6 8; do limited "$ZOO/order_exe" -n $n; done
}
@test "no descriptors: ulimit -n 3" {
	limited "$ZOO/static_exe" -n 3
	status=0
	(ulimit -n 3 && EXEUNT="out=$WORK/trace" LD_PRELOAD=$LIBRARY exec /bin/true) >out 2>err || status=$?
	is 127 $status "the status that the dynamic linker gives without the library too"
}
@test "little address space: ulimit -v" {
	# what the program needs by itself, found out here, plus 4 MiB for the library
	local kib=2000
	until (ulimit -v $kib && exec "$ZOO/order_exe") >/dev/null 2>&1; do kib=$((kib + 500)); done
	limited "$ZOO/order_exe" -v $((kib + 4096))
}
@test "size limit: the loss is counted" {
	capture ex run -s limit=128K -o trace -- bash -c "for i in 1 2 3 4 5; do $ZOO/many_handlers; done"
	is 0 "$status"
	is 350 "$(grep -c '^mark: ' out)"
	report trace | jq -e '.lost > 0'
	babeltrace2 trace >bt
	is "$(wc -l <bt)" "$(report trace | jq .events)"
}
@test "a page of the program's own data goes away while a profile writer waits" {
	export LLVM_PROFILE_FILE=$WORK/x.profraw
	capture ex run -s probe=on -o trace -- "$ZOO/prof.drops_data"
	unharmed 0 "drops its data"
}
