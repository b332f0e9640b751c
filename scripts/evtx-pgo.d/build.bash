# build.bash: evtx from the crates registry, built in several ways. All builds with the same flags for rustc share one
# target folder, so that only the allocator, what depends on it, and the link are repeated.
# shellcheck shell=bash disable=SC2154

# cargo alone knows where the registry keeps what it has unpacked: a package that depends on evtx is asked for it
fetch_source() {
	local from
	command_line "cargo fetch    # a package that depends on evtx = \"=$version\""
	if [ ! -e "src/evtx-$version/Cargo.lock" ]; then
		mkdir -p fetch/src src
		: >fetch/src/lib.rs
		printf '%s\n' '[package]' 'name = "fetch"' 'version = "0.0.0"' 'edition = "2021"' '[dependencies]' \
			"evtx = { version = \"=$version\", default-features = false }" >fetch/Cargo.toml
		cargo fetch -q --manifest-path fetch/Cargo.toml --target "$host" || fail "evtx $version could not be had"
		from=$(cargo metadata --manifest-path fetch/Cargo.toml --format-version 1 --filter-platform "$host" |
			jq -r --arg v "$version" '.packages[] | select(.name == "evtx" and .version == $v).manifest_path')
		[ -e "${from%/*}/Cargo.lock" ] || fail "evtx $version came without its Cargo.lock"
		rm -rf "src/evtx-$version"
		cp -r "${from%/*}" "src/evtx-$version.part"
		mv "src/evtx-$version.part" "src/evtx-$version"
	fi
	[ -n "$cc_crate" ] && [ ! -e "$source/Cargo.lock" ] || return 0
	cp -r "src/evtx-$version" "$source.part"
	command_line "cargo update -p cc --precise $cc_crate"
	(cd "$source.part" && cargo update -q -p cc --precise "$cc_crate") || fail "cc $cc_crate does not go with evtx $version"
	mv "$source.part" "$source"
}
# the project's own patch: mimalloc as a further choice of allocator
patch_source() {
	local patch=$here/patches/evtx-0.13.0-mimalloc.patch
	[ -e "$source-mimalloc" ] && return
	rm -rf "$source-mimalloc.part"
	cp -r "$source" "$source-mimalloc.part"
	patch -s -N -p1 -d "$source-mimalloc.part" <"$patch" >patch.log || return
	command_line "patch -p1 <scripts/patches/${patch##*/}"
	command_line "cargo update --workspace    # adds mimalloc, changes no version"
	(cd "$source-mimalloc.part" && cargo update -q --workspace)
	mv "$source-mimalloc.part" "$source-mimalloc"
}

cc_version() { # SOURCE
	sed -n '/^name = "cc"$/{n;s/version = "\(.*\)"/\1/p;q}' "$1/Cargo.lock"
}
older() { # is version $1 older than $2?
	[ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -1)" = "$1" ]
}
forwards() { # does this version of the crate cc pass profile flags on?
	if older "$1" 1.2.2 || ! older "$1" 1.8.0; then echo no; else echo yes; fi
}
# which mend holds depends on the order in which cc puts its flags: before 1.2.16 those of CFLAGS come first and are undone
mend_kind() {
	local cc
	cc=$(cc_version "$source")
	if [ "$(forwards "$cc")" = no ]; then
		echo none
	elif older "$cc" 1.2.16; then
		echo wrapper
	else
		echo CFLAGS
	fi
}
mend_text() {
	case $(mend_kind) in
	none) echo "none is needed, cc $(cc_version "$source") passes no profile flags on" ;;
	wrapper)
		echo "CC is a wrapper that puts -fno-profile-generate last (cc $(cc_version "$source") puts CFLAGS before" \
			"its own flags)"
		;;
	CFLAGS) echo "CFLAGS=-fno-profile-generate" ;;
	esac
}
mend() { # NAME SOURCE FEATURE
	case $(mend_kind) in
	none) build "$1" "$2" "$compiler" "$3" "$generate" ;;
	wrapper) build "$1" "$2" "$(wrapper no-profile -fno-profile-generate -fno-profile-use)" "$3" "$generate" ;;
	CFLAGS) build "$1" "$2" "$compiler" "$3" "$generate" -fno-profile-generate ;;
	esac
}

# wrapper NAME FLAGS: prints the path of a compiler that adds these flags behind all others
wrapper() {
	local path=$dir/cc/$compiler-$1
	shift
	mkdir -p cc
	printf '#!/bin/sh\nexec %s "$@" %s\n' "$compiler" "$*" >"$path.new"
	chmod +x "$path.new"
	mv "$path.new" "$path"
	echo "$path"
}

# build NAME SOURCE CC FEATURE RUSTFLAGS [CFLAGS]: bin/NAME, unless it has been made of just this
build() {
	local name=$1 from=$2 cc=$3 feature=$4 flags=$5 cflags=${6:-} recipe began status=0 last
	[ -e "$source/Cargo.lock" ] || fetch_source # a single step, in a new folder
	recipe="$(rustc -V) $from $("$cc" --version | head -1) $cc $feature $flags $cflags"
	recipe+=" $(env | sed -n '/^CARGO_PROFILE_/p' | sort)"
	command_line "RUSTFLAGS=$flags CC=$cc${cflags:+ CFLAGS=$cflags}" \
		"cargo build --release --locked --features $feature --target $host --bin evtx_dump"
	mkdir -p bin log
	cp "$from/Cargo.lock" bin # diagnose looks for it, since which mend holds depends on it
	if [ -x "bin/$name" ] && [ "$(cat "bin/$name.recipe" 2>/dev/null)" = "$recipe" ]; then
		note "bin/$name is there ($(seconds "$(cat "bin/$name.seconds")"))"
		return
	fi
	rm -rf "bin/$name" "bin/$name.recipe" "bin/$name.seconds" "rows/$name" "runs/$name" # nothing of another build
	began=$SECONDS
	(
		cd "$from"
		export CARGO_TARGET_DIR=$dir/target CC=$cc RUSTFLAGS=$flags CFLAGS=$cflags
		# make would take an allocator's objects of the compiler before for its own
		if [ "$(cat "$dir/target/allocator" 2>/dev/null)" != "$feature $cc $cflags" ]; then
			for crate in tikv-jemalloc-sys libmimalloc-sys; do
				! grep -q "^name = \"$crate\"" Cargo.lock || cargo clean -q --release --target "$host" -p $crate
			done
			mkdir -p "$CARGO_TARGET_DIR"
			echo "$feature $cc $cflags" >"$CARGO_TARGET_DIR/allocator"
		fi
		[ ! -t 2 ] || export CARGO_TERM_PROGRESS_WHEN=always CARGO_TERM_PROGRESS_WIDTH=80
		exec cargo build --release --locked --features "$feature" --target "$host" --bin evtx_dump -j "$jobs"
	) 2> >(build_progress "$dir/log/$name.build") || status=$?
	[ $status = 0 ] || {
		tail -20 "log/$name.build" >&2
		fail "the build of $name failed with $status; all it said is in log/$name.build"
	}
	cp "target/$host/release/evtx_dump" "bin/$name.new"
	mv "bin/$name.new" "bin/$name"
	last=$((SECONDS - began))
	echo "$last" >"bin/$name.seconds"
	echo "$recipe" >"bin/$name.recipe"
	note "built in $(seconds "$last")"
}
# keeps what cargo says in the log; on a terminal its own bar is shown, else a line for every fifty crates
build_progress() {
	if [ -t 2 ]; then
		tee "$1" >&2
	else
		tee "$1" | awk '/^ *Compiling/ && ++n % 50 == 0 { printf "  %d crates\n", n; fflush() }'
	fi
}
