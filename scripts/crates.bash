# crates.bash: what the jobs that build Rust programs (jit-stress, facet-jit) share.
# shellcheck shell=bash disable=SC2154

is_built() { # NAME SOURCE…
	local name=$1 source
	[ -x "bin/$name" ] || return 1
	shift
	for source in "$@"; do [ "bin/$name" -nt "$source" ] || return 1; done
	note "bin/$name is there"
}

# a lock file names the registry that made it, ours does not: as cargo itself writes it here, for the same crates
registry() { # FOLDER with a Cargo.toml
	(cd "$1" && cargo generate-lockfile >/dev/null 2>registry.log) || {
		tail -3 "$1/registry.log" >&2
		missing "cargo cannot ask its registry"
	}
	sed -n 's/^source = "\(.*\)"$/\1/p;T;q' "$1/Cargo.lock"
}
