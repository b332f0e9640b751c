# What report says about a crash beyond its stack: registers and where each leads, the instruction, the memory that it used.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

# died COMMAND…: its report in json, and for people in text
died() {
	rm -rf trace
	capture ex run "${SETTINGS[@]}" -o trace -- "$@"
	[ "$status" -gt 128 ]
	report trace >json
	"$EXEUNT_COMMAND" report trace >text
	/usr/bin/python3 -c 'import jsonschema' 2>/dev/null || skip "python3-jsonschema is missing; run: scripts/setup check"
	/usr/bin/python3 "$ROOT/tests/lib/validate.py" "$ROOT/docs/report.schema.json" json
}
SETTINGS=()
disassembles() { ldd "$EXEUNT_COMMAND" | grep -q Zydis; }

@test "a wild index: the base, how old and whose; how far past its end; by which registers" {
	died "$ZOO/wild"
	[[ $(jq -r '.crash.registers[] | select(.name == "rdi").leads_to' json) == "base of mapping #"*", 4 MiB rw-, by main+"*" old" ]]
	[[ $(jq -r '.crash.registers[] | select(.name == "rsi").leads_to' json) == "860 MiB past the end of mapping #"* ]]
	[[ $(jq -r '.crash.registers[] | select(.name == "rsp").leads_to' json) == *"into mapping #"*"[stack], stack of thread "* ]]
	[[ $(jq -r '.crash.registers[] | select(.name == "rip").leads_to' json) == use+* ]]
	is 17 "$(jq '.crash.registers | length' json)"
}
@test "the instruction: what it did to which address, as the kernel has it" {
	disassembles || skip "exeunt was built without Zydis; run: scripts/setup build"
	died "$ZOO/wild"
	is "true true" "$(jq -r '.crash | "\(.instruction.memory == .address) \(.instruction.reads)"' json)"
	grep -q '^  => 0x[0-9a-f]*  mov' text
	died "$ZOO/null_deref"
	is "0x18 true false" "$(jq -r '.crash.instruction | "\(.memory) \(.reads) \(.writes)"' json)"
	died "$ZOO/jit_ends" store
	is "true true" "$(jq -r '.crash | "\(.instruction.memory == .address) \(.instruction.writes)"' json)"
}
@test "gdb disassembles the same" {
	disassembles || skip "exeunt was built without Zydis; run: scripts/setup build"
	need gdb
	died "$ZOO/null_deref"
	local offset
	offset=$(jq -r '.crash.stack[0].offset' json)
	gdb -batch -nx -ex 'set disassembly-flavor intel' -ex "x/i $offset" "$ZOO/null_deref" >gdb.out 2>gdb.err
	is "$(jq -r '.crash.instruction.text | split(" ")[0]' json)" "$(sed -n 's/.*:[[:space:]]*\([a-z]*\) .*/\1/p' gdb.out | head -1)"
}
@test "a pointer to code that is gone says so" {
	SETTINGS=(-s keep=exec)
	died "$ZOO/jit_stale" stale
	[[ $(jq -r '.crash.registers[] | select(.name == "rip").leads_to' json) == "code that was unmapped (and kept reserved)"* ]]
	is null "$(jq -r '.crash.instruction' json)"
}
@test "libc's last words are in the trace" {
	need babeltrace2
	capture ex run -o trace -- "$ZOO/libc_aborts"
	is 134 "$status"
	babeltrace2 trace >bt
	grep -q ' abort_message: .*text = "free(): double free detected in tcache 2"' bt
}
@test "the history of the faulting address: who mapped it, made it code, unmapped it; and the code's life" {
	died "$ZOO/jit_stale" stale
	is "mapped rw- compile
protected r-x compile
unmapped null main" "$(jq -r '.crash.history.changes[] | "\(.what) \(.rights) \(.stack[0].symbol)"' json)"
	is true "$(jq '.crash.history.address == .crash.address' json)"
	is "1 0 1 unmapped true 1 compile compile main null" "$(jq -r '.code | "\(.count) \(.live) \(.gone) \(.lives[0] | "\(.how) \(.has_fault) \(.times_made) \(.mapped.stack[0].symbol) \(.made.stack[0].symbol) \(.gone.stack[0].symbol) \(.reused)")"' json)"
	grep -q '^history of 0x' text
	grep -q ': unmapped; the fault was in here$' text
}
@test "its place was given to another module" {
	capture ex run -o trace -- "$ZOO/jit_stale" reuse
	report trace >json
	is "unmapped compile" "$(jq -r '[.code.lives[] | select(.reused)][0] | "\(.how) \(.reused.stack[0].symbol)"' json)"
}
@test "report --address: any address's history, in text and JSON" {
	died "$ZOO/jit_stale" stale
	local address
	address=$(jq -r .crash.address json)
	report --address "$address" trace >one
	is "$(jq .crash.history.changes json)" "$(jq .changes one)"
	/usr/bin/python3 "$ROOT/tests/lib/validate.py" "$ROOT/docs/address.schema.json" one
	"$EXEUNT_COMMAND" report --address "${address#0x}" trace >one.text
	grep -q "^$address of process [0-9]*: code that was unmapped .* before, by main+" one.text
	is 3 "$(grep -cE '^ +[0-9.]+ .s  (mapped|protected|unmapped) ' one.text)"
	capture ex report --address main trace
	is "2 exeunt: main is no address; give it in hexadecimal, as in: exeunt report --address 0x7f3a5c001000 exeunt.CMD.PID" "$status $(cat err)"
}
@test "a program without code of its own has none" {
	died "$ZOO/null_deref"
	is '{"count":0,"live":0,"gone":0,"lives":[]}' "$(jq -c .code json)"
	! grep -q 'code that the program made' text
}
@test "the exit handler at the crash, the last growth before it, the last events of each thread" {
	died "$ZOO/bad_places" exit-handler
	is "2 exit_begin handler_begin" "$(jq -r '.crash | "\(.handler_n) \(.threads[0].last_events | .[-2:] | map(.event) | join(" "))"' json)"
	died "$ZOO/crash_places" 3
	is "true main-thread" "$(jq -r '.crash | "\(.last_growth.bytes > 0) \(if .last_growth.stack | length > 0 then "main-thread" else "nobody" end)"' json)"
	is true "$(jq '[.crash.threads[].last_events | length > 0 and length <= 64] | all' json)" "of each thread"
	grep -q '^  - the last growth before it: ' text
	! grep -q 'events of thread' text
	"$EXEUNT_COMMAND" report --events trace >text
	is "$(jq '.crash.threads | length' json)" "$(grep -c '^last [0-9]* events of thread' text)"
}
@test "registers into stacks of threads, heaps, data, and a library that is gone" {
	died "$ZOO/each_lead"
	leads() { jq -r ".crash.registers[] | select(.name == \"$1\").leads_to" json; }
	[[ $(leads rbx) == "0x"*" into mapping #"*", [heap]"* ]]
	[[ $(leads r12) == "0x"*" into mapping #"*", stack of thread "*" (sleeper), by "*" old" ]]
	[[ $(leads r13) == "counter (each_lead+0x"*"), in .bss" ]]
	[[ $(leads r14) == "0x"*" into mapping #"*" rw-, by "*" old" ]]
	[[ $(leads r15) == "libplugin_dso.so+0x"*", which was unloaded "*" before" ]]
}
