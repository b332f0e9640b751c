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
	for command in run report diagnose compare doctor env; do refused 2 --frobnicate $command --frobnicate; done
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
