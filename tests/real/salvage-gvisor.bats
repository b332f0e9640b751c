# Under gVisor: signals that end a program are salvaged, and a companion writes at intervals, as outside. Its kernel has no
# close_range, kcmp, process_vm_readv, and answers /proc with little.
load ../lib/zoo
RUNSC=(runsc --platform=ptrace --network=none --ignore-cgroups)
# without this what is written is lost with the sandbox
DO=(do -force-overlay=false)
setup() {
	zoo_setup
	need runsc
	need clang-14
	need llvm-profdata-14
	P=$ZOO/salvage
	timeout 60 "${RUNSC[@]}" "${DO[@]}" true </dev/null >probe 2>&1 || skip "runsc does not start here: $(tail -1 probe)"
}
teardown() { zoo_teardown; }

# inside SCRIPT: in a sandbox, whose first process is a shell; output through a pipe, for a file would be written at the sandbox's own offset
inside() {
	cat >script
	LAST="${RUNSC[*]} ${DO[*]} bash $WORK/script"
	timeout 300 "${RUNSC[@]}" "${DO[@]}" bash "$WORK/script" </dev/null 2>err.raw | cat >out || true
}
counted() { llvm-profdata-14 show --counts --function=counted "$1" 2>&1 | sed -n 's/.*Block counts: \[\(.*\)\]/\1/p'; }

@test "signals that end a program" {
	inside <<END
cd "$WORK"
while read -r name way signo; do
	EXEUNT="out=$WORK/trace salvage=yes" LD_PRELOAD=$LIBRARY LLVM_PROFILE_FILE=$WORK/\$name.profraw "$P/ends" \$way \$signo
	echo "\$name \$?"
done <<WAYS
term kill 15
realtime kill 40
segv null
abort abort
thread thread 15
handler handler 15
resethand resethand 2
sigsuspend sigsuspend 15
ppoll ppoll 10
blocked blocked 1
WAYS
END
	is "term 143
realtime 168
segv 139
abort 134
thread 143
handler 143
resethand 130
sigsuspend 143
ppoll 138
blocked 129" "$(cat out)"
	for name in term realtime segv abort thread sigsuspend ppoll; do is 5 "$(counted $name.profraw)" "$name"; done
	for name in handler resethand blocked; do is 6 "$(counted $name.profraw)" "$name"; done
}
@test "a companion: nothing is noticed, nothing is left, the profile of a moment before kill -9" {
	inside <<END
cd "$WORK"
mkfifo in
EXEUNT="out=$WORK/trace flush=every:1" LD_PRELOAD=$LIBRARY LLVM_PROFILE_FILE=$WORK/x.profraw "$P/waits" <in >answers 2>err &
exec 7>in
say() {
	lines=\$(wc -l <answers)
	echo "\$*" >&7
	until [ \$(wc -l <answers) -gt \$lines ]; do sleep 0.1; done
	tail -1 answers
}
until [ -s answers ]; do sleep 0.1; done
say count 3
say look
say wait 1500
say fork
say vfork
say exec-nothing
until llvm-profdata-14 show --counts --function=counted x.profraw 2>/dev/null | grep -q 'Block counts: .3.'; do sleep 0.2; done
echo written
kill -9 \$!
wait \$!
echo \$?
until [ \$(ls -d /proc/[0-9]* | wc -l) -le 3 ]; do sleep 0.2; done
echo alone
END
	is "3
threads 1, descriptors 3, wait No child processes
interrupted 0
143
143
-1
written
137
alone" "$(cat out)"
	is 3 "$(counted x.profraw)"
}
