# profile.bash: profiles rescued, merged, counted.
# shellcheck shell=bash disable=SC2154

merged() { # NAME FOLDER: runs/NAME/FOLDER.profdata of the raw profiles there; what llvm-profdata says in FOLDER.said
	local into=runs/$1/$2
	rm -f "$into.profdata"
	[ -n "$(find "$into" -name '*.profraw' -size +0 2>/dev/null)" ] || return
	command_line "${profdata##*/} merge -o $into.profdata $into/*.profraw"
	if "$profdata" merge -o "$into.profdata" "$into"/*.profraw >"$into.said" 2>&1; then
		return 0
	fi
	sed 's/^/  /' "$into.said"
	fact "$1" refused "$(sed -n 's/.*: \(warning: \)\{0,1\}//; 1p' "$into.said")"
	return 1
}
# names as the compilers wrote them; a local function has its file in front
functions() { # PROFDATA: "rust NAME" or "c NAME"
	"$profdata" show --all-functions "$1" |
		sed -n 's/^  \([^ ].*\):$/\1/p' |
		awk '{ print (/(^|;)(_R|_ZN)/ || $0 == "main" ? "rust " : "c ") $0 }' | LC_ALL=C sort -u
}
merge() { # NAME FOLDER
	if ! merged "$1" "$2"; then
		problem "no profile of $1"
		return
	fi
	functions "runs/$1/$2.profdata" >"runs/$1/functions"
	fact "$1" rust "$(grep -c '^rust ' "runs/$1/functions")"
	fact "$1" c "$(grep -c '^c ' "runs/$1/functions" || true)"
	fact "$1" profile "$2"
	note "$(fact_of "$1" rust) functions of Rust, $(fact_of "$1" c) of C"
}
rescue() { # NAME: the profile, written by exeunt, with the settings that the verdict was confirmed with
	local name=$1 folder=runs/$1/salvaged settings
	mapfile -t settings < <(jq -r '[.arms[] | select(.role == "confirm")][0].treatment // "salvage=yes"' \
		"runs/$1/verdict.json" | tr ' ' '\n' | sed 's/^/-s\n/')
	rm -rf "$folder" "runs/$name/trace"
	mkdir -p "$folder" "runs/$name/trace"
	command_line "exeunt run ${settings[*]} -s salvage-to=$folder/%p.profraw --" \
		"bin/$name -t 1 -o json -f OUTPUT ${files[*]##*/}    # and -o xml"
	each "$name" exeunt run "${settings[@]}" -s "salvage-to=$folder/%p.profraw" -o "runs/$name/trace/@N" -- "bin/$name"
	note "$(signal_name "$status"), output: $output"
	fact "$name" salvage_end "$(signal_name "$status")"
	fact "$name" salvage_output "$output"
	[ "$status" = 0 ] || problem "$name ended with $(signal_name "$status") when its profile was salvaged"
	[ "$output" = whole ] || [ "$output" = '?' ] || problem "the output of $name is not whole when its profile is salvaged"
	merge "$name" salvaged
}
# all builds with the same allocator have the same functions of Rust, whichever compiler made the rest
same_functions() {
	local name want=runs/jemalloc-gcc/functions
	[ -e "$want" ] || return 0
	for name in jemalloc jemalloc-no-value-sites jemalloc-mended jemalloc-clang-19; do
		[ -e "runs/$name/functions" ] || continue
		cmp -s <(grep '^rust ' "$want") <(grep '^rust ' "runs/$name/functions") ||
			problem "the functions of Rust in the profile of $name are not those of jemalloc-gcc"
	done
}

table() {
	local name key row rows=("build|48 B|64 B|ends|output|verdict|Rust functions|profile|time")
	for name in plain jemalloc jemalloc-no-value-sites mimalloc mimalloc-no-value-sites jemalloc-mended jemalloc-gcc \
		jemalloc-clang-19 optimized-rescued optimized-mended; do
		[ -e "rows/$name" ] || continue
		row=$name
		for key in records48 records64 end output verdict rust profile speed; do row+="|$(fact_of "$name" $key)"; done
		rows+=("$row")
	done
	[ ${#rows[@]} -gt 1 ] || return 0
	printf '%s\n' "${rows[@]}" | column -t -s '|' -o '  ' | sed 's/ *$//'
	note "(48 B, 64 B: profile records of that size in the file. Rust functions: in the merged profile, the program's own" \
		"or salvaged by exeunt. time: of the plain build's on the largest log.)"
}
