# julia.bash: Julia with and without exeunt. By default Debian 11's (1.5.3) in a root file system of its own, whose C
# library (2.31) is older than the one that exeunt is built with.
# shellcheck shell=bash disable=SC2154

inner=/exeunt-job # the job's folder inside the root file system

fetch_julia() {
	local base
	[ -z "$julia" ] || {
		note "Julia as given: $julia"
		return
	}
	if [ ! -e rootfs/.complete ]; then
		command_line "debootstrap --variant=minbase bullseye $dir/rootfs; apt-get install julia    # in it"
		base=$("$root/scripts/bullseye") || missing "there is no Debian 11 to be had, see above"
		rm -rf rootfs rootfs.part
		cp -a "$base" rootfs.part
		cp -L /etc/resolv.conf rootfs.part/etc/resolv.conf
		chroot rootfs.part sh -c 'apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends julia' \
			>julia.log 2>&1 </dev/null || {
			tail -3 julia.log
			missing "Julia could not be installed in it ($dir/julia.log)"
		}
		mv rootfs.part rootfs
		touch rootfs/.complete
	fi
	note "$(chroot rootfs dpkg-query -W julia libc6 | paste -sd' ')"
}

# Julia's root file system, the job's folder in it as seen from outside and inside
prepare_julia() {
	local library
	guest=$dir/rootfs outer=$dir/rootfs$inner here_inside=$inner command=julia
	if [ -d "$julia" ]; then
		guest=$julia outer=$julia$inner
	elif [ -n "$julia" ]; then
		guest='' outer=$dir/julia here_inside=$dir/julia command=$julia
	elif [ ! -e rootfs/.complete ]; then
		step_fetch
	fi
	mkdir -p "$outer/bin" "$outer/lib" "$outer/packages/Heavy/src" "$outer/runs"
	cp "$files/Heavy.jl" "$outer/packages/Heavy/src/"
	gcc -O2 -shared -fPIC -o "$outer/bin/count.so" "$files/count.c"
	cp "$O/libexeunt.so" "$O/libexeunt-heap.so" "$outer/bin/"
	# the command is built with a newer C library than there is inside: it brings its own along. The library needs none
	cp "$O/exeunt" "$outer/lib/"
	ldd "$O/exeunt" | grep -o '/[^ ]*' | while read -r library; do cp -L "$library" "$outer/lib/"; done
	printf '%s\n' '#!/bin/sh' "exec $here_inside/lib/ld-linux-*.so.* --library-path $here_inside/lib $here_inside/lib/exeunt \"\$@\"" \
		>"$outer/bin/exeunt"
	chmod +x "$outer/bin/exeunt"
}

# in_julia PLACE RUN: the array `command_line_of` begins a command there, with nothing of this shell's environment
in_julia() {
	local around
	around "$1" "$guest"
	start=("${around[@]}" /usr/bin/env -i HOME=/root "PATH=$here_inside/bin:/usr/bin:/bin" "XDG_STATE_HOME=$here_inside/runs/$2/state"
		"EXEUNT_LIBRARY=$here_inside/bin/libexeunt.so" "JULIA_LOAD_PATH=$here_inside/packages:@stdlib"
		"JULIA_DEPOT_PATH=$here_inside/runs/$2/depot" "COUNT_DIR=$here_inside/runs/$2/count")
}

script_code() {
	cat <<-'END'
		using Statistics
		words = split(join(sort([string(n * 7919 % 1009, base = 36) for n in 1:4000]), " "))
		counts = Dict{String,Int}()
		for word in words; counts[word] = get(counts, word, 0) + 1; end
		println(length(counts), " ", factorial(big(30)), " ", round(std([sin(n) for n in 1:1000]); digits = 6))
		println(read(`echo a child`, String), sum(fetch.([Threads.@spawn sum(rand(1000) .< 2) for n in 1:8])))
		GC.gc(); println(occursin(r"^a.*z$", "a to z"), " ", VERSION)
	END
}
precompile_code() {
	printf '%s\n' 'Base.compilecache(Base.identify_package("Heavy"))' 'using Heavy' 'println(Heavy.check())'
}
# little: what is compiled again is all that Julia's own image has. While it writes an image Julia has no stdout of its own, and
# println of Base dies
sysimage_code() {
	printf '%s\n' 'check(n) = string(sum(sqrt(k) for k in 1:n) > n, " ", join(reverse(1:n), "-"))' 'Core.println(check(9))'
}
# Julia begins a new image with its own only where it is named
own_image() {
	local start
	in_julia native image
	"${start[@]}" "$command" --startup-file=no -e 'print(unsafe_string(Base.JLOptions().image_file))' </dev/null
}

# the library, built here, in the C library there
loads() {
	local place count version start
	for place in native "${places[@]}"; do
		in_julia "$place" loads
		version=$("${start[@]}" /usr/bin/ldd --version </dev/null 2>/dev/null | sed -n '1s/.* //p')
		count=$("${start[@]}" /usr/bin/env "EXEUNT=out=$here_inside/runs/loads/trace" "LD_PRELOAD=$here_inside/bin/libexeunt.so" \
			grep -c libexeunt.so /proc/self/maps </dev/null 2>&1 | cat) || true
		fact "loads.$place" libc "$version"
		fact "loads.$place" maps "$count"
		note "$place: glibc $version; lines of /proc/self/maps with the library: $count"
		[[ $count =~ ^[1-9][0-9]*$ ]] || problem "the library does not load in $place: $count"
	done
}

# alike WHAT CODE [JULIA'S OPTIONS]: the same result with and without exeunt, in each place
alike() {
	local what=$1 code=$2 place setting settings run
	shift 2
	settings=(plain preload observed counted)
	[ "$what" != sysimage ] || settings=(plain observed)
	for place in native "${places[@]}"; do
		for setting in "${settings[@]}"; do
			run=$what.$place.$setting
			julia_run "$run" "$place" "$setting" "$code" "$@"
			say "$run"
			expect "$run" "exit 0"
			result "$run" "$what"
			[ "$setting" != counted ] || counted "$run"
		done
	done
	[ "$what" != precompile ] || reproducible
	[ "$what" != sysimage ] || images
}
julia_run() { # RUN PLACE SETTING CODE [OPTION…]
	local run=$1 place=$2 setting=$3 code=$4 words start exeunt=()
	shift 4
	rm -rf "$outer/runs/$run" "runs/$run"
	mkdir -p "$outer/runs/$run/count" "$outer/runs/$run/depot"
	words=("$command" --startup-file=no --history-file=no "${@//@OUT@/$here_inside/runs/$run/result.o}" -e "$code")
	in_julia "$place" "$run"
	case $setting in
	preload) exeunt=(/usr/bin/env "EXEUNT=out=$here_inside/runs/$run/trace" "LD_PRELOAD=$here_inside/bin/libexeunt.so") ;;
	observed) exeunt=("$here_inside/bin/exeunt" run -o "$here_inside/runs/$run/trace" --) ;;
	counted) exeunt=("$here_inside/bin/exeunt" run -s log=counters -o "$here_inside/runs/$run/trace" --
		/usr/bin/env "LD_PRELOAD=$here_inside/bin/count.so") ;;
	esac
	one "$run" "${start[@]}" "${exeunt[@]}" "${words[@]}"
	[ "$setting" = plain ] || grown "$run" "$outer/runs/$run/trace"
}
# growth of all processes: the sum of the calls, the mappings of the one that needs most
grown() { # RUN TRACE
	local pid
	exeunt report --json --sysroot "${guest:-/}" "$2" >"runs/$1/report.json" 2>>"runs/$1/said" || {
		problem "$1: its trace cannot be read"
		return 0
	}
	for pid in $(jq '.processes[].pid' "runs/$1/report.json" | sort -un); do
		exeunt report --json --sysroot "${guest:-/}" --pid "$pid" "$2" >"runs/$1/report.$pid.json" 2>/dev/null || true
	done
	fact "$1" processes "$(jq '.processes[].pid' "runs/$1/report.json" | sort -u | wc -l)"
	fact "$1" growths "$(cat "runs/$1"/report.*.json | jq -s '[.[].growth.by_syscall // {} | to_entries[].value] | add // 0')"
	fact "$1" least "$(cat "runs/$1"/report.*.json | jq -s '[.[].growth.host_mappings_estimate // 0] | max // 0')"
	fact "$1" worst "$(cat "runs/$1"/report.*.json | jq -s '[.[].growth.host_mappings_worst // 0] | max // 0')"
	fact "$1" lost "$(jq .lost "runs/$1/report.json")"
}
# exeunt's counts against those of count.so, process by process, in the same run
counted() { # RUN
	local run=$1 file pid own seen calls=0 processes=0 name values
	for file in "$outer/runs/$run/count"/*; do
		pid=${file##*/}
		own=$(od -An -v -w32 -t u8 "$file" | awk '{ print $1, $2, $3, $4 }')
		[ "$own" != "0 0 0 0" ] || continue
		seen=$(jq -r '[.heap.calls | .malloc, .calloc, .realloc, .free | . // 0] | join(" ")' "runs/$run/report.$pid.json" 2>/dev/null)
		[ "$own" = "$seen" ] || problem "$run: malloc, calloc, realloc, free of process $pid: $own counted, exeunt has ${seen:-none}"
		processes=$((processes + 1))
		read -ra values <<<"$own"
		for name in "${values[@]}"; do calls=$((calls + name)); done
	done
	fact "$run" counted_processes $processes
	fact "$run" counted_calls $calls
	note "counted independently: $calls calls in $processes processes"
	[ $processes -gt 0 ] || problem "$run: nothing was counted"
}
# is a cache file the same twice? Where it is not, what is loaded from it still is: the code prints it
reproducible() {
	local again=precompile.native.again
	julia_run "$again" native plain "$(precompile_code)"
	if cmp -s "$outer/runs/$again"/depot/compiled/*/Heavy.ji "$outer/runs/precompile.native.plain"/depot/compiled/*/Heavy.ji; then
		fact "$again" cache same
	else
		fact "$again" cache other
	fi
	note "Heavy.ji of two runs without exeunt: $(fact_of "$again" cache)"
	note "its sizes: $(cd "$outer/runs" && stat -c '%s' precompile.*/depot/compiled/*/Heavy.ji | sort -n | sed -n '1p;$p' | paste -sd' ')"
}
# each image that was written starts, and knows the function that was compiled into it
images() {
	local object run start said
	for object in "$outer"/runs/sysimage.*/result.o; do
		[ -s "$object" ] || continue
		run=${object%/*} run=${run##*/}
		gcc -shared -nostdlib -o "${object%.o}.so" -Wl,--whole-archive "$object" -Wl,--no-whole-archive # it is an archive
		in_julia native "$run"
		said=$("${start[@]}" "$command" -J "$here_inside/runs/$run/result.so" --startup-file=no -e 'println(Main.check(9))' </dev/null 2>&1) || true
		fact "$run" image_bytes "$(stat -c %s "$object")"
		fact "$run" image "$([ "$said" = "$(cat "runs/$run/said")" ] && echo works || echo broken)"
		note "$run: $(fact_of "$run" image_bytes) bytes, $(fact_of "$run" image)"
		[ "$(fact_of "$run" image)" = works ] || problem "the image of $run says: $said"
		rm -f "${object%.o}.so"
	done
}
