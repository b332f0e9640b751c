# Bad input: one sentence that says what to do, the right exit status, and the target never harmed.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

# refused STATUS PATTERN ARGUMENTS…: one sentence on standard error, nothing on standard output
refused() {
	local want=$1 pattern=$2
	shift 2
	capture ex "$@"
	is "$want" "$status" "exit status of exeunt $*"
	is "" "$(cat out)" "standard output of exeunt $*"
	is 1 "$(wc -l <err)" "lines on standard error of exeunt $*: $(cat err)"
	grep -qE "^exeunt: .*$pattern" err || { cat err; return 1; }
}

@test "no such command" { refused 2 frobnicate frobnicate; }
@test "unknown option" {
	for command in run report diagnose compare scan doctor env; do refused 2 --frobnicate $command --frobnicate; done
}
@test "no command to run" {
	refused 2 'no command' run
	refused 2 'no command' diagnose --
}
@test "missing program" {
	refused 127 'not found' run -- ./nosuchprogram
	refused 127 'not found' run -- nosuchprogram
	refused 127 'not found' diagnose -- nosuchprogram
	[ ! -e exeunt.* ]
}
@test "not executable" {
	echo true >script
	refused 126 'cannot be executed' run -- ./script
	refused 126 'cannot be executed' run -- /
}
@test "static program" { refused 125 static run -- "$ZOO/static_exe"; }
@test "setuid program" {
	[ "$(id -u)" = 0 ] || skip "only root can make a setuid program"
	cp "$ZOO/leave__exit" privileged
	chown 1:1 privileged
	chmod 6755 privileged
	refused 125 setuid run -- ./privileged
}
@test "program for another processor" {
	# a 32-bit ELF header
	printf '\177ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\3\0\1\0\0\0' >foreign
	head -c 200 /dev/zero >>foreign
	chmod +x foreign
	capture ex run -- ./foreign
	[ "$status" = 125 ] || [ "$status" = 126 ]
	is 1 "$(wc -l <err)"
}
@test "directory that is no trace" {
	mkdir folder
	refused 125 'not a trace' report folder
	refused 125 'not a trace' report nosuchfolder
	echo hello >folder/metadata
	refused 125 'not a trace' report folder
}
@test "trace without events" {
	ex run -o trace -- "$ZOO/order_exe" >/dev/null
	rm trace/s.*
	refused 125 'no events' report trace
}
@test "truncated trace: what is whole is reported" {
	ex run -o trace -- "$ZOO/order_exe" >/dev/null
	before=$(report trace | jq .events)
	for file in trace/s.*; do truncate -s 3000 "$file"; done
	capture ex report --json trace
	[ "$status" = 0 ] || [ "$status" = 125 ]
	[ "$status" = 125 ] || [ "$(jq .events out)" -lt "$before" ]
}
@test "damaged trace: no crash, whatever the bytes" {
	ex run -o trace -- "$ZOO/order_exe" >/dev/null
	for seed in 1 2 3 4 5 6 7 8 9 10 11 12; do
		rm -rf broken
		cp -a trace broken
		python3 - "$seed" <<'P'
import glob, random, sys
random.seed(int(sys.argv[1]))
for name in sorted(glob.glob("broken/s.*")):
    with open(name, "r+b") as file:
        data = bytearray(file.read())
        for _ in range(40):
            data[random.randrange(min(len(data), 20000))] = random.randrange(256)
        file.seek(0)
        file.write(data)
P
		capture ex report --json broken
		[ "$status" = 0 ] || [ "$status" = 125 ] || { echo "seed $seed: status $status"; cat err; return 1; }
	done
}
@test "a trace directory that exists already" {
	mkdir trace
	touch trace/precious
	refused 125 'exists already' run -o trace -- /bin/true
	[ -e trace/precious ]
}
@test "a trace directory that cannot be made" { refused 125 'cannot make' run -o /proc/no/trace -- /bin/true; }
@test "settings that do not exist or do not parse" {
	refused 2 'nosuchkey' run -s nosuchkey=1 -- /bin/true
	refused 2 'follow' run -s follow=perhaps -- /bin/true
	refused 2 'limit' run -s limit=many -- /bin/true
}
# what the value should have been is in the sentence
@test "settings of growth that do not parse" {
	for value in 4097 -1 4K '' x; do refused 2 "arenas: .*from 0 to 4096" run -s "arenas=$value" -- /bin/true; done
	for value in 4095 33M x ''; do refused 2 'grow-step: .*0, or a size from 4K to 32M' run -s "grow-step=$value" -- /bin/true; done
	for value in 5 growth growth: growth:0 growth:1000001 growth:1x growth:-1 growthx:1; do
		refused 2 'delay: .*growth:USEC, with USEC from 1 to 1000000' run -s "delay=$value" -- /bin/true
	done
	for value in growth growth:ENOMEM growth:ENOMEM@ growth:ENOMEM@0 growth:ENOMEM@1+ growth:ENOMEM@1+0 growth:ENOMEM@1x \
		growth:ENOMEM@1+2x growth:ENOMEM@99999999999; do
		refused 2 'fail: .*growth:ERRNO@N or growth:ERRNO@N\+M, with N and M from 1' run -s "fail=$value" -- /bin/true
	done
	for value in growth:EIO@1 growth:12@1 growth:enomem@1; do
		refused 2 'fail: .*ERRNO is one of ENOMEM, EAGAIN, EINVAL, EPERM' run -s "fail=$value" -- /bin/true
	done
	refused 2 'serialize: .*one of: off \| growth \| malloc' run -s serialize=on -- /bin/true
	refused 2 'limits: .*one of: keep \| raise' run -s limits=yes -- /bin/true
	refused 2 'log: .*one of: off \| counters' run -s log=yes -- /bin/true
	refused 2 'growth: .*yes or no' run -s growth=on -- /bin/true
	for value in -1 1K x 9223372036854775808; do refused 2 'seed: .*number from 0' run -s "seed=$value" -- /bin/true; done
}
@test "points that this version does not honour" {
	refused 2 'delay: .*does not honour that point; write growth:USEC' run -s delay=exit:5 -- /bin/true
	refused 2 'fail: .*does not honour that point; write growth:ERRNO@N' run -s fail=map-exec:ENOMEM@1 -- /bin/true
	refused 2 'flush: .*does not honour that point; write main-end' run -s flush=growth -- /bin/true
}
@test "a key with a dash, in a profile and on the command line" {
	printf 'grow-step=x\n' >dash.profile
	refused 2 'grow-step \(./dash.profile:1\): .*0, or a size' run -p ./dash.profile -- /bin/true
	printf 'grow-step=2M\n' >dash.profile
	capture ex run -p ./dash.profile -s arenas=3 -o trace -- /bin/true
	is 0 "$status"
	babeltrace2 trace | grep -q 'image: .*arenas=3.*grow-step=2097152'
}
@test "a profile that does not exist" { refused 2 'no profile' run -p nosuchprofile -- /bin/true; }
@test "a library of another version" {
	printf 'int exeunt_nothing;\n' | gcc -shared -fPIC -x c - -o other.so
	EXEUNT_LIBRARY=$WORK/other.so capture ex run -o trace -- "$ZOO/order_exe"
	is 125 "$status"
	is 1 "$(wc -l <err)"
}
@test "a library that is not there" {
	EXEUNT_LIBRARY=$WORK/nosuch.so capture ex run -o trace -- "$ZOO/order_exe"
	is 125 "$status"
	is 1 "$(wc -l <err)"
}
@test "exeunt inside exeunt" {
	capture ex run -o outer -- "$EXEUNT_COMMAND" run -o inner -- /bin/true
	is 125 "$status"
	grep -q 'already running under exeunt' err
}
@test "a target built with the address sanitizer runs, and speaks for itself" {
	printf '#include <stdlib.h>\nint main(void) { char *p = malloc(7); free(p); return p[3]; }\n' >asan.c
	gcc -g -fsanitize=address asan.c -o asan 2>/dev/null || skip "no address sanitizer here"
	status=0
	./asan >/dev/null 2>plain || status=$?
	want=$status
	capture ex run -o trace -- ./asan
	is "$want" "$status"
	grep -q 'heap-use-after-free' err
	run grep -q 'does not come first' err
	[ "$status" != 0 ]
}
@test "a healthy target built with the address sanitizer" {
	printf '#include <stdio.h>\nint main(void) { puts("fine"); return 3; }\n' >asan.c
	gcc -g -fsanitize=address asan.c -o asan 2>/dev/null || skip "no address sanitizer here"
	capture ex run -o trace -- ./asan
	is "3 fine" "$status $(cat out)"
}
