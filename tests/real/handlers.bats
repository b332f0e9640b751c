# Runtimes that live with faults of their own making, under exeunt as without: the JVM, Go.
load ../lib/zoo
setup() {
	zoo_setup
	cp "$ROOT"/tests/real/handlers.d/* .
}
teardown() { zoo_teardown; }

same() { # COMMAND…
	local want
	capture timeout 120 "$@"
	is 0 "$status" "alone"
	want=$(cat out err)
	PREFIX_CMD="timeout 240" capture ex run -o trace -- "$@"
	is 0 "$status" "under exeunt"
	is "$want" "$(cat out err)" "alone (left), under exeunt (right)"
	report trace >json
	is "${END:-exit} 0 null 0" "$(jq -r '"\(.end.kind) \(.end.status) \(.crash) \(.lost)"' json)"
}
@test "JVM: null pointers, stack overflows, safepoints" {
	need java
	same java Faults.java
	is "200000 20 239999988" "$(cat out)"
}
@test "JVM: a crash in native code is told, and the JVM's own report is written" {
	need java
	need gcc
	printf '%s\n' 'public class Native { static native void crash(); public static void main(String[] a) { System.load(System.getProperty("user.dir") + "/libcrash.so"); crash(); } }' >Native.java
	printf 'void Java_Native_crash(void *env, void *class) { (void)env; (void)class; *(volatile int *)0x7000000000 = 1; }\n' >crash.c
	gcc -g -fPIC -shared crash.c -o libcrash.so
	capture timeout 120 java Native.java
	is 134 "$status" "alone"
	rm -f hs_err*
	PREFIX_CMD="timeout 240" capture ex run -o trace -- java Native.java
	is 134 "$status" "under exeunt"
	grep -q 'Problematic frame' hs_err*.log
	report trace >json
	is "SIGABRT wild-address" "$(jq -r '"\(.crash.signal) \(.suspects[0].verdict)"' json)"
	"$EXEUNT_COMMAND" report trace >text
	grep -q 'it was in a handler of its own, called for SEGV_MAPERR at 0x7000000000' text
}
@test "Go: null pointers in four goroutines, recovered from" {
	need go
	CGO_ENABLED=1 GOFLAGS=-mod=mod HOME=$WORK go build -o faults .
	END=_exit same ./faults # it leaves by a raw exit_group
	is 100000 "$(cat out)"
}
