# Unsafe Rust that misuses the heap: vec! asks for blocks from one place for the whole program, so that only the frames behind it tell
# whose block it was. rustc alone, no crates. Rows: way, verdict, function that does it, function that had asked for the block.
load ../lib/zoo
load ../lib/heap
setup() {
	zoo_setup
	command -v rustc >/dev/null || skip "rustc is missing (a Rust toolchain, which no Debian package of ours brings)"
	mkdir -p "$O/zoo"
	[ "$ZOO/corrupt_rust" -nt "$ROOT/tests/zoo/corrupt_rust.rs" ] ||
		rustc --edition 2021 -g -C opt-level=1 -C debug-assertions=off -o "$ZOO/corrupt_rust" "$ROOT/tests/zoo/corrupt_rust.rs"
}
teardown() { zoo_teardown; }

@test "an integer stored too wide, a length, a reference to what is gone, two owners" {
	WAYS="
field         heap-overflow    corrupt_rust::store       corrupt_rust::give
set-len       heap-overflow    corrupt_rust::set_len     corrupt_rust::set_len
dropped       use-after-free   corrupt_rust::load        corrupt_rust::give
moved         use-after-free   corrupt_rust::store       corrupt_rust::moved
owned-twice   double-free      corrupt_rust::owned_twice corrupt_rust::owned_twice
sound         healthy          -                         -
"
	for verdict in heap-overflow use-after-free double-free healthy; do all_of corrupt_rust "$verdict" || return 1; done
}
