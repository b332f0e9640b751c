# speed.bash: the optimized builds, and how fast they are beside the plain one.
# shellcheck shell=bash disable=SC2154

optimize() { # NAME FROM: a build with the profile of build FROM
	local profile
	profile=$(fact_of "$2" profile)
	profile=$dir/runs/$2/${profile:-none}.profdata
	if [ ! -e "$profile" ]; then
		problem "there is no profile of $2 to optimize with"
		return
	fi
	if [ -x "bin/$1" ] && [ -e "bin/$1.recipe" ] && [ "bin/$1" -nt "bin/$2" ]; then
		note "bin/$1 is there ($(seconds "$(cat "bin/$1.seconds")"))"
	else
		optimize_with "$1" "$profile"
	fi
	run "$1"
	[ "$(fact_of "$1" end), $(fact_of "$1" output)" = "exit 0, whole" ] ||
		problem "$1 does not do what the plain program does"
}
# cargo does not see that a profile has changed, so its name says what is in it
optimize_with() { # NAME PROFILE
	local copy
	copy=$dir/profiles/$(sha256sum "$2" | cut -c1-16).profdata
	mkdir -p profiles
	cp "$2" "$copy"
	# cc hands -Cprofile-use on as well, and the allocator's compiler may not read this profile
	build "$1" "$source" "$(wrapper no-profile -fno-profile-generate -fno-profile-use)" fast-alloc "-Cprofile-use=$copy"
}

# microseconds that COUNT runs take
microseconds() { # NAME COUNT
	local i words began
	mapfile -t words < <(arguments json /dev/null "$largest")
	began=${EPOCHREALTIME//[.,]/}
	for ((i = 0; i < $2; i++)); do "bin/$1" "${words[@]}"; done
	echo $((${EPOCHREALTIME//[.,]/} - began))
}
median() { sort -n | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'; }

# race PLAIN OTHER…: in turns, so that what else the machine does meets all alike. A time alone says nothing; the ratio does
race() {
	local rounds=15 count name round first=$1 names=() base
	for name in "$@"; do [ ! -x "bin/$name" ] || names+=("$name"); done
	[ ${#names[@]} -gt 1 ] || return 0
	count=$((300000 / ($(microseconds "$first" 1) + 1) + 1)) # enough runs that starting a clock does not matter
	command_line "bin/{$(IFS=, && echo "${names[*]}")} -t 1 -o json -f /dev/null ${largest##*/}" \
		"   # in turns, $rounds times $count runs"
	rm -rf speed
	mkdir speed
	for ((round = 0; round < rounds; round++)); do
		for name in "${names[@]}"; do
			[ "$name" = "$first" ] || [ -e "bin/$name" ] || continue
			microseconds "$name" "$count" >>"speed/$name"
		done
	done
	base=$(median <"speed/$first")
	for name in "${names[@]}"; do
		fact "$name" speed "$(awk -v a="$(median <"speed/$name")" -v b="$base" 'BEGIN { printf "%.3f", a / b }')"
		note "$(printf '%-20s %s of the time of %s (medians of %d)' "$name" "$(fact_of "$name" speed)" "$first" $rounds)"
	done
}
