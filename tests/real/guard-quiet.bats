# Real programs with treatment guard do what they do without, and no block of theirs is found harmed: with glibc's malloc, and with
# jemalloc, mimalloc and tcmalloc preloaded.
load ../lib/zoo
setup() {
	zoo_setup
	cp -r "$ROOT/schema" src
	export GIT_AUTHOR_DATE='2026-01-01T00:00:00Z' GIT_COMMITTER_DATE='2026-01-01T00:00:00Z' GIT_CONFIG_GLOBAL=/dev/null
	export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
}
teardown() { zoo_teardown; }

PRELOADED="libjemalloc.so.2 libmimalloc.so.2.0 libtcmalloc_minimal.so.4"

# guarded GUARD COMMAND…: in a copy of the folder as without; no process of it has a block that is harmed. What plain printed
# and returned is in $want
guarded() {
	local guard=$1 got status=0 pid
	shift
	rm -rf observed trace
	cp -a src observed
	LAST="exeunt run -s guard=$guard -- $*"
	got=$(cd observed && "$EXEUNT_COMMAND" run -s guard="$guard" -o ../trace -- "$@" 2>&1) || status=$?
	is "$want" "$status $got" "without (left) and with guard=$guard: $*"
	diff -r -x .git -x '*.o' plain observed
	report trace >json
	for pid in $(jq -r '[.processes[].pid] | unique | .[]' json); do
		report trace --pid "$pid" | jq -e '.blocks == null or .blocks.found == []' >/dev/null || {
			report trace --pid "$pid" | jq -c '.blocks.found[]'
			return 1
		}
	done
	# the treatment was on
	jq -e '.blocks != null' json >/dev/null
	babeltrace2 trace >events
	grep -q ' site: ' events || { echo "no allocation site was seen"; return 1; }
	! grep ' refused: ' events || return 1
}

# quiet "PRELOADS" "GUARDS" COMMAND…: slack with each, the guards with glibc's
quiet() {
	local preloads=$1 guards=$2 lib guard plain_status=0
	shift 2
	rm -rf plain
	cp -a src plain
	want=$(cd plain && "$@" 2>&1) || plain_status=$?
	want="$plain_status $want"
	guarded slack "$@" || return 1
	for guard in $guards; do guarded "$guard" "$@" || return 1; done
	for lib in $preloads; do
		rm -rf plain
		cp -a src plain
		plain_status=0
		want=$(cd plain && env LD_PRELOAD="$lib" "$@" 2>&1) || plain_status=$?
		want="$plain_status $want"
		guarded slack env LD_PRELOAD="$lib" "$@" || { echo "under $lib"; return 1; }
	done
}

@test "git" {
	need git
	quiet "$PRELOADED" "ends sample:100" bash -c 'git init -q -b main . && git add . && git commit -qm one && git log --format="%H %s" && git gc -q && git fsck'
}
@test "python3" {
	quiet "$PRELOADED" "sample:100" python3 -c '
import collections, json, re, sqlite3, subprocess, threading, zlib
text = "".join(open(f, errors="replace").read() for f in ("events.def", "kinds.def", "heap.def"))
words = collections.Counter(re.findall(r"\w+", text))
print(sorted(words.items(), key=lambda w: (-w[1], w[0]))[:20])
print(len(zlib.compress(text.encode())), len(json.loads(json.dumps({w: list(range(n % 50)) for w, n in words.items()}))))
db = sqlite3.connect(":memory:")
db.execute("create table t(w text, n int)")
db.executemany("insert into t values (?, ?)", words.items())
print(db.execute("select count(*), sum(n) from t").fetchone())
all = [threading.Thread(target=lambda: re.sub(r"[aeiou]+", "-", text)) for _ in range(4)]
[t.start() for t in all]; [t.join() for t in all]
print(subprocess.run(["echo", "child"], capture_output=True, text=True).stdout)'
}
@test "perl" {
	quiet "$PRELOADED" "ends sample:100" perl -e '
		my %count; for my $file (sort glob "*.def") { open my $in, "<", $file or die; while (<$in>) { $count{$_}++ for /(\w+)/g } }
		print "$_ $count{$_}\n" for (sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count)[0 .. 30];
		my $pid = fork; if (!$pid) { my @a = map { "x" x $_ } 1 .. 2000; exit @a % 7 } waitpid $pid, 0; print $? >> 8, "\n"'
}
@test "clang: C and C++, optimised" {
	need clang-14
	printf '#include <algorithm>\n#include <map>\n#include <string>\n#include <vector>\nint f(std::map<std::string, std::vector<int>> &m) { int n = 0; for (auto &[k, v] : m) { std::sort(v.begin(), v.end()); n += v.size() + k.size(); } return n; }\n' >src/f.cc
	quiet "libjemalloc.so.2 libtcmalloc_minimal.so.4" "" bash -c 'clang++-14 -std=c++17 -O2 -c f.cc -o f.o && nm f.o | sort -k3 | tail -3 && clang-14 -O2 -c meta.c -o meta.o && nm meta.o | wc -l'
}
@test "sqlite3" {
	need sqlite3
	quiet "$PRELOADED" "ends starts sample:10" sqlite3 :memory: 'create table t(a integer primary key, b text); with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000) insert into t select i, hex(i * i) from n; create index j on t(b); select count(*), sum(a), max(b), group_concat(b) from (select * from t where b like "%3%" order by b limit 40); delete from t where a % 3 = 0; vacuum; select count(*) from t; pragma integrity_check;'
}
@test "xz and tar" {
	need xz
	quiet "$PRELOADED" "ends starts sample:10" bash -c 'tar --sort=name --mtime=@0 --owner=0 --group=0 -cf - . | xz -T2 -3 | xz -d | md5sum'
}
@test "bash" {
	# shellcheck disable=SC2016
	quiet "$PRELOADED" "ends starts sample:10" bash -c 'set -o pipefail; declare -A n; while read -r w _; do n[$w]=$((n[$w] + 1)); done <events.def; for w in "${!n[@]}"; do echo "$w ${n[$w]}"; done | sort | head -40; x=$(printf "%s\n" *.def | tr a-z A-Z); echo "${x//DEF/}"; (exit 4); echo $?; trap "echo bye" EXIT; exit 6'
}
@test "a JVM: compiles a program and runs it" {
	need java
	cat >src/Words.java <<-'END'
		import java.nio.file.*;
		import java.util.*;
		import java.util.stream.*;
		public class Words {
		    public static void main(String[] a) throws Exception {
		        String text = Files.readString(Path.of("kinds.def"));
		        Map<String, Long> n = Arrays.stream(text.split("\\W+")).parallel().collect(Collectors.groupingByConcurrent(w -> w, Collectors.counting()));
		        n.entrySet().stream().sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey())).limit(20).forEach(e -> System.out.println(e));
		        java.util.zip.Deflater d = new java.util.zip.Deflater();
		        d.setInput(text.getBytes()); d.finish();
		        System.out.println(d.deflate(new byte[1 << 20])); d.end();
		        System.exit(7);
		    }
		}
	END
	quiet "libjemalloc.so.2" "" java -Xshare:auto Words.java
}
@test "node" {
	need node
	quiet "libjemalloc.so.2 libtcmalloc_minimal.so.4" "" node -e '
const fs = require("fs"), zlib = require("zlib"), crypto = require("crypto");
const text = fs.readFileSync("events.def", "utf8"), n = {};
for (const w of text.match(/\w+/g)) n[w] = (n[w] || 0) + 1;
console.log(Object.entries(n).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 20));
console.log(zlib.gunzipSync(zlib.gzipSync(text)).length, crypto.createHash("sha256").update(text).digest("hex"));
setTimeout(() => { console.log("later"); process.exit(5); }, 10);'
}
