# LLVM's threads that die under gVisor, and Julia there with and without exeunt, by scripts/julia-gvisor: Debian's runsc and the
# newest, on each platform that starts. What is built stays in out/julia-gvisor-test. EX_JULIA_GVISOR_DIR=DIR takes a folder that
# scripts/julia-gvisor has filled before, EX_RUNSC=PATH a newest runsc that is there. EX_LONG=1 adds what takes
# longest: the system image, ThinLTO on the newest runsc's ptrace, and verdicts on every platform and on ThinLTO.
load ../lib/zoo
setup() {
	zoo_setup
	[ "$(id -u)" = 0 ] || skip "only root can run gVisor without a daemon and enter a root file system"
	need runsc
	need debootstrap
	need ld.lld-14
	need llvm-config-14
	need clang-14
	DIR=${EX_JULIA_GVISOR_DIR:-$O/julia-gvisor-test}
	if [ -n "${EX_RUNSC:-}" ]; then
		mkdir -p "$DIR/runsc"
		ln -sf "$(realpath "$EX_RUNSC")" "$DIR/runsc/runsc"
	fi
	if [ ! -e "$DIR/rootfs/.complete" ] || [ ! -e "$DIR/runsc/runsc" ]; then
		"$ROOT/scripts/julia-gvisor" --dir "$DIR" --only fetch >fetched 2>&1 || skip "$(tail -1 fetched)"
	fi
	RUNSC=(debian)
	if [ -e "$DIR/runsc/runsc" ]; then RUNSC+=(newest); fi
}
teardown() { zoo_teardown; }

job() { # STEP [OPTION…]: one step, as a user would run it; the output in the file said
	local step=$1
	shift
	LAST="O=$O scripts/julia-gvisor --dir $DIR --only $step $*"
	"$ROOT/scripts/julia-gvisor" --dir "$DIR" --only "$step" "$@" >said 2>&1 || {
		echo "ended with $?:"
		tail -60 said
		return 1
	}
	sed -n '/ of native  /p' said >&3
}
row() { # RUN KEY…: facts of one run, in a line
	local run=$1 key
	shift
	for key in "$@"; do sed -n "s/^$key=//p" "$DIR/rows/$run"; done | paste -sd' '
}
places() { # those where the last step ran WHAT, the native one left out
	(cd "$DIR/rows" && printf '%s\n' "$1".*.plain) | sed -E 's/^[^.]*\.(.*)\.plain$/\1/' | grep -v '^native$'
}
newest_or_why() {
	if [ "${#RUNSC[@]}" = 1 ]; then
		echo "# the newest runsc is not here (go is missing, or the network): Debian's alone" >&3
	fi
}
no_rows() { rm -f "$DIR/rows/$1".*; }

# dies WHAT: natively it lives, in each place it dies at the host's limit, and lives with the settings
dies() {
	local what=$1 place outside least worst limit
	limit=$(cat /proc/sys/vm/max_map_count)
	is "exit 0" "$(row "$what.native.plain" end)"
	[ -n "$(places "$what")" ]
	for place in $(places "$what"); do
		[ "$(row "$what.$place.plain" end)" != "exit 0" ]
		[ "$(row "$what.$place.observed" end)" != "exit 0" ]
		# sampled, so the last moment is missing; never above the limit, by its meaning
		outside=$(row "$what.$place.observed" outside)
		echo "$place: at its death the host counts $outside mappings, limit $limit; exeunt's estimate is $(row "$what.$place.observed" least worst)"
		[ "$outside" -gt $((limit * 80 / 100)) ] && [ "$outside" -le $((limit + 10)) ]
		read -r least worst <<<"$(row "$what.$place.observed" least worst)"
		[ "$least" -gt $((limit * 80 / 100)) ] && [ "$least" -lt $((limit * 120 / 100)) ] && [ "$worst" -ge "$least" ]
		is "exit 0 same" "$(row "$what.$place.grow-step" end result)" "$what in $place with grow-step=2M"
		is "exit 0 same" "$(row "$what.$place.rescue" end result)" "$what in $place with rescue=yes"
		[ "$what" = thinlto ] ||
			is "exit 0 same" "$(row "$what.$place.arenas.1" end result)" "$what in $place with one arena, without exeunt"
		[ "$(row "$what.$place.grow-step" outside)" -lt 10000 ]
	done
}

@test "bitcode materialized in eight threads: dies in each gVisor at the host's limit, lives with grow-step, rescue or one arena; the verdict" {
	newest_or_why
	no_rows materialize
	local place
	if [ -n "${EX_LONG:-}" ]; then job materialize; else job materialize --verdict-on debian-ptrace; fi
	dies materialize
	for place in $(places materialize); do
		[ -e "$DIR/rows/materialize.$place.diagnosed" ] || continue
		is "host-mapping-exhaustion confirmed" "$(row "materialize.$place.diagnosed" verdict status)" "$place"
		jq -e 'any(.arms[]; .role == "control" and .runs > 0 and (.treatment | test("serialize")))
			and any(.arms[]; .role == "confirm" and .bad == 0 and (.treatment | test("rescue")))' \
			"$DIR/runs/materialize.$place.diagnosed/verdict.json"
	done
	[ -e "$DIR/rows/materialize.debian-ptrace.diagnosed" ]
}
@test "ThinLTO in eight threads: dies in each gVisor, lives with grow-step or rescue, and links the same" {
	newest_or_why
	no_rows thinlto
	if [ -n "${EX_LONG:-}" ]; then
		job thinlto
	else
		job thinlto --verdict-on none --place debian-ptrace --place newest-systrap
	fi
	dies thinlto
}
@test "Julia: a script and a package's precompilation: the same result with and without exeunt, counts as counted independently" {
	newest_or_why
	no_rows script
	no_rows precompile
	no_rows loads
	job julia
	local what place setting
	for place in native $(places script); do
		# the library was built with a newer C library than it meets here
		is 2.31 "$(row "loads.$place" libc)"
		[ "$(row "loads.$place" maps)" -gt 0 ]
		for what in script precompile; do
			for setting in plain preload observed counted; do
				is "exit 0 same" "$(row "$what.$place.$setting" end result)" "$what in $place, $setting"
			done
			is 0 "$(row "$what.$place.observed" lost)"
			[ "$(row "$what.$place.counted" counted_processes)" -ge 2 ]
			[ "$(row "$what.$place.counted" counted_calls)" -gt 100000 ]
		done
	done
	grep '^Heavy.ji of two runs' said >&3
}
@test "Julia: a system image (EX_LONG=1): the same result, and each image works" {
	[ -n "${EX_LONG:-}" ] || skip "takes half an hour; EX_LONG=1 runs it"
	no_rows sysimage
	LAST="O=$O scripts/julia-gvisor --dir $DIR --only sysimage"
	"$ROOT/scripts/julia-gvisor" --dir "$DIR" --only sysimage >said 2>&1 || { tail -40 said; return 1; }
	local place setting
	for place in native $(places sysimage); do
		for setting in plain observed; do
			is "exit 0 same works" "$(row "sysimage.$place.$setting" end result image)" "$place, $setting"
		done
	done
}
@test "what is built is not built again" {
	[ -e "$DIR/build/materialize" ] || skip "nothing is built yet: the first test of this file does"
	local before
	before=$(stat -c %Y "$DIR/build/materialize" "$DIR/rootfs/.complete")
	job fetch
	is "$before" "$(stat -c %Y "$DIR/build/materialize" "$DIR/rootfs/.complete")"
}
@test "what is missing or wrong is said in a sentence" {
	run -2 "$ROOT/scripts/julia-gvisor" --only breakfast
	[[ $output == *"there is no step breakfast; the steps are: fetch materialize"* ]]
	run -2 "$ROOT/scripts/julia-gvisor" --platform kvm
	[[ $output == *"ptrace or systrap"* ]]
	run -2 "$ROOT/scripts/julia-gvisor" --runsc /no/such
	[[ $output == *"/no/such is no program"* ]]
	run -2 "$ROOT/scripts/julia-gvisor" --julia /no/such
	[[ $output == *"there is no such file"* ]]
	run -2 "$ROOT/scripts/julia-gvisor" --dir
	[[ $output == *"--dir needs a value"* ]]
	run -0 "$ROOT/scripts/julia-gvisor" --help
	[[ $output == *"Steps: fetch materialize thinlto julia sysimage"* ]]
}
