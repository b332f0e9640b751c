# gdb on a crash that only a trace holds: what gdb reads out of the core file that exeunt makes is what the report says.
load ../lib/zoo
setup() {
	zoo_setup
	need gdb
}
teardown() { zoo_teardown; }

died() { # COMMAND…
	rm -rf trace
	capture ex run -o trace -- "$@"
	[ "$status" -gt 128 ]
	report trace >json
}
# gdb's words for -ex COMMAND…, its own start-up messages left out
gdb_says() {
	local words=()
	for command; do words+=(-ex "$command"); done
	capture ex gdb trace -- -nx -batch -ex 'echo begin\n' "${words[@]}" </dev/null
	is 0 "$status" "gdb's status"
	sed -i '1,/^begin$/d' out
}
# functions of the innermost frames, up to main
frames() { sed -nE 's/^#[0-9]+ +(0x[0-9a-f]+ in )?([A-Za-z_0-9]+) .*/\2/p' "$@"; }

@test "the stack, through libc, as the report has it" {
	died "$ZOO/libc_aborts"
	gdb_says bt
	frames out >ours
	[ "$(grep -c . ours)" -ge 6 ]
	is main "$(tail -1 ours)"
	grep -qx malloc_printerr ours
	# where each frame is; the report leaves out the library's own, which stands between abort and its caller
	# gdb shows the frame of a tail call that is no frame any more, and the library's own; where the report's are, it agrees
	sed -nE 's/^#[0-9]+ +0x0*([0-9a-f]+) in .*/0x\1/p' out >places
	is "" "$(jq -r '.crash.stack[1:5][].address' json | grep -vxF -f places)" "addresses that gdb has not"
}
@test "all registers, the signal and the address" {
	died "$ZOO/wild"
	local name
	while read -r name; do
		gdb_says "printf \"0x%lx\\n\", \$$name"
		is "$(($(jq -r --arg name "$name" '.crash.registers[] | select(.name == $name).value' json)))" "$(($(cat out)))" "$name"
	done < <(jq -r '.crash.registers[].name' json)
	gdb_says 'printf "%d %d 0x%lx\n", $_siginfo.si_signo, $_siginfo.si_code, $_siginfo._sifields._sigfault.si_addr'
	is "11 1 $(jq -r .crash.address json)" "$(cat out)"
}
@test "the other threads, where they slept" {
	died "$ZOO/crash_places" 3
	gdb_says 'info threads'
	is "$(jq '[.crash.threads[] | select(.died or .module != null)] | length' json)" "$(grep -c 'LWP' out)"
}
@test "a stripped program: its exported names, and addresses" {
	strip -o app "$ZOO/libc_aborts"
	died ./app
	gdb_says bt
	frames out | grep -qx malloc_printerr
}
@test "exeunt's view, inside gdb" {
	died "$ZOO/null_deref"
	gdb_says 'exeunt report'
	"$EXEUNT_COMMAND" report trace >alone
	is "$(cat alone)" "$(cat out)"
	gdb_says 'exeunt json'
	is "$(jq -S . json)" "$(jq -S . out)"
	gdb_says 'help exeunt'
	grep -q '^exeunt report -- ' out
}
@test "a folder with blanks, quotes and percent signs" {
	died "$ZOO/null_deref"
	mv trace "it's 50% \"off\""
	capture ex gdb "it's 50% \"off\"" -- -nx -batch -ex 'exeunt report' </dev/null
	is 0 "$status"
	grep -q '^stack of thread' out
}
@test "a core file for other programs: readelf reads it" {
	need readelf
	died "$ZOO/crash_places" 2
	capture ex gdb --core core trace
	is "0 " "$status $(cat out err)"
	readelf -hln core >elf
	grep -q 'CORE (Core file)' elf
	is "$(jq '[.crash.threads[] | select(.died or .module != null)] | length' json)" "$(grep -c 'NT_PRSTATUS' elf)"
	# the stack begins where the stack pointer was
	local sp
	sp=$(jq -r '.crash.registers[] | select(.name == "rsp").value' json)
	grep -qiE "LOAD +0x[0-9a-f]+ 0x0*${sp#0x0*}" <(sed 's/0x0*/0x/g; s/ 0x/ 0x/g' elf) || grep -qi "${sp#0x}" elf
}
@test "a stopped copy: gdb is attached to it, and it waits on" {
	capture ex run -o trace -s clone-at=call:fullGC -s clones=1 -- "$ZOO/collector"
	is 139 "$status"
	local number
	number=$(sed -nE 's/.*exeunt rerun trace:([0-9]+)$/\1/p' err)
	capture ex gdb "trace:$number" -- -nx -batch -ex bt -ex 'exeunt report' </dev/null
	ex rerun --list trace >copies
	ex rerun --end trace
	grep -q "^$number .*waits" copies
	grep -qE '^#[0-9]+ .* in main .*collector' out
	grep -q 'died of SIGSEGV' out
	capture ex gdb "trace:$number"
	is 125 "$status"
}
@test "a process that ended well: its program and modules, and no crash" {
	capture ex run -o trace -- "$ZOO/key_dtor"
	is 0 "$status"
	capture ex gdb trace -- -nx -batch -ex 'info line main' </dev/null
	is 0 "$status"
	grep -q 'Line [0-9]* of ' out
	capture ex gdb --core core trace
	is 125 "$status"
	grep -q 'holds no crash' err
	[ ! -e core ]
}
@test "nothing is left behind; gdb's status is passed on; no gdb is said" {
	died "$ZOO/null_deref"
	mkdir tmp
	TMPDIR=$WORK/tmp capture ex gdb trace -- -nx -batch -ex 'quit 7' </dev/null
	is "7 " "$status $(ls tmp)"
	PATH=$WORK TMPDIR=$WORK/tmp capture "$EXEUNT_COMMAND" gdb trace
	is "127 " "$status $(ls tmp)"
	grep -q 'gdb not found' err
}
@test "wrong usage" {
	capture ex gdb
	is 2 "$status"
	capture ex gdb nowhere
	is 125 "$status"
	died "$ZOO/null_deref"
	capture ex gdb --pid 1 trace
	is 2 "$status"
	capture ex gdb trace other
	is 2 "$status"
}
