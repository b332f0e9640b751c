# exeunt run is transparent: the command's output, status, signals, descriptors and terminal are its own.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

@test "exit status is the command's own" {
	for n in 0 1 3 42 255; do
		capture ex run -o "t.$n" -- sh -c "exit $n"
		is $n "$status"
	done
}
@test "death by a signal is passed on, without a second core file" {
	for signal in KILL TERM SEGV INT ABRT; do
		# tests that were started in the background by a script have SIGINT ignored
		capture env --default-signal=INT,TERM bash -c "ulimit -c 0; '$EXEUNT_COMMAND' run -o t.$signal -- sh -c 'kill -$signal \$\$'"
		is "$((128 + $(kill -l $signal)))" "$status" "$signal"
	done
	# the parent sees a signal, not a number that looks like one
	python3 - "$EXEUNT_COMMAND" <<-'END'
		import signal, subprocess, sys
		run = subprocess.run([sys.argv[1], "run", "-o", "p", "--", "sh", "-c", "kill -SEGV $$"])
		assert run.returncode == -signal.SIGSEGV, run.returncode
	END
	[ -z "$(ls core* 2>/dev/null)" ]
}
@test "output is the command's own, and nothing is added when stderr is no terminal" {
	capture ex run -o t -- sh -c 'echo out; echo err >&2'
	is "out" "$(cat out)"
	is "err" "$(cat err)"
}
@test "-v says where the trace is and how to read it" {
	capture ex run -v -o t -- true
	is "exeunt: trace in t; read it with: exeunt report t" "$(cat err)"
	is "" "$(cat out)"
}
@test "a terminal is told where the trace is" {
	need script
	script -qec "'$EXEUNT_COMMAND' run -o t -- true" typescript >/dev/null
	grep -q 'trace in t; read it with: exeunt report t' typescript
}
@test "the command's options are its own" {
	capture ex run -o t echo -s -o --help
	is "-s -o --help" "$(cat out)"
}
@test "standard input reaches the command" {
	capture ex run -o t -- cat < <(printf 'a\nb\n')
	is "$(printf 'a\nb')" "$(cat out)"
}
@test "the trace is exeunt.CMD.PID of the command by default" {
	# shellcheck disable=SC2016
	capture ex run -- sh -c 'echo $$'
	is 0 "$status"
	[ -f "exeunt.sh.$(cat out)/metadata" ]
	is 1 "$(find . -maxdepth 1 -name 'exeunt.*' | wc -l)"
}
@test "an empty directory is taken" {
	mkdir t
	capture ex run -o t -- true
	is 0 "$status"
	[ -f t/metadata ]
}
@test "folders above the trace directory are made" {
	for dir in a/b/c "$WORK/d/e/"; do
		capture ex run -o "$dir" -- true
		is 0 "$status"
		[ -f "$dir/metadata" ]
	done
}
@test "the trace names the launch and the end, and babeltrace2 reads it while the command runs" {
	need babeltrace2
	"$EXEUNT_COMMAND" run -o t -- sleep 600 &
	until babeltrace2 t 2>/dev/null >early && grep -q ' launch: ' early; do sleep 0.02; done
	grep -q ' launch: .*version = ' early
	run ! grep -q ' waited: ' early
	kill -TERM $!
	status=0
	wait $! || status=$?
	is 143 "$status"
	babeltrace2 t | grep -q ' waited: .*status = 15, by = ( "launcher"'
}
@test "the ledger has its page and the limit" {
	capture ex run -s limit=64M -o t -- true
	is "exledger" "$(head -c 8 t/.ledger)"
	is "$(getconf PAGESIZE)" "$(stat -c %s t/.ledger)"
	[ "$(stat -c %b t/.ledger)" -gt 0 ]
	is "$((64 << 20))" "$(od -An -tu8 -j24 -N8 t/.ledger | tr -d ' ')"
}
@test "the command sees only LD_PRELOAD and EXEUNT of us" {
	env | grep -v '^_=' | sort >before
	capture ex run -s follow=yes -o 't d' -- env
	grep -v '^_=' out | sort >after
	is "$(printf 'EXEUNT=out=%s/t%%20d follow=yes\nLD_PRELOAD=%s' "$WORK" "$LIBRARY")" \
		"$(comm -13 before after | sed -E 's/ (signals|probe|stack|limit|flush|skip)=[^ ]*//g')"
	is "" "$(comm -23 before after)"
}
@test "what was in LD_PRELOAD stays behind the library" {
	capture env LD_PRELOAD=libm.so.6 "$EXEUNT_COMMAND" run -o t -- printenv LD_PRELOAD
	is "$LIBRARY:libm.so.6" "$(cat out)"
}
@test "signal mask and ignored signals are as without exeunt" {
	for ignored in '' 'HUP CHLD' 'INT QUIT TERM'; do
		# shellcheck disable=SC2086
		is "$(trap '' $ignored; grep -E '^Sig(Blk|Ign)' /proc/self/status)" \
			"$(trap '' $ignored; ex run -o "t.${ignored// /}" -- grep -E '^Sig(Blk|Ign)' /proc/self/status)" "$ignored"
	done
}
@test "descriptors are as without exeunt" {
	list='import os; print(sorted(int(f) for f in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/"+f)))'
	is "$(python3 -c "$list" 9</dev/null)" "$(ex run -o t -- python3 -c "$list" 9</dev/null)"
	is "$(python3 -c "$list" 0<&-)" "$(ex run -o t0 -- python3 -c "$list" 0<&-)"
}
@test "closed standard descriptors stay closed, and no trace file takes their place" {
	# shellcheck disable=SC2016
	status=0
	"$EXEUNT_COMMAND" run -o t -- sh -c 'echo stray-$((6*7)); echo stray-$((6*7)) >&2; exit 5' >&- 2>&- || status=$?
	is 5 "$status"
	run ! grep -rq stray-42 t
}
@test "SIGTERM to exeunt reaches the command, whose answer counts" {
	"$EXEUNT_COMMAND" run -o t -- sh -c 'trap "exit 7" TERM; echo ready >ready; while :; do sleep 0.05; done' &
	until [ -s ready ]; do sleep 0.02; done
	kill -TERM $!
	status=0
	wait $! || status=$?
	is 7 "$status"
}
@test "Ctrl-C reaches the command once, and exeunt waits for its answer" {
	# exeunt is stopped until the command has taken the terminal's SIGINT, for two that wait would be one; the command
	# then waits until exeunt has taken its own and sleeps again, so that a second one has been sent if ever. No shell:
	# it forgets the signal when what it waits for has just ended by itself
	cat >answer.py <<-'END'
		import os, signal, sys
		count = 0
		def take(signo, frame):
		    global count
		    count += 1
		def is_settled():
		    said = dict(line.split(":", 1) for line in open(f"/proc/{os.getppid()}/status"))
		    return said["State"].strip().startswith("S") and not int(said["ShdPnd"], 16) & 1 << signal.SIGINT - 1
		signal.signal(signal.SIGINT, take)
		print("ready", flush=True)
		while not count:
		    pass
		print("taken", flush=True)
		while not is_settled():
		    pass
		print("got", count, flush=True)
		sys.exit(5)
	END
	python3 - "$EXEUNT_COMMAND" <<-'END'
		import os, pty, signal, sys
		pid, fd = pty.fork()
		if pid == 0:
		    signal.signal(signal.SIGINT, signal.SIG_DFL)
		    os.execv(sys.argv[1], ["exeunt", "run", "-o", "t", "--", "python3", "answer.py"])
		out = b""
		def read_to(word):
		    global out
		    while word not in out:
		        out += os.read(fd, 1000)
		read_to(b"ready")
		os.kill(pid, signal.SIGSTOP)
		os.waitpid(pid, os.WUNTRACED)
		os.write(fd, b"\x03")
		read_to(b"taken")
		os.kill(pid, signal.SIGCONT)
		try:
		    while chunk := os.read(fd, 1000):
		        out += chunk
		except OSError:
		    pass
		status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
		assert b"got 1" in out and status == 5, (out, status)
	END
}
@test "scripts: with and without a #! line, and by env" {
	printf '#!/bin/sh\necho "with $1"\n' >with
	printf 'echo "without $1"\n' >without
	printf '#!/usr/bin/env sh\necho "env $1"\n' >byenv
	: >empty
	chmod +x with without byenv empty
	for name in with without; do
		capture ex run -o "t.$name" -- "./$name" x
		is "$name x" "$(cat out)"
	done
	capture ex run -o t.env -- ./byenv x
	is "env x" "$(cat out)"
	capture ex run -o t.empty -- ./empty
	is 0 "$status"
}
@test "PATH is searched as execvp does: a file that may not be executed does not end the search" {
	mkdir a b
	printf '#!/bin/sh\necho a\n' >a/cmd
	printf '#!/bin/sh\necho b\n' >b/cmd
	chmod +x b/cmd
	capture env PATH="$WORK/a:$WORK/b:$PATH" "$EXEUNT_COMMAND" run -o t -- cmd
	is "b" "$(cat out)"
}
@test "a setuid program of the caller's own is observed" {
	cp "$(type -P true)" own
	chmod 4755 own
	capture ex run -o t -- ./own
	is 0 "$status"
	is "" "$(cat err)"
}
@test "the dynamic linker as a command" {
	linker=$(readelf -l "$(type -P true)" | sed -n 's/.*program interpreter: \(.*\)]/\1/p')
	capture ex run -o t -- "$linker" "$(type -P echo)" hi
	is "hi" "$(cat out)"
}
@test "an address-sanitized program runs as without exeunt, its runtime first" {
	echo 'int main(int c, char **v) { int a[2] = {0}; (void)v; return a[c + 3]; }' >bad.c
	gcc -g -fsanitize=address bad.c -o bad 2>/dev/null || skip "gcc has no address sanitizer here"
	status=0
	./bad 2>alone || status=$?
	is 1 "$status"
	capture ex run -o t -- ./bad
	is 1 "$status"
	grep -q 'AddressSanitizer: stack-buffer-overflow' err
	run ! grep -q 'runtime does not come first' err
	is 1 "$(grep -c '^exeunt: note: ./bad uses the address sanitizer' err)"
}
@test "children of an address-sanitized program run without its runtime" {
	printf '#include <stdlib.h>\nint main(void) { return system("printenv LD_PRELOAD; grep -c libasan /proc/self/maps") != 256; }\n' >a.c
	gcc -fsanitize=address a.c -o a 2>/dev/null || skip "gcc has no address sanitizer here"
	for words in ./a 'sh -c ./a'; do
		# shellcheck disable=SC2086
		capture ex run -o "t.${#words}" -- $words
		is "$(printf '%s\n0' "$LIBRARY")" "$(cat out)" "$words"
		is 0 "$status"
	done
}
@test "and with clang's runtime inside the program" {
	need clang-14
	echo 'int main(int c, char **v) { int a[2] = {0}; (void)v; return a[c + 3]; }' >bad.c
	clang-14 -g -fsanitize=address bad.c -o bad 2>/dev/null || skip "clang has no address sanitizer here"
	capture ex run -o t -- ./bad
	is 1 "$status"
	grep -q 'AddressSanitizer: stack-buffer-overflow' err
}
@test "a command that cannot begin leaves no trace directory behind" {
	capture ex run -- ./nope
	is 127 "$status"
	is "" "$(compgen -G 'exeunt.*')"
}
@test "-s beats -p wherever it stands" {
	capture ex run -s probe=off -p exit-order -o t -- printenv EXEUNT
	grep -q 'probe=off' out
	run ! grep -q 'probe=on' out
}

@test "a program built with clang's thread sanitizer, which looks for mappings where there may be none" {
	cat >threads.c <<'END'
#include <pthread.h>
#include <stdio.h>
static void *work(void *arg) { return arg; }
int main(void) { pthread_t t; pthread_create(&t, 0, work, 0); pthread_join(t, 0); return puts("done") < 0 ? 1 : 3; }
END
	clang-14 -fsanitize=thread threads.c -o threads 2>/dev/null || skip "clang-14 has no thread sanitizer here"
	./threads >plain && status=0 || status=$?
	is "3 done" "$status $(cat plain)" "without exeunt"
	LAST="$EXEUNT_COMMAND run -- ./threads"
	"$EXEUNT_COMMAND" run -o trace -- ./threads >out && status=0 || status=$?
	is "3 done" "$status $(cat out)"
}
