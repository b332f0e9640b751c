# study.bash: what one build does, what exeunt says of it, and the profile that comes of it.
# shellcheck shell=bash disable=SC2154,SC2034

# FILEs for training, or two logs of made-up events
choose_files() {
	if [ ${#files[@]} -eq 0 ]; then
		files=("$dir/small.evtx" "$dir/large.evtx")
		[ -e small.evtx ] || "$here/evtx-pgo.d/sample.py" 300 small.evtx
		[ -e large.evtx ] || "$here/evtx-pgo.d/sample.py" 30000 large.evtx
	fi
	smallest=$(stat -L -c '%s %n' "${files[@]}" | sort -n | head -1 | cut -d' ' -f2-)
	largest=$(stat -L -c '%s %n' "${files[@]}" | sort -n | tail -1 | cut -d' ' -f2-)
}

# with one thread, so that the same run leaves the same profile
arguments() { # FORMAT OUTPUT FILE
	printf '%s\n' -t 1 -o "$1" -f "$2" --no-confirm-overwrite "$3"
}
# each FILE in both formats: each NAME COMMAND…; sets `status` to the first bad end and `output` to what became of what
# they were to write
each() {
	local name=$1 file format to n=0 one whole=0 part=0 words
	shift
	status=0
	mkdir -p "runs/$name"
	for file in "${files[@]}"; do
		for format in json xml; do
			to=runs/$name/$n.$format
			rm -f "$to"
			mapfile -t words < <(arguments "$format" "$to" "$file")
			one=0
			# the shell's own word about a signal is no output of the program
			{ timeout 300 "${@//@N/$n-$format}" "${words[@]}" 2>"runs/$name/stderr"; } 2>/dev/null || one=$?
			[ $one = 0 ] || [ $status != 0 ] || status=$one
			if [ "$name" = plain ]; then
				whole=$((whole + 1))
			elif cmp -s "$to" "runs/plain/$n.$format"; then
				whole=$((whole + 1))
			elif [ -s "$to" ]; then
				part=$((part + 1))
			fi
		done
		n=$((n + 1))
	done
	output=part
	[ $whole != $((2 * n)) ] || output=whole
	[ -e runs/plain/0.json ] || output='?' # nothing to compare it with
	[ $((whole + part)) != 0 ] || output=none
}

run() { # NAME: as it is
	local name=$1 left=runs/$1/own
	rm -rf "runs/$name"
	mkdir -p "$left"
	command_line "LLVM_PROFILE_FILE=$left/%p.profraw bin/$name -t 1 -o json -f OUTPUT ${files[*]##*/}    # and -o xml"
	LLVM_PROFILE_FILE=$left/%p.profraw each "$name" "bin/$name"
	[ ! -s "runs/$name/stderr" ] || sed 's/^/  /' "runs/$name/stderr"
	note "$(signal_name $status), output: $output"
	fact "$name" end "$(signal_name $status)"
	fact "$name" output "$output"
}

study() { # NAME: run, scan, diagnose, rescue where it is to be rescued, merge
	local name=$1 verdict confirmed fault words
	run "$name"
	scan "$name"
	mapfile -t words < <(arguments json "runs/$name/diagnosed" "$smallest")
	# a pool that an earlier crash left behind would be merged into, and hide the next one
	export LLVM_PROFILE_FILE=runs/$name/diagnosed.profraw
	command_line "LLVM_PROFILE_FILE=$LLVM_PROFILE_FILE exeunt diagnose -- bin/$name ${words[*]}"
	exeunt diagnose -- "bin/$name" "${words[@]}" >"runs/$name/verdict.txt" || [ $? = 3 ]
	in_short "runs/$name/verdict.txt"
	exeunt diagnose --json --runs 5 -- "bin/$name" "${words[@]}" >"runs/$name/verdict.json" || [ $? = 3 ]
	unset LLVM_PROFILE_FILE
	verdict=$(jq -r .verdict "runs/$name/verdict.json")
	confirmed=$(jq -r .status "runs/$name/verdict.json")
	fault=$(jq -r '.stacks.fault[0].symbol // "-"' "runs/$name/verdict.json")
	fact "$name" verdict "$verdict"
	fact "$name" status "$confirmed"
	fact "$name" fault "$fault"
	if [ "$(fact_of "$name" end)" = "exit 0" ]; then
		[ "$verdict" = healthy ] || problem "$name ends with 0, and the verdict is $verdict"
		merge "$name" own
		return
	fi
	[ "$verdict, $confirmed" = "mixed-profile-layouts, confirmed" ] ||
		problem "$name ends with $(fact_of "$name" end), and the verdict is $verdict, $confirmed"
	refuted "$name"
	! merged "$name" own || problem "llvm-profdata takes the profile that $name left when it died"
	rescue "$name"
}
in_short() { # FILE: a verdict without the stack and what was excluded
	awk '/^[a-z]/ { skip = /^(where it died|excluded)/ } !skip { print "  " $0 }' "$1"
	note "  (all of it: $1)"
}
refuted() { # NAME: an early flush was tried, and died as well
	jq -e '[.arms[] | select(.treatment | test("flush=main-end")) | .runs > 0 and .bad == .runs] | length > 0 and all' \
		"runs/$1/verdict.json" >/dev/null || problem "no early flush was tried on $1, or it helped"
}

scan() { # NAME: the layout, from the file alone
	local json=runs/$1/scan.json
	command_line "exeunt scan bin/$1"
	exeunt scan "bin/$1" >"runs/$1/scan.txt" || [ $? = 1 ]
	sed -En 's/^  ((verdict|runtime|records|value sites|allocators|   +0x).*)/  \1/p' "runs/$1/scan.txt" |
		sed -E 's|^(.{117}).{4,}|\1...|'
	note "  (all of it: runs/$1/scan.txt)"
	exeunt scan --json "bin/$1" >"$json" || [ $? = 1 ]
	fact "$1" records48 "$(jq '.files[0].elf.profile.records["48"]' "$json")"
	fact "$1" records64 "$(jq '.files[0].elf.profile.records["64"]' "$json")"
}
