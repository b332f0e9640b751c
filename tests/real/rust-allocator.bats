# A Rust program whose global allocator is mimalloc, as a release build has it: no malloc of its own, no mi_version (the
# linker drops it), and what libc takes is still glibc's.
load ../lib/zoo
setup() {
	zoo_setup
	command -v cargo >/dev/null || skip "cargo is missing (a Rust toolchain, which no Debian package of ours brings)"
	mkdir -p src
	cat >Cargo.toml <<-'END'
		[package]
		name = "owner"
		version = "0.1.0"
		edition = "2021"
		[dependencies]
		mimalloc = { version = "=0.1.52", default-features = false }
		libmimalloc-sys = { version = "=0.1.49", default-features = false }
	END
	cat >src/main.rs <<-'END'
		#[global_allocator]
		static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;
		fn main() {
		    let blocks: Vec<Vec<u8>> = (0..64).map(|n| vec![n; 1 << 20]).collect();
		    println!("{}", blocks.iter().map(|b| b[7] as u64).sum::<u64>());
		}
	END
	export CARGO_TARGET_DIR=$O/rust
	cargo fetch -q 2>why || skip "the crate cannot be had: $(head -1 why)"
	cargo build -q --release --offline
}
teardown() { zoo_teardown; }

@test "mimalloc in a Rust program: by function, with its version; stripped: the module is all that is known" {
	capture ex run -o trace -- "$O/rust/release/owner"
	is "0 2016 " "$status $(cat out) $(cat err)"
	report trace >json
	is "mimalloc 3.3.2 static owner" "$(jq -r '.allocators[] | select(.name != "glibc") | "\(.name) \(.version) \(.how) \(.module)"' json)"
	jq -e '[.growth.by_module[] | select(.allocator == "mimalloc" and .by == "function")][0].grown_bytes >= 64 * 1048576' json
	# its own finalizer, whatever it is called, and the function that ends it, entered from there
	capture ex run -s probe=on -o end -- "$O/rust/release/owner"
	report end >json
	is "allocator-done mi_process_detach owner" "$(jq -r '.teardown[] | select(.kind == "allocator-done") | "\(.kind) \(.symbol) \(.module)"' json)"
	is "mi_process_done owner true" "$(jq -r '([.teardown[] | select(.kind == "allocator-done").n][0]) as $n | .entered[] | "\(.symbol) \(.module) \(.handler_n == $n)"' json)"
	strip -o owner "$O/rust/release/owner"
	capture ex run -o bare -- ./owner
	report bare >json
	is "owner null module" "$(jq -r '.growth.by_module[] | select(.module == "owner") | "\(.module) \(.allocator) \(.by)"' json)"
}
