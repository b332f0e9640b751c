# Real programs do under exeunt what they do without.
load ../lib/zoo
setup() {
	zoo_setup
	cp -r "$ROOT/schema" src
}
teardown() { zoo_teardown; }

# alike COMMAND…: run in a copy of the folder each time; output, status and files made are the same
alike() {
	local want got want_status=0 got_status=0
	rm -rf plain observed trace
	cp -a src plain
	cp -a src observed
	want=$(cd plain && "$@" 2>&1) || want_status=$?
	LAST="exeunt run -- $*"
	got=$(cd observed && "$EXEUNT_COMMAND" run -o ../trace -- "$@" 2>&1) || got_status=$?
	is "$want_status $want" "$got_status $got" "without (left) and with exeunt (right): $*"
	# .git holds times, archives are compared by the commands themselves
	diff -r -x .git -x '*.o' plain observed
	report trace | jq -e '.lost == 0 and (.end.kind == "exit" or .end.kind == "_exit")' >/dev/null || { report trace | jq -c '[.lost, .end]'; return 1; }
}

@test "git: init, add, commit, log, gc" {
	need git
	export GIT_AUTHOR_DATE='2026-01-01T00:00:00Z' GIT_COMMITTER_DATE='2026-01-01T00:00:00Z' GIT_CONFIG_GLOBAL=/dev/null
	export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
	alike bash -c 'git init -q -b main . && git add . && git commit -qm one && git log --format="%H %s" && git gc -q && git fsck'
}
@test "python3: threads, processes, json" {
	alike python3 -c '
import concurrent.futures, json, multiprocessing, subprocess, sys, threading
def work(n): return n * n
if __name__ == "__main__":
    with concurrent.futures.ThreadPoolExecutor(4) as pool: print(sum(pool.map(work, range(100))))
    with multiprocessing.get_context("fork").Pool(2) as pool: print(sum(pool.map(work, range(100))))
    print(subprocess.run(["echo", "child"], capture_output=True, text=True).stdout.strip())
    print(json.dumps({"a": [1, 2]})); sys.exit(3)'
}
@test "gcc: compiles, links, and the result runs" { alike bash -c 'gcc -O2 -c meta.c -o meta.o && nm meta.o | wc -l'; }
@test "clang: compiles" {
	need clang-14
	alike bash -c 'clang-14 -O2 -c meta.c -o meta.o && nm meta.o | wc -l'
}
@test "make" {
	printf 'all: a b\na b: %%: meta.c\n\tcp meta.c $@\n' >src/Makefile
	alike make -j2
}
@test "bash pipelines, subshells, traps" {
	alike bash -c 'set -o pipefail; cat *.def | tr a-z A-Z | sort | uniq -c | sort -rn | head -3; (exit 4); echo $?; trap "echo bye" EXIT; false | true; echo ${PIPESTATUS[*]}; exit 6'
}
@test "sort, large, with threads and temporary files" { alike bash -c 'seq 200000 | sort --parallel=2 -S 1M -R --random-source=/bin/true | md5sum'; }
@test "xz and tar" {
	need xz
	alike bash -c 'tar --sort=name --mtime=@0 --owner=0 --group=0 -cf - . | xz -T2 -0 | xz -d | md5sum'
}
@test "perl" { alike perl -e 'my $pid = fork; if (!$pid) { exit 3 } waitpid($pid, 0); print $? >> 8, "\n"; system("echo system"); print `echo backticks`; END { print "end\n" }'; }
@test "sqlite3" {
	command -v sqlite3 >/dev/null || skip "sqlite3 is not here"
	alike sqlite3 :memory: 'create table t(a); insert into t values (1),(2); select sum(a) from t;'
}
@test "gdb runs a program" {
	need gdb
	alike gdb -q -nx -batch -ex 'print 6*7' "$ZOO/order_exe"
}
