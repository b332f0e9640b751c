# cases.bash: one allocator and size: as it is, its verdict, and what exeunt compare says of the block; and the table of all.
# Facts are in rows/, what was printed, traces and verdicts in runs/.
# shellcheck shell=bash disable=SC2154

library() { # ALLOCATOR: what to preload for it
	case $1 in
	tcmalloc) echo libtcmalloc_minimal.so.4 ;;
	jemalloc) echo libjemalloc.so.2 ;;
	mimalloc) echo libmimalloc.so.2.0 ;;
	esac
}
plainly() { # CASE COMMAND…
	local case=$1 n status died=0 fine=0
	shift
	for ((n = 1; n <= runs; n++)); do
		status=0
		{ timeout 60 "$@" >"runs/$case/plain" 2>&1 </dev/null || status=$?; } 2>/dev/null
		[ $status -lt 128 ] || died=$((died + 1))
		[ $status != 0 ] || fine=$((fine + 1))
	done
	fact "$case" died $died
	fact "$case" fine $fine
}
judged() { # CASE COMMAND…
	local case=$1 said=runs/$1/verdict.json status=0
	shift
	rm -rf "runs/$case/diagnose"
	exeunt diagnose --json --runs "$arm_runs" --look-for heap -o "runs/$case/diagnose" -- "$@" >"$said" 2>"runs/$case/said" </dev/null || status=$?
	[ $status = 0 ] || [ $status = 3 ] || {
		problem "$case: exeunt diagnose ended with $status: $(tail -1 "runs/$case/said")"
		return 0
	}
	fact "$case" verdict "$(jq -r .verdict "$said")"
	fact "$case" status "$(jq -r '.status // empty' "$said")"
	# who wrote, and how much where; who had asked for the block: functions without offsets, or module and offset
	fact "$case" writer "$(jq -r .cause "$said" | sed 's/^\([^ :]*\).*/\1/; s/^\(jit_[^+]*\)+0x.*/\1/')"
	fact "$case" store "$(jq -r '[.evidence[] | select(.id == "caught").text] | first // ""' "$said" |
		sed -n 's/.*: \(.*\), which \(writes .*\) on$/\2 (\1)/p')"
	fact "$case" owner "$(jq -r .cause "$said" | sed -n 's/.*, which \(.*\) had asked for\.$/\1/p' | sed 's/^\([^ +]*\)+0x[0-9a-f]* (.*/\1/')"
	fact "$case" code "$(jq -r '[.evidence[] | select(.id == "caught").text | select(test("in no module"))] | length > 0' "$said")"
	fact "$case" dangling "$(jq -r '[.excluded[] | select(.verdict == "dangling-code").why] | first // ""' "$said")"
}

one() { # CASE
	local case=$1 allocator=${1%.*} bytes=${1#*.} program=bin/facet-elements words=()
	[ "$allocator" != stripped ] || program=bin/stripped
	words=("$program" "$bytes" 100 20)
	[ -z "$(library "$allocator")" ] || words=(env "LD_PRELOAD=$(library "$allocator")" "${words[@]}")
	# This JIT keeps its code in blocks of malloc. What mimalloc 2.0.9 takes from free neighbours it gives back with one mprotect,
	# which also makes that code writable and no more executable: another death, in a run that lasts long enough
	[ "$allocator" != mimalloc ] || words=(env MIMALLOC_ALLOW_DECOMMIT=0 "${words[@]:1}")
	step "$case"
	command_line "exeunt diagnose --look-for heap -- ${words[*]}"
	mkdir -p "runs/$case"
	plainly "$case" "${words[@]}"
	judged "$case" "${words[@]}"
	note "as it is $(fact_of "$case" died) of $runs died; $(fact_of "$case" verdict), $(fact_of "$case" status)"
	note "  by $(fact_of "$case" writer), which $(fact_of "$case" store); the block is $(fact_of "$case" owner)'s"
	[ -z "$(fact_of "$case" dangling)" ] || note "  not dangling-code: $(fact_of "$case" dangling)"
	check "$case" "$bytes"
}
check() { # CASE BYTES: what it must come to
	local case=$1 bytes=$2 writer=jit_write_u64 owner=jit_deserialize_list_by_shape died=0
	[[ $case != stripped.* ]] || writer='stripped+0x*' owner='stripped+0x*'
	case $case in
	glibc.88 | stripped.88 | tcmalloc.80) died=$runs ;;
	# another block's data: what comes of it is chance
	jemalloc.80 | mimalloc.80) died='' ;;
	esac
	[ -z "$died" ] || [ "$(fact_of "$case" died) $(fact_of "$case" fine)" = "$died $((runs - died))" ] ||
		problem "$case: $(fact_of "$case" died) of $runs died, and it should have been $died"
	[ "$(fact_of "$case" verdict) $(fact_of "$case" status)" = "heap-overflow confirmed" ] ||
		problem "$case: $(fact_of "$case" verdict) $(fact_of "$case" status), and it should have been heap-overflow confirmed"
	# shellcheck disable=SC2053 # patterns
	[[ "$(fact_of "$case" writer) $(fact_of "$case" owner)" == $writer" "$owner ]] ||
		problem "$case: by $(fact_of "$case" writer), the block is $(fact_of "$case" owner)'s; it should have been $writer and $owner"
	[[ $(fact_of "$case" store) == "writes 8 bytes from byte $((bytes - 4)) of it"* ]] ||
		problem "$case: the store is \"$(fact_of "$case" store)\", and it should be one of 8 bytes from byte $((bytes - 4))"
	# what its authors took it for; asked only where it died
	[ "${died:-0}" = 0 ] || [ "$(fact_of "$case" dangling)" = "no executable memory went away while the program ran" ] ||
		problem "$case: dangling-code is not excluded outright: \"$(fact_of "$case" dangling)\""
	[ "$(fact_of "$case" code)" = true ] || problem "$case: the store's callers are not code that the JIT made"
}

table() {
	local case rows=("allocator and size|died|lived|verdict|by|the store|the block is of")
	for case in rows/*.*; do
		case=${case#rows/}
		[ -e "rows/$case" ] || continue
		rows+=("$case|$(fact_of "$case" died)|$(fact_of "$case" fine)|$(fact_of "$case" verdict), $(fact_of "$case" status)|$(fact_of "$case" writer)|$(fact_of "$case" store | sed 's/ (.*//')|$(fact_of "$case" owner)")
	done
	printf '%s\n' "${rows[@]}" | column -t -s '|' -o '  ' | sed 's/ *$//'
}
table_json() {
	local case
	for case in rows/*.*; do
		[ -e "$case" ] || continue
		jq -R -n --arg case "${case#rows/}" '[inputs | capture("^(?<key>[a-z_]+)=(?<value>.*)$")
			| .value as $text | {key, value: (try ($text | tonumber) catch $text)}] | from_entries | {case: $case} + .' "$case"
	done | jq -s .
}
