# runsc … do … CMD and its like: what is refused before anything runs, and what a sandbox launcher gets. The launcher is a
# static program of ours that reads flags as runsc does; real ones are in tests/real/sandbox-trace.bats.
load ../lib/zoo
setup() {
	zoo_setup
	mkdir bin
	cat >runsc.c <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	int n = 1, status = 0;
	while (n < argc && strcmp(argv[n], "do"))
		n++;
	for (n++; n < argc && argv[n][0] == '-'; n++)
		;
	fflush(stdout);
	if (n < argc && fork() == 0) {
		if (!strcmp(argv[argc - 1], "--unseen"))
			unsetenv("LD_PRELOAD");
		execvp(argv[n], argv + n);
		_exit(127);
	}
	wait(&status);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
END
	gcc -static -o bin/runsc runsc.c
	cp bin/runsc bin/docker
	cp bin/runsc bin/other
	PATH=$WORK/bin:$PATH
}
teardown() { zoo_teardown; }
# refused TEXT WORD...: status 125, one line that has TEXT, nothing run, no trace
refused() {
	local text=$1
	shift
	capture ex "$@"
	is 125 "$status" "status of $*"
	is "" "$(cat out)"
	is 1 "$(wc -l <err)"
	grep -qF -- "$text" err || { cat err; echo "lacks: $text"; return 1; }
	is "" "$(compgen -G 'exeunt.*')"
}

@test "without the flag that keeps what is written: refused, with the command that does" {
	refused "run it with: runsc --network=none do -force-overlay=false -quiet echo 'a b'" run -- runsc --network=none do -quiet echo "a b"
	refused "run it with: runsc do -force-overlay=false echo" run -- runsc do --force-overlay=true echo
	refused "run it with: runsc do -force-overlay=false echo" run -- runsc do -force-overlay echo
	refused "do -force-overlay=false echo" diagnose -o d -- runsc do echo
	capture ex run -o t -- runsc --network=none do -force-overlay=false -quiet echo "a b"
	is "0 a b" "$status $(cat out)"
	is 1 "$(report t | jq '.processes | length')"
	for value in 0 f F FALSE False; do
		capture ex run -o "t$value" -- runsc do "-force-overlay=$value" echo x
		is "0 x" "$status $(cat out)"
	done
}
@test "another root, a bundle, an engine, a folder that a sandbox has of its own" {
	refused "put exeunt into it and run it inside: runsc do -force-overlay=false -root /x exeunt run -- ls" run -- runsc do -root /x ls
	refused "takes environment and mounts from config.json" run -- runsc --debug run -bundle b name
	refused "give docker run -v DIR:DIR" run -- docker run --runtime=runsc image
	refused "/dev/shm/t cannot be seen in the sandbox, which has a /dev of its own; choose another directory with -o DIR" run -o /dev/shm/t -- runsc do -force-overlay=false ls
	refused "is statically linked" run -- other do -force-overlay=false ls
	refused "is statically linked" run -- docker run image
	refused "is statically linked" run -- runsc --version
}
@test "what cannot be observed inside is refused as outside" {
	refused "is statically linked" run -- runsc do -force-overlay=false "$ZOO/static_exe"
	mkdir sub
	cp "$ZOO/static_exe" sub/
	refused "is statically linked" run -- runsc do -cwd sub -force-overlay=false ./static_exe
	refused "is statically linked" run -- runsc do -cwd=sub -force-overlay=false -- ./static_exe
}
@test "status and end of the one inside" {
	capture ex run -o t -- runsc do -force-overlay=false sh -c 'exit 7'
	is 7 "$status"
	is "_exit 7 sh" "$(report t | jq -r '"\(.end.kind) \(.end.status) \(.processes[0].exe | sub(".*/"; "") | sub("dash"; "sh"))"')"
	capture ex run -o t2 -- runsc do -force-overlay=false sh -c 'kill -9 $$'
	is 137 "$status"
	is "vanished: runsc ended with status 137: the process, or gVisor's Sentry, was killed" "$(report t2 | jq -r '"\(.end.kind): \(.end.sandbox)"')"
	report t2 >json
	python3 -c 'import json, jsonschema; jsonschema.validate(json.load(open("json")), json.load(open("'"$ROOT"'/docs/report.schema.json")))'
	ex report t2 | grep -q "vanished: nothing inside saw its end; runsc ended with status 137: the process, or gVisor's Sentry, was killed"
}
@test "diagnose: output into files goes through a pipe, whole, and TMPDIR is the user's" {
	capture ex diagnose -n 2 -o d -- runsc do -force-overlay=false sh -c 'stat -L -c %F /proc/self/fd/1 /proc/self/fd/2; seq 100000; echo "$TMPDIR" >&2; kill -SEGV $$'
	is "fifo fifo" "$(head -2 out | paste -sd' ')"
	is "$(seq 100000 | md5sum)" "$(sed -n '3,100002p' d/baseline/2/stdout | md5sum)"
	is "${TMPDIR:-}" "$(head -1 d/baseline/1/stderr)"
	is "2 of 2" "$(sed -n 's/^ *baseline *baseline *\([0-9]*\) *\([0-9]*\) .*/\2 of \1/p' out)"
}
@test "run: output into files too, in order where both go into one" {
	echo before >both
	ex run -o t -- runsc do -force-overlay=false sh -c 'stat -L -c %F /proc/self/fd/1 /proc/self/fd/2; echo one; echo two >&2; echo three' >>both 2>&1
	is "before fifo fifo one two three" "$(paste -sd' ' both)"
	ex run -o t2 -- runsc do -force-overlay=false sh -c 'stat -L -c %F /proc/self/fd/1; echo two >&2' 2>two | cat >one
	is "fifo two" "$(cat one two | paste -sd' ')"
}
@test "diagnose: a sandbox in which nothing was seen is no healthy program" {
	capture ex diagnose -n 2 -o d -- runsc do -force-overlay=false sh -c 'echo what it said >&2; exit 127' --unseen
	is 125 "$status"
	is "what it said
exeunt: nothing was seen in the sandbox of runsc, which ended with status 127; make it run without exeunt first" "$(cat err)"
	[ ! -e d ]
}
@test "values of the settings for sandboxes" {
	for value in 0 x -1 4294967296; do
		capture ex run -s host-mappings=$value -- true
		is 2 "$status"
		grep -q "exeunt doctor --host-mappings measures it" err
	done
	for value in -1 16777217 x; do
		capture ex run -s ballast=$value -- true
		is 2 "$status"
		grep -q "write a number of mappings from 0 to 16777216" err
	done
	for setting in rescue=1 fix-si-code=on; do
		capture ex run -s $setting -- true
		is 2 "$status"
		grep -q "write yes or no" err
	done
	capture ex run -s crash-threads=on -- true
	is 2 "$status"
	grep -q "write one of: auto | yes | no" err
	capture ex run -o t -s host-mappings=1000 -s ballast=5 -s rescue=yes -s fix-si-code=yes -s crash-threads=no -- true
	is 0 "$status"
}
