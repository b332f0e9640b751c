# runs.bash: one run, its facts, and the table of all. A run is called WHAT.PLACE.SETTING; its facts are in rows/, what it
# printed, its trace and its verdict in runs/.
# shellcheck shell=bash disable=SC2154

longest=900 # seconds; a run that takes longer does not end

# one RUN COMMAND…: facts end, seconds, outside (mappings that the host counted), output's checksum
one() {
	local run=$1
	shift
	mkdir -p "runs/$run"
	"$here/julia-gvisor.d/watched.py" "runs/$run/facts" $longest "$@" >"runs/$run/said" 2>&1
	fact "$run" end "$(signal_name "$(sed -n 's/^status=//p' "runs/$run/facts")")"
	fact "$run" seconds "$(sed -n 's/^seconds=//p' "runs/$run/facts")"
	fact "$run" processor "$(sed -n 's/^processor=//p' "runs/$run/facts")"
	fact "$run" outside "$(sed -n 's/^outside=//p' "runs/$run/facts")"
	ratio "$run"
}
# of the time of the same work natively, without exeunt
ratio() { # RUN
	local what=${1%%.*} base
	base=$(fact_of "$what.native.plain" seconds)
	[ -z "$base" ] || fact "$1" ratio "$(awk -v a="$(fact_of "$1" seconds)" -v b="$base" 'BEGIN { printf "%.2f", a / b }')"
}
# what exeunt's own trace says
inside_facts() { # RUN TRACE
	local run=$1 trace=$2
	exeunt report --json "$trace" >"runs/$run/report.json" || return 0
	fact "$run" least "$(jq '.growth.host_mappings_estimate // 0' "runs/$run/report.json")"
	fact "$run" worst "$(jq '.growth.host_mappings_worst // 0' "runs/$run/report.json")"
	fact "$run" growths "$(jq '[.growth.by_syscall // {} | to_entries[].value] | add // 0' "runs/$run/report.json")"
}
say() { # RUN
	local run=$1 text
	text=$(printf '%-26s %-14s %8s s' "${run#*.}" "$(fact_of "$run" end)" "$(fact_of "$run" seconds)")
	[ -z "$(fact_of "$run" ratio)" ] || text+=$(printf '  %6s of native' "$(fact_of "$run" ratio)")
	text+="  mappings counted by the host: $(fact_of "$run" outside)"
	[ -z "$(fact_of "$run" least)" ] || text+=", by exeunt: $(fact_of "$run" least) to $(fact_of "$run" worst)"
	note "$text"
}
expect() { # RUN END: "exit 0", or "bad" for any other
	local end
	end=$(fact_of "$1" end)
	case $2 in
	bad) [[ $end != "exit 0" && $end != "did not end" ]] || problem "$1: $end, and it should have died" ;;
	*) [ "$end" = "$2" ] || problem "$1: $end, and it should have been $2; what it said: $dir/runs/$1/said" ;;
	esac
}

table() {
	local run row rows=("run|ends|mappings outside|by exeunt|time|verdict") range
	[ -d rows ] || return 0
	for run in rows/*.*.*; do
		run=${run#rows/}
		[ -e "rows/$run" ] || continue
		range=$(fact_of "$run" least)
		[ -z "$range" ] || range+=" to $(fact_of "$run" worst)"
		row="$run|$(fact_of "$run" end)|$(fact_of "$run" outside)|$range|$(fact_of "$run" ratio)|$(fact_of "$run" verdict)"
		[ -z "$(fact_of "$run" status)" ] || row+=", $(fact_of "$run" status)"
		rows+=("$row")
	done
	[ ${#rows[@]} -gt 1 ] || return 0
	printf '%s\n' "${rows[@]}" | column -t -s '|' -o '  ' | sed 's/ *$//'
	note "(mappings outside: the largest number that one process on the host had, sampled while it ran. by exeunt: estimated from the" \
		"trace of the same run. time: of the same work natively without exeunt, to where it ended.)"
}
