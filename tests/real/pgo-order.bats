# Real exit orders of a profile writer and an allocator that destroys its heap, by two profile runtimes: who is bound to run
# first, and what diagnose says of it, with symbols and without. The two mimallocs are the C sources that crates carry.
load ../lib/zoo
load ../lib/verdicts
load ../lib/pgo
ORDER=$O/pgo-order
S=$ROOT/tests/zoo/pgo

setup_file() {
	zoo_setup
	mkdir -p "$ORDER/stripped"
	cd "$ORDER" || return 1
	for llvm in 14 22; do
		command -v clang-$llvm >/dev/null || continue
		cc() { clang-$llvm -O2 -g -pthread "$@"; }
		for file in main part; do
			cc -fprofile-generate -fPIC -c "$S/$file.c" -o $file.o
			# value profiles that the runtime has to allocate
			cc -fprofile-generate -mllvm -vp-static-alloc=false -c "$S/$file.c" -o $file-heap.o
			gcc -O2 -g -c "$S/$file.c" -o $file-plain.o
		done
		gcc -g -c "$S/leave.c" -o leave.o
		cc -fprofile-generate main.o part.o leave.o -o program$llvm
		cc -fprofile-generate -shared part.o -o libpart$llvm.so
		gcc main-plain.o leave.o libpart$llvm.so -Wl,-rpath,'$ORIGIN' -o library$llvm
		with_crates $llvm || true
	done
	for file in *14* *22*; do
		[ ! -f "$file" ] || strip -s -o "stripped/$file" "$file"
	done
}
# NAME VERSION FOLDER: the C sources of a crate
crate() {
	[ ! -e "$1/source" ] || return 0
	mkdir -p "$1/src"
	echo 'fn main() {}' >"$1/src/main.rs"
	cat >"$1/Cargo.toml" <<-END
		[package]
		name = "source"
		version = "0.1.0"
		[dependencies]
		libmimalloc-sys = "=$2"
	END
	(cd "$1" && cargo vendor -q vendor >/dev/null 2>../why) || return
	ln -s "vendor/libmimalloc-sys/$3" "$1/source"
}
with_crates() { # LLVM
	command -v cargo >/dev/null || { echo "cargo is missing (a Rust toolchain, which no Debian package of ours brings)" >why; return 1; }
	crate 2.1.7 0.1.39 c_src/mimalloc && crate 2.2.4 0.1.44 c_src/mimalloc/v2 || return
	grep -q "MI_MALLOC_VERSION 217 " 2.1.7/source/include/mimalloc.h
	grep -q "MI_MALLOC_VERSION 224 " 2.2.4/source/include/mimalloc.h
	local compiler runtime
	mimalloc() { # VERSION COMPILER FLAG…
		"$2" -O2 -g -w -fPIC -DNDEBUG -ftls-model=initial-exec "${@:3}" -I"$1/source/include" -c "$1/source/src/static.c"
	}
	mimalloc 2.1.7 gcc -DMI_MALLOC_OVERRIDE -fno-builtin-malloc -o malloc.o
	mimalloc 2.1.7 gcc -o mi.o
	runtime=$(cc -print-file-name=libclang_rt.profile-x86_64.a)
	[ -e "$runtime" ] || runtime=$(cc -print-file-name=libclang_rt.profile.a)
	# constructors run in the order in which they are linked, and the driver puts the runtime last
	cc -fprofile-generate main.o part.o leave.o malloc.o -o before$1
	cc -fprofile-generate "$runtime" main.o part.o leave.o malloc.o -o after$1
	cc -c -x c - -o calloc.o <<-'END'
		#include <stddef.h>
		void *mi_calloc(size_t n, size_t bytes);
		void *calloc(size_t n, size_t bytes) { return mi_calloc(n, bytes); }
	END
	cc -fprofile-generate "$runtime" main-heap.o part-heap.o leave.o calloc.o mi.o -o nodes$1
	for compiler in gcc clang-14; do
		mimalloc 2.2.4 $compiler -DMI_MALLOC_OVERRIDE -fno-builtin-malloc -o malloc.o
		cc -fprofile-generate -shared part.o malloc.o -o libinside-$compiler$1.so
		gcc main-plain.o leave.o libinside-$compiler$1.so -Wl,-rpath,'$ORIGIN' -o inside-$compiler$1
	done
}
setup() {
	zoo_setup
}
teardown() { zoo_teardown; }

# PROGRAM HANDLER-FILE HANDLER: which of its runtimes, stripped or not, dies of that handler with destroy_on_exit, and is
# healthy without; HANDLER "-": healthy with it too. A name that is only inferred ends in "?"
order() {
	local llvm folder program preload=() expected at
	[[ $1 != program && $1 != library ]] || preload=(LD_PRELOAD="$MIMALLOC")
	[ -e "$ORDER/${1}22" ] || {
		need clang-22
		skip "$1: $(head -1 "$ORDER/why")"
	}
	for llvm in 14 22; do
		for folder in "$ORDER" "$ORDER/stripped"; do
			program=$folder/$1$llvm
			plain env MIMALLOC_DESTROY_ON_EXIT=0 "${preload[@]}" "$program"
			is "0 97 45174" "$status $(<out)"
			EX_DIAGNOSE_RUNS=$PGO_RUNS verdict env MIMALLOC_DESTROY_ON_EXIT=0 "${preload[@]}" "$program"
			is "healthy none" "$(of '.verdict + " " + .status')" "$program, heap kept" || { told; return 1; }
			plain env MIMALLOC_DESTROY_ON_EXIT=1 "${preload[@]}" "$program"
			is "97 45174" "$(<out)"
			expected="0 healthy none"
			[ "$3" = - ] || expected="139 profile-after-teardown confirmed"
			at=$status
			EX_DIAGNOSE_RUNS=$PGO_RUNS verdict env MIMALLOC_DESTROY_ON_EXIT=1 "${preload[@]}" "$program"
			is "$expected" "$at $(of '.verdict + " " + .status')" "$program, heap destroyed" || { told; return 1; }
			[ "$3" = - ] || blamed "$2" "$3" "$llvm" || { told; return 1; }
		done
	done
}
# without exeunt, the profile in a folder of its own
plain() {
	rm -rf profiles
	status=0
	LLVM_PROFILE_FILE=$WORK/profiles/%m.profraw capture timeout 30 "$@" 2>/dev/null
}
# FILE HANDLER LLVM: the cause names the writer, and the handler at the offset that the file with symbols has it; mixed
# layouts are excluded with a reason
blamed() {
	local at file=${1//LLVM/$3}
	if [[ $2 = *\? ]]; then
		at="$file\\+0x[0-9a-f]+ \\(inferred to be .*'s ${2%\?}\\)"
	else
		at=$(nm "$ORDER/$file" | sed -n "s/^0*\\([0-9a-f]*\\) [tT] $2\$/\\1/p")
		[ -n "$at" ] || { echo "no $2 in $file"; return 1; }
		at="$file\\+0x$at"
	fi
	jq -e --arg at "after the exit handler $at" '.cause | test($at)' json >/dev/null || { echo "not blamed: $at"; return 1; }
	jq -e 'any(.excluded[]; .verdict == "mixed-profile-layouts" and (.why | length > 10))' json >/dev/null ||
		{ echo "mixed-profile-layouts is not excluded with a reason"; return 1; }
}

@test "program instrumented, mimalloc 2.0.9 preloaded: the writer runs first" { order program - -; }
@test "library instrumented, mimalloc 2.0.9 preloaded: mimalloc's handler runs first" { order library libmimalloc.so.2.0 'mi_process_done?'; }
@test "mimalloc 2.1.7 linked in, its constructor before the runtime's: the writer runs first" { order before - -; }
@test "mimalloc 2.1.7 linked in, its constructor after the runtime's: mimalloc's handler runs first" { order after afterLLVM mi_process_done; }
@test "value profiles in mimalloc's heap: the writer follows them there" {
	order nodes nodesLLVM mi_process_done
	# the frame that the mixed layouts have too
	EX_DIAGNOSE_RUNS=$PGO_RUNS verdict env MIMALLOC_DESTROY_ON_EXIT=1 "$ORDER/nodes22"
	jq -e '.stacks.fault[0] | tostring | test("initializeValueProfRuntimeRecord")' json >/dev/null || { of .stacks; return 1; }
	jq -e 'any(.evidence[]; .id == "taken")' json >/dev/null || { told; return 1; }
}
@test "mimalloc 2.2.4 in the instrumented library, by gcc: a destructor before the writer" { order inside-gcc libinside-gccLLVM.so mi_process_detach; }
@test "mimalloc 2.2.4 in the instrumented library, by clang: a destructor behind the writer" { order inside-clang-14 - -; }
