# Real programs: every call by which their libc changes memory is one event, as many as strace sees, process by process.
# What ld.so maps for itself (python3 opens libraries all the time) is not libc's, and strace.py tells the two apart.
load ../lib/zoo
load ../lib/growth
setup() { zoo_setup; }
teardown() { zoo_teardown; }

@test "eight threads, 64 MiB" {
	exact "$ZOO/grow_threads" 8 64
	at_least 14000 mprotect
}
@test "clang" {
	need clang-14
	cp "$ROOT"/schema/*.[ch] "$ROOT"/schema/*.def .
	exact clang-14 -O2 -D_GNU_SOURCE -c meta.c -o meta.o
	at_least 20 brk
}
@test "g++" {
	need g++
	printf '#include <regex>\n#include <map>\nint main() { return std::regex_match("a", std::regex("b")); }\n' >x.cc
	exact g++ -O2 x.cc -o x
	[ "$(wc -l <want)" -ge 5 ]
}
@test "sqlite3" {
	need sqlite3
	exact sqlite3 :memory: 'create table t(a, b); with recursive n(i) as (select 1 union all select i + 1 from n where i < 50000)
		insert into t select i, hex(i * 7919) from n; create index i on t(b); select count(*), max(b) from t;'
	at_least 20 brk
}
@test "git log --stat" {
	need git
	export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
	git init -q -b main repository
	for n in 1 2 3 4 5; do
		for file in a b c d; do seq $n $((n * 500)) >repository/$file$n; done
		git -C repository add .
		git -C repository commit -qm "commit $n"
	done
	exact git -C repository log --stat -p
}
@test "xz -T4" {
	need xz
	seq 3000000 >numbers
	exact xz -T4 -1 -k --block-size=2MiB numbers
	at_least 20 mmap
}
@test "sort --parallel=4" {
	seq 300000 >numbers
	exact sort -R --random-source=/bin/true --parallel=4 -S 8M numbers -o sorted
}
@test "bash: pipelines, functions, substitutions" {
	exact bash -c 'f() { seq $1 | while read -r n; do echo $((n * n)); done | sort -n | tail -1; }
		for i in 10 100 500; do f $i; done; x=$(cat /proc/self/status | grep -c .); [ $x -gt 3 ]; coproc cat; echo a >&${COPROC[1]}; exec {COPROC[1]}>&-; wait'
}
@test "python3: modules by dlopen, threads, children" {
	exact "$PYTHON" -c '
import asyncio, concurrent.futures, ctypes, decimal, json, lzma, multiprocessing, sqlite3, subprocess, threading
def work(n): return len(bytearray(n * 100000))
if __name__ == "__main__":
    with concurrent.futures.ThreadPoolExecutor(4) as pool: sum(pool.map(work, range(50)))
    with multiprocessing.get_context("fork").Pool(2) as pool: sum(pool.map(work, range(20)))
    subprocess.run(["true"])'
	# more mappings were made than libc made: those of ld.so, which are not counted
	[ "$(grep -c ' mmap(' log)" -gt $((100 + $(grep -o 'mmap=[0-9]*' want | awk -F= '{ n += $2 } END { print n }'))) ]
}
@test "perl, with a child" { exact perl -e '@a = map { "x" x $_ } 1 .. 3000; my $p = fork; if (!$p) { @b = map { "y" x $_ } 1 .. 3000; exit 0 } waitpid($p, 0);'; }
@test "gdb, with python inside" {
	need gdb
	exact gdb -q -nx -batch -ex 'print 6*7' -ex 'python print(len([str(i) for i in range(100000)]))' "$ZOO/order_exe"
}
