# diagnose gives every run a place of its own for its profiles, and leaves the user's own files as they were: whatever tells a
# program where to write, and however diagnose ends.
load ../lib/zoo
setup() {
	zoo_setup
	need clang-14
	cat >app.c <<-END
		#include <fcntl.h>
		#include <unistd.h>
		int work(int n) { int s = 0; for (int i = 0; i < n; i++) s += i % 3; return s; }
		int main(int c, char **v) {
			int s = work(10 * c);
			if (c > 1) { /* says that it runs, and waits for its end */
				close(open(v[1], O_CREAT | O_WRONLY, 0600));
				while (!access(v[1], F_OK)) usleep(10000);
			}
			return s < 0;
		}
	END
	mkdir pool mine
	# one whole, one of another program, one that no pool has, one in the working directory
	cp "$ROOT/tests/fuzz/corpus-profraw/clang14-ir.profraw" pool/default_5325959997000426782_0.profraw
	cp "$ROOT/tests/fuzz/corpus-profraw/rustc-ir.profraw" pool/notes.profraw
	echo mine >default.profraw
}
teardown() {
	[ -z "${PID:-}" ] || kill -9 "$PID" 2>/dev/null || true
	rm -f running
	zoo_teardown
}

# names, contents, times and inodes of what is the user's
inventory() {
	find pool mine default.profraw -printf '%p %i %T@ %s\n' | grep -vE '^(pool|mine) ' | sort
	find pool mine default.profraw -type f -exec md5sum {} + | sort
}
# [SETTINGS…] -- COMMAND: diagnosed in two runs; each has one whole profile in its folder, and nothing else has changed
diagnosed() {
	inventory >before
	capture ex diagnose -o runs -n 2 --json "$@"
	inventory >after
	is "$(cat before)" "$(cat after)" "the user's files"
	is healthy "$(jq -r .verdict out)"
	for run in runs/baseline/1 runs/baseline/2; do
		is 1 "$(find "$run/profile" -type f | wc -l)" "profiles in $run: $(ls -A $run/profile)"
		find "$run/profile" -type f -exec "$EXEUNT_COMMAND" scan {} + >scanned || { cat scanned; return 1; }
	done
	rm -rf runs
}

@test "nothing tells: default.profraw" {
	clang-14 -fprofile-instr-generate app.c -o app
	diagnosed -- ./app
	rm default.profraw
	diagnosed -- ./app
	[ ! -e default.profraw ]
}
@test "a folder built in, by clang" {
	clang-14 -fprofile-generate="$PWD/pool" app.c -o app
	./app
	diagnosed -- ./app
	diagnosed -- sh -c ./app
	# and one that is there no more
	mv pool mine/pool
	capture ex diagnose -o runs -n 2 --json -- ./app
	is healthy "$(jq -r .verdict out)"
	mv mine/pool pool.before
	[ ! -e pool ] || is "" "$(ls -A pool)"
}
@test "a folder built in, by rustc" {
	need rustc
	echo 'fn main() { println!("{}", std::env::args().count()); }' >app.rs
	rustc -O -Cprofile-generate="$PWD/pool" app.rs -o app
	./app
	diagnosed -- ./app
}
@test "a folder built into a library that the program needs" {
	echo 'int used(int n) { return n > 3 ? n * 2 : n; }' >used.c
	echo 'int used(int); int main(int c, char **v) { (void)v; return used(c) > 99; }' >plain.c
	clang-14 -fprofile-generate="$PWD/pool" -shared -fPIC used.c -o libused.so
	clang-14 plain.c -o app -L. -lused -Wl,-rpath,'$ORIGIN'
	./app
	# known before the first run: what is in the way is set aside for that too
	diagnosed -- ./app
}
@test "LLVM_PROFILE_FILE: %m, %p, a pool of two, continuous mode" {
	clang-14 -fprofile-instr-generate -mllvm -runtime-counter-relocation app.c -o app
	for name in 'pool/default_%m.profraw' 'mine/x-%p.profraw' 'pool/x_%2m.profraw' 'mine/plain.profraw' 'mine/%c.profraw' 'mine/y%c.profraw' "$PWD/mine/%h.profraw"; do
		LLVM_PROFILE_FILE=$name diagnosed -- ./app || { echo "$name"; return 1; }
	done
}
@test "LLVM_PROFILE_FILE in the command itself, or taken out there" {
	clang-14 -fprofile-instr-generate app.c -o app
	LLVM_PROFILE_FILE=$PWD/mine/x-%m.profraw ./app
	diagnosed -- env LLVM_PROFILE_FILE="$PWD/mine/x-%m.profraw" ./app
	LLVM_PROFILE_FILE=mine/y.profraw diagnosed -- env -u LLVM_PROFILE_FILE ./app
}
@test "salvage writes there too" {
	clang-14 -fprofile-generate="$PWD/pool" app.c -o app
	./app
	diagnosed -s salvage=yes -- ./app
	clang-14 -fprofile-instr-generate app.c -o app
	diagnosed -s salvage=yes -- ./app
	LLVM_PROFILE_FILE='pool/default_%m.profraw' diagnosed -s salvage=yes -- ./app
	# what a process leaves that is killed over it
	: >default.profraw.exeunt-11
	capture ex diagnose -o runs -n 2 --json -- sh -c './app; : >default.profraw.exeunt-77'
	is "default.profraw default.profraw.exeunt-11" "$(echo default.profraw*)"
	is "default.profraw default.profraw.exeunt-77" "$(ls runs/baseline/2/profile | xargs)"
}

# a diagnosis in the middle of a run, with the user's files set aside; its number in PID
begin() {
	clang-14 -fprofile-generate="$PWD/pool" app.c -o app
	inventory >before
	# what runs in the background has Ctrl-C ignored
	env --default-signal=INT,QUIT "$EXEUNT_COMMAND" diagnose -o runs -n 2 -- ./app "$PWD/running" >said 2>&1 &
	PID=$!
	while [ ! -e running ] && kill -0 "$PID"; do sleep 0.05; done
	[ -d "pool/.exeunt-aside.$PID" ]
	[ ! -e default.profraw ]
}
unchanged() {
	inventory >after
	is "$(cat before)" "$(cat after)" "the user's files"
	is "" "$(ls -Ad .exeunt-aside.* pool/.exeunt-aside.* 2>/dev/null)"
}
@test "ended by Ctrl-C, SIGTERM, SIGHUP, SIGQUIT: the files are back" {
	for signal in INT TERM HUP QUIT; do
		begin
		kill -"$signal" "$PID"
		status=0
		wait "$PID" || status=$?
		PID=
		is "$((128 + $(kill -l $signal)))" "$status" "$signal"
		unchanged || { echo "$signal"; return 1; }
		rm -rf runs running
	done
}
@test "killed: the next one brings them back" {
	begin
	kill -KILL "$PID"
	wait "$PID" || true
	PID=
	rm -f running
	capture ex diagnose -o again -n 2 -- ./app
	is 2 "$(grep -c '^exeunt: note: brought back .*, which an exeunt that was killed had set aside' err)" || { cat err; return 1; }
	rm -f pool/default_[0-9]*_0.profraw.exeunt-kept-*
	inventory | grep -F default.profraw >after
	is "$(grep -F default.profraw before)" "$(cat after)"
	cmp pool/default_5325959997000426782_0.profraw "$ROOT/tests/fuzz/corpus-profraw/clang14-ir.profraw"
	is "" "$(ls -Ad .exeunt-aside.* pool/.exeunt-aside.* 2>/dev/null)"
}
@test "killed, and something has taken a name since: both are there" {
	begin
	kill -KILL "$PID"
	wait "$PID" || true
	PID=
	rm -f running
	echo newer >default.profraw
	capture ex diagnose -o again -n 2 -- ./app
	is mine "$(cat default.profraw)"
	is newer "$(cat default.profraw.exeunt-kept-1)"
	grep -qF "$PWD/default.profraw, which an exeunt that was killed had set aside; what had taken its name since is $PWD/default.profraw.exeunt-kept-1 now" err
}
@test "two at once in one folder" {
	begin
	capture ex diagnose -o second -n 2 --json -- ./app
	is healthy "$(jq -r .verdict out)"
	[ ! -e default.profraw ]
	rm running
	# the second run of the first waits as well
	while [ ! -e running ] && kill -0 "$PID"; do sleep 0.05; done
	rm running
	wait "$PID"
	PID=
	unchanged
}
@test "a folder whose files cannot be renamed: they stay as they are" {
	[ "$(id -u)" != 0 ] || skip "root may rename everywhere"
	clang-14 -fprofile-generate="$PWD/pool" app.c -o app
	./app
	chmod a-w pool
	inventory >before
	capture ex diagnose -o runs -n 2 --json -- ./app
	chmod u+w pool
	unchanged
	is 1 "$(find runs/baseline/1/profile -type f | wc -l)"
}

@test "a damaged file of the pool: no run meets it but those that are to" {
	clang-14 -fprofile-generate="$PWD/pool" app.c -o app
	./app
	for file in pool/default_*_0.profraw; do
		[ "$file" = pool/default_5325959997000426782_0.profraw ] || NAME=${file#pool/}
	done
	head -c 200 "pool/$NAME" >cut
	cat cut >"pool/$NAME"
	inventory >before
	capture ex diagnose -o runs -n 5 --json -- ./app
	unchanged
	is "profile-lost confirmed" "$(jq -r '.verdict + " " + .status' out)"
	jq -e --arg file "$PWD/pool/$NAME" 'any(.evidence[]; .id == "stale" and (.text | contains($file)))' out
	jq -e '.arms[] | select(.name == "stale") | .bad == .runs and .runs == 5' out
	jq -e '.arms[] | select(.name == "baseline") | .bad == 0' out
	is "$NAME" "$(ls runs/stale/1/profile)"
	cmp cut "runs/stale/1/profile/$NAME"
	# the same told by the variable
	rm -rf runs
	LLVM_PROFILE_FILE=pool/default_%m.profraw capture ex diagnose -o runs -n 5 --json -- ./app
	unchanged
	is "profile-lost confirmed" "$(jq -r '.verdict + " " + .status' out)"
	# what has a number of its own each time is never met again
	rm -rf runs
	LLVM_PROFILE_FILE=pool/default_%m_%p.profraw capture ex diagnose -o runs -n 2 --json -- ./app
	is healthy "$(jq -r .verdict out)"
}
