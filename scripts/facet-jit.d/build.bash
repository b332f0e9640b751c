# build.bash: the program, with symbols and without. What is there and not older than its source is not built again.
# shellcheck shell=bash disable=SC2154

build_facet() {
	local files=$here/facet-jit.d/facet source words=(build --release --locked --target-dir target --manifest-path src/Cargo.toml) began=$SECONDS
	if ! is_built facet-elements "$files"/{Cargo.toml,0.33.0.lock,src/main.rs,museair/src/lib.rs}; then
		command -v cargo >/dev/null || missing "cargo is missing: install a Rust toolchain, Debian's own is too old"
		rm -rf src
		cp -r "$files" src
		source=$(registry src)
		sed "s|@registry@|$source|" "$files/0.33.0.lock" >src/Cargo.lock
		rm src/0.33.0.lock
		command_line "cargo ${words[*]}"
		cargo "${words[@]}" >cargo.log 2>&1 || {
			tail -20 cargo.log
			fail "it could not be built ($dir/cargo.log)"
		}
		cp target/release/facet-elements bin/facet-elements.part
		mv bin/facet-elements.part bin/facet-elements
		note "built in $(seconds $((SECONDS - began)))"
	fi
	[ bin/stripped -nt bin/facet-elements ] || strip -o bin/stripped bin/facet-elements
}
