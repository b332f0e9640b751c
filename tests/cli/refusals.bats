# What run, env and doctor refuse, word by word: one sentence that names what to do, and no trace made. The cases that
# other tests need a whole run for are in bad-input.bats.
load ../lib/zoo
setup() {
	zoo_setup
	echo 'int main(void) { return 0; }' >m.c
}
teardown() { zoo_teardown; }

# refused STATUS TEXT WORD...: exactly one line on stderr that has TEXT, nothing on stdout, no trace made
refused() {
	local expected=$1 text=$2
	shift 2
	capture "$@"
	is "$expected" "$status" "status of $*"
	is "" "$(cat out)" "stdout of $*"
	is 1 "$(wc -l <err)" "lines on stderr of $*"
	grep -q '^exeunt: ' err
	grep -qF -- "$text" err || { cat err; echo "lacks: $text"; return 1; }
	is "" "$(compgen -G 'exeunt.*')" "traces made by $*"
}

@test "unknown command and options" {
	refused 2 "no such command: frob; see: exeunt --help" ex frob
	refused 2 "no such command: frob; see: exeunt --help" ex help frob
	refused 2 "unknown option --frob" ex --frob
	refused 2 "unknown option --frob; see: exeunt run --help" ex run --frob -- true
	refused 2 "unknown option -z; see: exeunt run --help" ex run -z -- true
	refused 2 "option --output needs a value; see: exeunt run --help" ex run --output
	refused 2 "option -s needs a value" ex run -s
	refused 2 "unknown option --frob; see: exeunt env --help" ex env --frob
	refused 2 "unknown option --frob; see: exeunt doctor --help" ex doctor --frob
	refused 2 "unknown option --frob; see: exeunt scan --help" ex scan --frob
	refused 2 "no file given; name one, as in: exeunt scan ./app" ex scan
}
@test "no command" {
	refused 2 "no command given; write it after --, as in: exeunt run -- ls -l" ex run
	refused 2 "no command given; write it after --" ex run -o t --
	capture ex
	is 2 "$status"
	grep -q '^usage: exeunt COMMAND' err
	is "" "$(cat out)"
}
@test "settings" {
	refused 2 "the settings are: follow, signals" ex run -s frob=1 -- true
	refused 2 "write one of: off | on" ex run -s probe=maybe -- true
	refused 2 "write yes or no" ex run -s follow=1 -- true
	refused 2 "write KEY=VALUE" ex run -s probe -- true
	refused 2 "write KEY=VALUE" ex run -s =x -- true
	refused 2 "name the trace directory with -o DIR" ex run -s out=/tmp/x -- true
	for size in 4Q -1 '' K 99999999999999999999 99999999999G; do
		refused 2 "as 4096, 64K, 8M or 1G" ex run -s "limit=$size" -- true
	done
	refused 2 "at most 12K" ex run -s stack=1M -- true
}
@test "points and handlers" {
	for point in growth growth:3 fini:libx.so call:f:1 unmap-exec:2; do
		refused 2 "this version does not honour that point" ex run -s "flush=$point" -- true
	done
	for value in nowhere '' before: before:#0 after:+0x12 before:lib+0xgg 'before:a b'; do
		refused 2 "-s flush: value" ex run -s "flush=$value" -- true
	done
	for value in '' , a,,b '#' '#x' 'a+0x' 'a,#0' 1,2,3,4,5,6,7,8,9; do
		refused 2 "-s skip: value" ex run -s "skip=$value" -- true
	done
	for value in signal: signal:0 signal:65 signal:x signal:10x signal:-1 signal:USR1; do
		refused 2 "signal:N takes the number of a signal, 1 to 64" ex run -s "flush=$value" -- true
	done
	for value in 9 19; do refused 2 "nothing can be done when that signal arrives" ex run -s "flush=signal:$value" -- true; done
	for value in 32 33; do refused 2 "the C library keeps that signal" ex run -s "flush=signal:$value" -- true; done
	for value in every: every:0 every:86401 every:1.5 every:1s every:-1; do
		refused 2 "every:SECONDS takes a number from 1 to 86400" ex run -s "flush=$value" -- true
	done
	for value in '' off, off,name off,#3 'off,lib.so+0x' offlib.so+0x1 yes; do
		refused 2 "-s value-profile: value" ex run -s "value-profile=$value" -- true
	done
	refused 2 "at most 8 functions" ex run -s "value-profile=off$(printf ',a+0x%s' 1 2 3 4 5 6 7 8 9)" -- true
	for value in '' folder/; do refused 2 "write the name of a file" ex run -s "salvage-to=$value" -- true; done
	for value in signal:1 signal:10 signal:34 signal:64 every:1 every:86400; do
		capture ex env -s "flush=$value" -s value-profile=off,lib.so.1+0x1f,app+0x2 -s salvage-to=here/%p.profraw
		is 0 "$status" "$value"
	done
	for value in main-end exit before:#12 after:lib+x.so.2+0x1f before:_ZN3fooD1Ev; do
		capture ex env -s "flush=$value" -s 'skip=#3,lib.so+0x1f,name'
		is 0 "$status" "$value"
	done
}
@test "profiles" {
	refused 2 "no profile named nope; the profiles are: " ex run -p nope -- true
	grep -q 'exit-order' err
	refused 2 "no profile named ./nope" ex run -p ./nope -- true
	refused 2 "no profile named ./" ex run -p ./ -- true
	printf '# why\nprobe=on\n\nfrob=1\n' >bad.profile
	refused 2 "frob (./bad.profile:4): no such setting" ex run -p ./bad.profile -- true
	printf 'probe=perhaps\n' >bad.profile
	refused 2 "-s probe (./bad.profile:1): value perhaps" ex run -p ./bad.profile -- true
	printf 'probe\n' >bad.profile
	refused 2 "write KEY=VALUE" ex run -p ./bad.profile -- true
	printf '#: comment\n  probe=off  \r\n#x\n\nlimit=4M' >good.profile
	capture ex env -p ./good.profile
	grep -q " probe=off limit=4M'" out
}
@test "program not found: 127" {
	refused 127 "nope: not found; check the name, or give a path" ex run -- nope
	refused 127 "not found" ex run -- ''
	refused 127 "not found" ex run -- ./m.c/nope
	printf '#!/no/such/interpreter\n' >script
	chmod +x script
	refused 127 "/no/such/interpreter: not found" ex run -- ./script
}
@test "program that cannot be executed: 126" {
	refused 126 "./m.c: cannot be executed (Permission denied); check its permissions and format" ex run -- ./m.c
	refused 126 "/: cannot be executed (Is a directory)" ex run -- /
	printf '\177ELF' >stump
	printf '#!./loop\n' >loop
	chmod +x stump loop
	refused 126 "./stump: cannot be executed (Exec format error)" ex run -- ./stump
	refused 126 "cannot be executed" ex run -- ./loop
}
@test "static program, also as a script's interpreter: 125" {
	gcc -static m.c -o static
	refused 125 "./static is statically linked" ex run -- ./static
	gcc -static-pie m.c -o pie
	refused 125 "./pie is statically linked" ex run -- ./pie
	printf '#!%s\n' "$WORK/static" >script
	chmod +x script
	refused 125 "$WORK/static is statically linked" ex run -- ./script
}
@test "setuid and setgid program of somebody else: 125" {
	[ "$(id -u)" = 0 ] || skip "only root can make one"
	gcc m.c -o suid
	cp suid sgid
	chown nobody suid && chmod 4755 suid
	refused 125 "./suid is setuid, setgid or has capabilities" ex run -- ./suid
	chgrp nogroup sgid && chmod 2755 sgid
	refused 125 "./sgid is setuid, setgid or has capabilities" ex run -- ./sgid
}
@test "program for another processor: 125" {
	gcc m.c -o m
	{ head -c 18 m; printf '\3'; tail -c +20 m; } >i386
	chmod +x i386
	refused 125 "./i386 is for another processor" ex run -- ./i386
}
@test "trace directory that exists, or cannot be made: 125" {
	mkdir full
	touch full/precious file
	refused 125 "full exists already; choose another directory with -o DIR, or remove it" ex run -o full -- true
	[ -e full/precious ]
	refused 125 "file exists already" ex run -o file -- true
	refused 125 "cannot make the trace directory file/such" ex run -o file/such -- true
	refused 125 "(File name too long)" ex run -o "$(printf 'd%.0s' {1..300})" -- true
	deep=$(printf '%.0sd' {1..240})/$(printf '%.0sd' {1..240})/$(printf '%.0sd' {1..240})/$(printf '%.0sd' {1..240})/$(printf '%.0sd' {1..100})
	mkdir -p "${deep%/*}"
	refused 125 "(File name too long)" ex run -o "$deep" -- true
	[ ! -e "$deep" ]
}
@test "a disk that takes no trace: the command runs, a note says that it was not observed" {
	run --separate-stderr bash -c "ulimit -f 1; '$EXEUNT_COMMAND' run -o small -- sh -c 'echo out; exit 7'"
	is 7 "$status"
	is out "$output"
	is "exeunt: cannot make the trace directory small (File too large); the command runs unobserved, choose another directory with -o DIR" "$stderr"
	[ ! -e small ]
	mkdir empty
	run --separate-stderr bash -c "ulimit -f 1; '$EXEUNT_COMMAND' run -o empty -- sh -c 'kill -9 \$\$'"
	is 137 "$status"
	is "" "$(ls -A empty)"
}
@test "the library is missing or of another version: 125" {
	local library="$WORK/libexeunt.so" version
	version=$(ex --version | cut -d' ' -f2)
	fit() { refused 125 "$1" env EXEUNT_LIBRARY="$library" "$EXEUNT_COMMAND" run -- true; }
	fit "reinstall exeunt, or name libexeunt.so with EXEUNT_LIBRARY=PATH"
	echo 'const char exeunt_version[] = "9.9.9", exeunt_tables[] = "";' >lib.c
	gcc -shared -fPIC lib.c -o "$library"
	fit "is of another version (9.9.9) than this exeunt ($version); install both from one build"
	echo "const char exeunt_version[] = \"$version\", exeunt_tables[] = \"enum x\";" >lib.c
	gcc -shared -fPIC lib.c -o "$library"
	fit "with other tables"
	gcc -shared -fPIC m.c -o "$library"
	fit "not exeunt's library"
	echo text >"$library"
	fit "not exeunt's library"
	refused 125 "install both from one build" env EXEUNT_LIBRARY="$library" "$EXEUNT_COMMAND" env
	mkdir "with blank"
	cp "$LIBRARY" "with blank/"
	library="$WORK/with blank/libexeunt.so"
	fit "LD_PRELOAD cannot hold"
}
@test "exeunt inside exeunt: 125, and with follow=no the inner one runs" {
	capture ex run -o outer -- "$EXEUNT_COMMAND" run -o inner -- true
	is 125 "$status"
	is 1 "$(wc -l <err)"
	grep -qF "already running under exeunt (trace $WORK/outer); run the inner command without exeunt" err
	[ ! -e inner ]
	capture ex run -s follow=no -o outer2 -- sh -c "'$EXEUNT_COMMAND' run -o inner2 -- true; exit \$?"
	is 0 "$status"
	[ -f inner2/metadata ]
}
@test "every command has its help, on stdout, with 0" {
	capture ex --help
	is 0 "$status"
	is "" "$(cat err)"
	cp out help
	for name in run report diagnose compare scan doctor env; do
		grep -q "^  $name " help
		capture ex "$name" --help
		is 0 "$status" "$name"
		grep -q "^usage: exeunt $name " out
		is "" "$(cat err)"
		is "$(cat out)" "$(ex help "$name")"
	done
	is "exeunt $(sed -n 's/^#define EXEUNT_VERSION "\(.*\)"/\1/p' "$ROOT/schema/wire.h")" "$(ex --version)"
}
