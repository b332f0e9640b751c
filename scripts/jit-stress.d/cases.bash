# cases.bash: one program in each of its modes: as it is, under keep=exec, and its verdict; and the table of all. A case is
# called PROGRAM.MODE; its facts are in rows/, what it printed, its traces and its verdict in runs/.
# shellcheck shell=bash disable=SC2154

# how a run ended: fine, wrong result, or the signal's name
outcome() { # STATUS OUTPUT
	local end
	end=$(signal_name "$1")
	if [ "$end" != "exit 0" ]; then
		echo "$end"
	else
		[ "$(tail -1 "$2")" = "the old function returned 42" ] && echo fine || echo wrong
	fi
}
count() { # WHAT OF… -> how many are WHAT
	local what=$1 one n=0
	shift
	# shellcheck disable=SC2053 # a pattern
	for one in "$@"; do [[ $one != $what ]] || n=$((n + 1)); done
	echo $n
}

# as it is: how often it is seen at all
plainly() { # CASE COMMAND…
	local case=$1 n status ends=()
	shift
	for ((n = 1; n <= runs; n++)); do
		status=0
		{ timeout 60 "$@" >"runs/$case/plain" 2>&1 </dev/null || status=$?; } 2>/dev/null
		ends+=("$(outcome $status "runs/$case/plain")")
	done
	fact "$case" signal "$(count 'SIG*' "${ends[@]}")"
	fact "$case" wrong "$(count wrong "${ends[@]}")"
	fact "$case" fine "$(count fine "${ends[@]}")"
	fact "$case" other "$(count '[^Swf]*' "${ends[@]}")"
}
# under keep=exec: how often it dies at the stale use, and nowhere else
keeping() { # CASE COMMAND…
	local case=$1 n status stale=0 fine=0
	shift
	for ((n = 1; n <= runs; n++)); do
		rm -rf "runs/$case/trace"
		status=0
		{ timeout 60 exeunt run -p jit -o "runs/$case/trace" -- "$@" >"runs/$case/kept" 2>&1 </dev/null || status=$?; } 2>/dev/null
		[ "$(outcome $status "runs/$case/kept")" != fine ] || fine=$((fine + 1))
		exeunt report --json "runs/$case/trace" >"runs/$case/report.json"
		! jq -e '.crash and any(.suspects[]; .verdict == "dangling-code" and
			any(.evidence[]; .text | test("kept reserved")))' "runs/$case/report.json" >/dev/null || stale=$((stale + 1))
	done
	fact "$case" kept_stale $stale
	fact "$case" kept_fine $fine
}
judged() { # CASE COMMAND…
	local case=$1 said status=0
	shift
	rm -rf "runs/$case/diagnose"
	exeunt diagnose --json --runs "$arm_runs" --expect-output right -o "runs/$case/diagnose" -- "$@" >"runs/$case/verdict.json" \
		2>"runs/$case/said" </dev/null || status=$?
	[ $status = 0 ] || [ $status = 3 ] || {
		problem "$case: exeunt diagnose ended with $status: $(tail -1 "runs/$case/said")"
		return 0
	}
	said=runs/$case/verdict.json
	fact "$case" verdict "$(jq -r .verdict "$said")"
	fact "$case" status "$(jq -r '.status // empty' "$said")"
	# the functions of the stack that gave it back, and the caller: without offsets and modules
	fact "$case" unmapper "$(jq -r '[.evidence[] | select(.id == "gone" or .id == "closed").text] | last // ""' "$said" |
		sed 's/^.* before the end: //; s/+0x[0-9a-f]* ([^)]*)\( [^ ,]*:[0-9]*\)\{0,1\}//g; s/, called by /; /g')"
	fact "$case" caller "$(jq -r '[.evidence[] | select(.id == "caller").text] | last // ""' "$said" |
		sed 's/.* is //; s/+0x.*//')"
}

cases() { # PROGRAM COMMAND…, with @MODE@ in it
	local program=$1 mode case words
	[ "$only_build" = 0 ] || return 0
	shift
	for mode in "${modes[@]}"; do
		case=$program.$mode words=("${@//@MODE@/$mode}")
		mkdir -p "runs/$case"
		command_line "exeunt diagnose --expect-output right -- ${words[*]}"
		plainly "$case" "${words[@]}"
		keeping "$case" "${words[@]}"
		judged "$case" "${words[@]}"
		note "$(tell "$case")"
		check "$case" "$mode"
	done
}
tell() { # CASE
	local case=$1
	echo "$case: as it is $(fact_of "$case" signal) died, $(fact_of "$case" wrong) had a wrong result," \
		"$(fact_of "$case" fine) were fine; under keep=exec $(fact_of "$case" kept_stale) of $runs died at the stale use;" \
		"$(fact_of "$case" verdict)$([ -z "$(fact_of "$case" status)" ] || echo ", $(fact_of "$case" status)")"
}
# what a case must come to. libgccjit's code is a library's: closing it is what takes it away, by the dynamic linker's own calls
check() { # CASE MODE
	local case=$1 wanted='dangling-code confirmed' stale=$runs got
	case $case in
	*.dropped | *.kept) wanted=healthy stale=0 ;;
	gcc.*) wanted='unloaded-module confirmed' stale=0 ;;
	esac
	got="$(fact_of "$case" verdict) $(fact_of "$case" status)"
	[ "${got% none}" = "$wanted" ] || [ "${got% }" = "$wanted" ] || problem "$case: ${got% }, and it should have been $wanted"
	[ "$(fact_of "$case" kept_stale)" = "$stale" ] ||
		problem "$case: $(fact_of "$case" kept_stale) of $runs runs under keep=exec died at the stale use, and it should have been $stale"
	case $2 in
	dropped | kept) [ "$(fact_of "$case" fine) $(fact_of "$case" kept_fine)" = "$runs $runs" ] || problem "$case: not every run was fine" ;;
	esac
}

table() {
	local case rows=("program and mode|died|wrong result|fine|keep=exec: died there|verdict")
	for case in rows/*.*; do
		case=${case#rows/}
		[ -e "rows/$case" ] || continue
		rows+=("$case|$(fact_of "$case" signal)|$(fact_of "$case" wrong)|$(fact_of "$case" fine)|$(fact_of "$case" kept_stale)|$(fact_of "$case" verdict), $(fact_of "$case" status)")
	done
	[ ${#rows[@]} -gt 1 ] || return 0
	printf '%s\n' "${rows[@]}" | sed 's/, none$\|, $//' | column -t -s '|' -o '  ' | sed 's/ *$//'
}
table_json() {
	local case
	for case in rows/*.*; do
		[ -e "$case" ] || continue
		jq -R -n --arg case "${case#rows/}" '[inputs | capture("^(?<key>[a-z_]+)=(?<value>.*)$")
			| .value as $text | {key, value: (try ($text | tonumber) catch $text)}] | from_entries | {case: $case} + .' "$case"
	done | jq -s .
}
