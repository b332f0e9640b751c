# build.bash: the programs. What is there and not older than its source is not built again.
# shellcheck shell=bash disable=SC2154

files=$here/jit-stress.d

# with VERSION's lock file if there is one, and without if there is none
build_cranelift() { # NAME VERSION
	local name=$1 version=$2 lock=$files/cranelift/${2:-0.135.8}.lock source words=(build --release --target-dir "target/$1" --manifest-path "src/$1/Cargo.toml") began=$SECONDS
	! is_built "$name" "$files"/cranelift/{Cargo.toml,src/main.rs} "$lock" || return 0
	command -v cargo >/dev/null || missing "cargo is missing: install a Rust toolchain, Debian's own is too old for cranelift"
	mkdir -p "src/$name"
	rm -rf "src/$name"
	cp -r "$files/cranelift" "src/$name"
	if [ -n "$version" ]; then
		sed -i "s/^\(cranelift-.*\) = \"=.*\"/\1 = \"=$version\"/" "src/$name/Cargo.toml"
		# the newest want a rustc that is newer still by their own word, and build with this one
		[ -e "$lock" ] || words+=(--ignore-rust-version)
		[ "$(printf '%s\n' 0.130.0 "$version" | sort -V | head -1)" = 0.130.0 ] || words+=(--features before-0-130)
	fi
	rm -f "src/$name"/*.lock
	if [ -e "$lock" ]; then
		source=$(registry "src/$name")
		sed "s|@registry@|$source|" "$lock" >"src/$name/Cargo.lock"
		words+=(--locked)
	fi
	command_line "cargo ${words[*]}"
	cargo "${words[@]}" >"$name.log" 2>&1 || {
		tail -20 "$name.log"
		problem "cranelift ${version:-of the lock file} could not be built ($dir/$name.log)"
		return 1
	}
	cp "target/$name/release/cranelift-stress" "bin/$name.part"
	mv "bin/$name.part" "bin/$name"
	note "built in $(seconds $((SECONDS - began)))"
}

build_c() { # NAME LIBRARY…
	local name=$1 words=(gcc -O1 -g -fno-omit-frame-pointer -pthread -D_GNU_SOURCE)
	shift
	! is_built "$name" "$files"/{stress.c,stress.h,"$name.c"} || return 0
	words+=(-I"$(llvm-config-14 --includedir)" "$files/stress.c" "$files/$name.c" -o "bin/$name" "$@")
	command_line "${words[*]}"
	"${words[@]}"
}
