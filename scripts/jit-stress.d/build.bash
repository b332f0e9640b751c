# build.bash: the programs. What is there and not older than its source is not built again.
# shellcheck shell=bash disable=SC2154

files=$here/jit-stress.d

is_built() { # NAME SOURCE…
	local name=$1 source
	[ -x "bin/$name" ] || return 1
	shift
	for source in "$@"; do [ "bin/$name" -nt "$source" ] || return 1; done
	note "bin/$name is there"
}

# with VERSION's lock file if there is one, and without if there is none
build_cranelift() { # NAME VERSION
	local name=$1 version=$2 words=(build --release --target-dir "target/$1" --manifest-path "src/$1/Cargo.toml") began=$SECONDS
	! is_built "$name" "$files"/cranelift/{Cargo.toml,Cargo.lock,src/main.rs} || return 0
	command -v cargo >/dev/null || missing "cargo is missing: install a Rust toolchain, Debian's own is too old for cranelift"
	mkdir -p "src/$name"
	rm -rf "src/$name"
	cp -r "$files/cranelift" "src/$name"
	if [ -n "$version" ]; then
		sed -i "s/^\(cranelift-.*\) = \"=.*\"/\1 = \"=$version\"/" "src/$name/Cargo.toml"
		if [ -e "$files/cranelift/$version.lock" ]; then
			mv "src/$name/$version.lock" "src/$name/Cargo.lock"
			words+=(--locked)
		else
			rm "src/$name/Cargo.lock"
			# the newest want a rustc that is newer still by their own word, and build with this one
			words+=(--ignore-rust-version)
		fi
		[ "$(printf '%s\n' 0.130.0 "$version" | sort -V | head -1)" = 0.130.0 ] || words+=(--features before-0-130)
	else
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
