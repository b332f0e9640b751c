# timeline.bash: programs whose own marks, source and dynamic linker say what their teardown is, and the report that must
# say the same. Loaded after zoo.bash. Variants of a program: each allocator in front, with symbols and stripped.
# shellcheck shell=bash disable=SC2154,SC2086

ALLOCATORS=(glibc mimalloc jemalloc tcmalloc)
declare -A PRELOAD=([glibc]="" [mimalloc]=libmimalloc.so.2.0 [jemalloc]=libjemalloc.so.2 [tcmalloc]=libtcmalloc_minimal.so.4)

# what offsets are called, from the files with symbols: once for all programs
timeline_names() { # FILE… >NAMES
	nm -AC --defined-only "$@"
}

# observed VARIANT PRELOAD PROGRAM: without and with exeunt: same status, output and messages
timeline_run() {
	local variant=$1 preload=$2 program=$3 plain=0 observed=0
	local -a in_front=()
	[ -z "$preload" ] || in_front=(env "LD_PRELOAD=$preload")
	mkdir "$variant"
	{ timeout 30 "${in_front[@]}" "$program" >"$variant/out.plain" 2>"$variant/err.plain" </dev/null || plain=$?; } 2>/dev/null
	{ timeout 30 $PREFIX_CMD "$EXEUNT_COMMAND" run -o "$variant/trace" -- "${in_front[@]}" "$program" \
		>"$variant/out" 2>"$variant/err" </dev/null || observed=$?; } 2>/dev/null
	is "$plain" "$observed" "$variant: status without exeunt (left) and with it (right)" || return
	is "$(<"$variant/out.plain")" "$(<"$variant/out")" "$variant: output without exeunt (left) and with it (right)" || return
	is "$(<"$variant/err.plain")" "$(<"$variant/err")" "$variant: messages without exeunt (left) and with it (right)"
}

# the names of the objects that have finalizers, in the order in which the dynamic linker says that it calls them, of an
# unobserved run; it names objects without any too, and the program with nothing
timeline_linker() { # PROGRAM
	local pid path
	LD_DEBUG=files LD_DEBUG_OUTPUT=linker.log "$1" >/dev/null 2>&1 </dev/null &
	pid=$!
	{ wait $pid; } 2>/dev/null || true
	sed -n "s/^ *$pid:\tcalling fini: \(.*\) \[[0-9]*\]$/\1/p" linker.log.$pid | while IFS= read -r path; do
		[ -n "$path" ] || path=$1
		! readelf -d "$path" | grep -qE '\((FINI|FINI_ARRAY)\)' || echo "${path##*/}"
	done
}

# timeline NAME SOURCE FOLDER NAMES: all variants of FOLDER/NAME, in an empty working directory
timeline() {
	local name=$1 source=$2 folder=$3 names=$4 allocator variant pid bad=0 reports=() marks
	for allocator in "${ALLOCATORS[@]}"; do
		timeline_run "$allocator" "${PRELOAD[$allocator]}" "$folder/$name" || bad=1
		timeline_run "$allocator-stripped" "${PRELOAD[$allocator]}" "$folder/stripped/$name" || bad=1
		for variant in "$allocator" "$allocator-stripped"; do
			"$EXEUNT_COMMAND" report --json "$variant/trace" >"$variant/0.json" || bad=1
			reports+=("$variant/0.json")
		done
	done
	# further processes: a report each
	if [ "$(grep -c '^// ends: ' "$source")" -gt 1 ]; then
		for variant in "${reports[@]%/0.json}"; do
			while read -r pid; do
				"$EXEUNT_COMMAND" report --json --pid "$pid" "$variant/trace" >"$variant/$pid.json" || bad=1
				reports+=("$variant/$pid.json")
			done < <(jq '.pid as $first | [.processes[].pid] | unique[] | select(. != $first)' "$variant/0.json")
		done
	fi
	jq -rn -f "$ROOT/tests/lib/timeline.jq" "${reports[@]}" >rows.tsv || bad=1
	for marks in */out */err; do
		sed "s|^|${marks%/*}\t|" "$marks"
	done >marks.tsv
	timeline_linker "$folder/$name" >linker
	"$EXEUNT_COMMAND" report glibc/trace >text || bad=1
	awk -f "$ROOT/tests/lib/timeline.awk" -v program="$name" -v expected=$((2 * ${#ALLOCATORS[@]})) -v names_file="$names" \
		-v source_file="$source" -v rows_file=rows.tsv -v marks_file=marks.tsv -v linker_file=linker -v text_file=text \
		"$names" "$source" rows.tsv marks.tsv linker text || bad=1
	return $bad
}
