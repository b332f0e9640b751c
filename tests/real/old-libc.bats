# The library loads into programs of an old C library (Debian 11, glibc 2.31) and leaves them as they are.
load ../lib/zoo
setup() {
	zoo_setup
	root=$("$ROOT/scripts/bullseye" 2>why) || skip "$(cat why)"
	inside=$(mktemp -d "$root/tmp/exeunt.XXXXXX")
	cp "$LIBRARY" "${LIBRARY%.so}-heap.so" "$inside/"
	at=${inside#"$root"}
}
teardown() {
	[ -z "${inside:-}" ] || rm -rf "$inside"
	zoo_teardown
}

PRELOAD=libexeunt.so SETTINGS=
alike() { # COMMAND…
	local want want_status=0 got_status=0
	want=$(chroot "$root" "$@" 2>&1) || want_status=$?
	rm -rf "$inside/trace"
	LAST="chroot $root env EXEUNT='out=$at/trace $SETTINGS' LD_PRELOAD=$at/$PRELOAD $*"
	chroot "$root" /usr/bin/env "EXEUNT=out=$at/trace $SETTINGS" "LD_PRELOAD=$at/$PRELOAD" "$@" >out 2>err || got_status=$?
	is "$want_status $want" "$got_status $(cat out)" "without (left), with the library (right)"
	is "" "$(cat err)" "standard error"
	babeltrace2 "$inside/trace" >bt
	grep -q 'goodbye' bt
	report "$inside/trace" --sysroot "$root" >json
	is "$(wc -l <bt)" "$(jq .events json)"
}

@test "glibc is older than the one outside" {
	[[ $(chroot "$root" ldd --version | head -1) == *2.31 ]]
}
@test "true" { alike /bin/true; }
@test "ls" { alike /bin/ls /etc; }
@test "cat" { alike /bin/cat /etc/debian_version; }
@test "perl" { alike /usr/bin/perl -e 'print 6 * 7, "\n"; system("echo child"); exit 3'; }
@test "bash" { alike /bin/bash -c 'echo a | cat; (exit 3); echo $?; exit 4'; }
@test "apt-get, which links libpthread" { alike /usr/bin/apt-get --version; }
@test "malloc wrapped: counted, and one thread at a time" {
	PRELOAD=libexeunt-heap.so SETTINGS="log=counters serialize=malloc"
	alike /bin/ls /etc
	is "true libc.so.6" "$(jq -r '"\(.heap.calls.malloc > 0) \(.heap.allocator.module)"' json)"
	alike /usr/bin/perl -e 'print 6 * 7, "\n"; system("echo child"); exit 3'
	alike /usr/bin/apt-get --version
	jq -e '.heap.calls."operator new" > 1000' json
}
