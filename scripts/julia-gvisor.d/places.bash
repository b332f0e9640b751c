# places.bash: where programs run: natively, and in each gVisor on each of its platforms that start here. A place is called
# NAME-PLATFORM, as newest-systrap.
# shellcheck shell=bash disable=SC2154

module=gvisor.dev/gvisor/runsc

# the newest gVisor: its Go module. Without CGO_ENABLED=0 it is linked dynamically where there is a C compiler, and no `do` starts
fetch_runsc() {
	if [ ${#runscs[@]} -gt 0 ]; then
		note "gVisor as given: ${runscs[*]}"
	elif [ -x runsc/runsc ]; then
		note "the newest runsc is there ($(cat runsc/version 2>/dev/null || echo version not known))"
	elif ! command -v go >/dev/null; then
		note "go is missing: the newest runsc cannot be built, it goes on with Debian's alone"
	else
		mkdir -p runsc
		command_line "CGO_ENABLED=0 GOBIN=$dir/runsc go install -trimpath -ldflags '-s -w' $module@latest"
		if ! CGO_ENABLED=0 GOBIN=$dir/runsc go install -trimpath -ldflags "-s -w" $module@latest >runsc/log 2>&1; then
			tail -3 runsc/log
			note "the newest runsc could not be built ($dir/runsc/log); it goes on with Debian's alone"
			return
		fi
		go version -m runsc/runsc | awk '$1 == "mod" { print $3 }' >runsc/version
		note "runsc $(cat runsc/version)"
	fi
}

# places and, for each, its runsc: those that start a program
find_places() {
	local one name path platform
	[ ${#runscs[@]} -gt 0 ] || {
		! command -v runsc >/dev/null || runscs+=("debian=$(command -v runsc)")
		[ ! -x runsc/runsc ] || runscs+=("newest=$dir/runsc/runsc")
	}
	places=() declare -gA runsc_of=()
	for one in "${runscs[@]}"; do
		name=${one%%=*} path=${one#*=}
		for platform in "${platforms[@]}"; do
			[ ${#only_places[@]} -eq 0 ] || [[ " ${only_places[*]} " == *" $name-$platform "* ]] || continue
			runsc_of[$name-$platform]=$path
			if inside "$name-$platform" true >/dev/null 2>&1; then
				places+=("$name-$platform")
			else
				fact "place.$name-$platform" starts no
			fi
		done
	done
	[ ${#places[@]} -gt 0 ] || missing "no gVisor starts here (tried: ${runscs[*]:-none})"
}

# the command that starts a program in PLACE, in the array `around`; ROOT is its root file system, the machine's without.
# Without -force-overlay=false nothing that is written inside reaches the host
around() { # PLACE [ROOT]
	if [ "$1" != native ]; then
		around=("${runsc_of[$1]}" "--platform=${1##*-}" --network=none --ignore-cgroups "do" -force-overlay=false)
		[ -z "${2:-}" ] || around+=(-root "$2" -cwd / --)
	elif [ -n "${2:-}" ]; then
		# Julia wants /proc: in a mount namespace of its own, so that nothing stays mounted
		# shellcheck disable=SC2016
		around=(unshare -m --propagation private sh -c
			'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" "$@"' "$2")
	else
		around=()
	fi
}
inside() { # PLACE COMMAND…
	local around
	around "$1"
	shift
	timeout 60 "${around[@]}" "$@" </dev/null 2>&1 | cat
	return "${PIPESTATUS[0]}"
}
