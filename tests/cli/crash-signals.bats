# Each signal that says that something is broken, and how it came: what the report says of it.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

# told WAY STATUS "SIGNAL CODE" FIRST [SENTENCE]: the first sentence of the report; one more that must be there. Ends as alone
told() {
	capture "$ZOO/each_signal" "$1"
	is "$2" "$status" "status alone"
	rm -rf trace
	capture ex run -o trace -- "$ZOO/each_signal" "$1"
	is "$2" "$status" "status"
	report trace >json
	is "$3" "$(jq -r '.crash | "\(.signal) \(.code)"' json)"
	# shellcheck disable=SC2053
	[[ $(jq -r '.crash.explained[0]' json) == $4 ]] || is "$4" "$(jq -r '.crash.explained[0]' json)"
	[ -z "${5:-}" ] || grep -qF -- "$5" <(jq -r '.crash.explained[]' json) || is "$5" "$(jq -r '.crash.explained[]' json)"
	"$EXEUNT_COMMAND" report trace >text
	grep -qF -- "$(jq -r '.crash.explained[0]' json)" text
	/usr/bin/python3 -c 'import jsonschema' 2>/dev/null || return 0
	/usr/bin/python3 "$ROOT/tests/lib/validate.py" "$ROOT/docs/report.schema.json" json
}
message() { is "$1" "$(jq -r .crash.message json)"; }

@test "SIGSEGV: nothing there" { told maperr 139 "SIGSEGV SEGV_MAPERR" "SIGSEGV at 0x700000000000: nothing is mapped there"; }
@test "SIGSEGV: no right to" { told accerr 139 "SIGSEGV SEGV_ACCERR" "SIGSEGV at 0x*: the mapping there does not permit that access; the map has 0x*-0x* there, readable"; }
@test "SIGSEGV: an instruction that only the kernel may use" { told privileged 139 "SIGSEGV SI_KERNEL" "SIGSEGV: the processor gave no address*"; }
@test "SIGBUS: a page that the file has no more" { told bus 135 "SIGBUS BUS_ADRERR" "SIGBUS at 0x*: the mapped file has no such page; the map has 0x*-0x* there, readable and writable, *each_signal.*"; }
@test "SIGILL" { told ill 132 "SIGILL ILL_ILLOPN" "SIGILL: no such instruction operand"; }
@test "SIGTRAP" { told trap 133 "SIGTRAP SI_KERNEL" "SIGTRAP: a breakpoint instruction"; }
@test "SIGFPE: integers" { told intdiv 136 "SIGFPE FPE_INTDIV" "SIGFPE: integer division by zero"; }
@test "SIGFPE: floating point" { told fltdiv 136 "SIGFPE FPE_FLTDIV" "SIGFPE: floating-point division by zero"; }
@test "abort: nothing was said" {
	told abort 134 "SIGABRT SI_TKILL" "SIGABRT: sent to this thread, by raise(), abort() or tgkill()"
	message null
}
@test "abort: an assertion" {
	told assert 134 "SIGABRT SI_TKILL" "SIGABRT: *" "libc said: each_signal: "
	[[ $(jq -r .crash.message json) == *"Assertion \`!\"this holds\"' failed." ]]
}
@test "abort: a smashed stack" {
	told smashed 134 "SIGABRT SI_TKILL" "SIGABRT: *" "libc said: *** stack smashing detected ***: terminated"
}
@test "abort: fortify" { told fortify 134 "SIGABRT SI_TKILL" "SIGABRT: *" "libc said: *** buffer overflow detected ***: terminated"; }
@test "abort: a damaged list of malloc's" {
	told list 134 "SIGABRT SI_TKILL" "SIGABRT: *"
	message "corrupted size vs. prev_size while consolidating"
}
@test "abort: a damaged pointer" {
	told pointer 134 "SIGABRT SI_TKILL" "SIGABRT: *"
	message "free(): invalid pointer"
}
@test "raise" { told raise 139 "SIGSEGV SI_TKILL" "SIGSEGV: sent to this thread*" "the signal was sent by the process itself"; }
@test "kill by itself" { told self 139 "SIGSEGV SI_USER" "SIGSEGV: sent by kill()" "the signal was sent by the process itself"; }
# by a child that printed its number
sender() { is "$(cat out)" "$(jq -r .crash.sender json)" "the sender"; }
@test "kill by another process" {
	told kill 139 "SIGSEGV SI_USER" "SIGSEGV: sent by kill()" "the signal was sent by process $(tail -1 out 2>/dev/null)"
	sender
	grep -q "sent by process $(cat out) (.*/each_signal)" text
}
@test "sigqueue by another process" {
	told queue 139 "SIGSEGV SI_QUEUE" "SIGSEGV: sent by sigqueue()"
	sender
}
@test "SIGABRT by another process is no abort" {
	told kill-abort 134 "SIGABRT SI_USER" "SIGABRT: sent by kill()"
	sender
	is "signal SIGABRT" "$(jq -r '"\(.end.kind) \(.end.signal)"' json)"
}
