# llvm.bash: the two programs that die under gVisor: materialize and ld.lld.
# shellcheck shell=bash disable=SC2154

files=$here/julia-gvisor.d
# the bitcode as the frontend makes it: large, and quickly made. With -disable-llvm-passes, as for materialize, clang 14
# writes no summary, and the link is no ThinLTO but one module in one thread
flags=(-O1 -Xclang -disable-llvm-passes -w)
thin_flags=(-O0 -Xclang -disable-O0-optnone -w -ftemplate-depth=2000 -flto=thin -fPIC)

build_materialize() {
	[ ! build/materialize -nt "$files/materialize.cpp" ] || [ ! build/sample.bc -nt "$files/sample.py" ] || return 0
	"$files/sample.py" c 1400 build/sample.c
	command_line "clang-14 ${flags[*]} -c -emit-llvm build/sample.c -o build/sample.bc"
	clang-14 "${flags[@]}" -c -emit-llvm build/sample.c -o build/sample.bc.part
	# shellcheck disable=SC2046
	clang++-14 -O1 $(llvm-config-14 --cxxflags) -w "$files/materialize.cpp" -o build/materialize \
		$(llvm-config-14 --ldflags --libs bitreader core support)
	mv build/sample.bc.part build/sample.bc
}
build_thinlto() {
	local unit
	[ ! build/thinlto/unit7.o -nt "$files/sample.py" ] || return 0
	"$files/sample.py" c++ build/thinlto 8 400
	command_line "clang++-14 ${thin_flags[*]} -c build/thinlto/unit{0..7}.cpp"
	for unit in {0..7}; do
		clang++-14 "${thin_flags[@]}" -c "build/thinlto/unit$unit.cpp" -o build/thinlto/part.o
		mv build/thinlto/part.o "build/thinlto/unit$unit.o"
	done
}

# dying WHAT COMMAND…: natively it lives; in each gVisor it dies, is given its verdict, and lives with the settings that cure
dying() {
	local what=$1 place setting settings run around
	shift
	for place in native "${places[@]}"; do
		settings=(plain observed arenas.1 grow-step rescue serialize)
		[ "$what" != thinlto ] || settings=(plain observed grow-step rescue) # a link takes long
		for setting in "${settings[@]}"; do
			run=$what.$place.$setting
			[ "$place" != native ] || [ "$setting" != rescue ] || continue # nothing to rescue from
			attempt "$run" "$place" "$setting" "$@"
			say "$run"
			case $place/$setting in
			native/*) expect "$run" "exit 0" ;;
			*/plain | */observed) expect "$run" bad ;;
			*/serialize) ;; # as the verdict says: lives or dies with the size of the work
			*) expect "$run" "exit 0" ;;
			esac
			result "$run" "$what"
		done
		[ "$place" != native ] || continue
		[ -z "$verdict_on" ] || [ "$verdict_on" = "$place" ] || continue
		[ "$what" != thinlto ] || [ "$quick" = 0 ] || continue
		judged "$what.$place" "$place" "$@"
	done
}
attempt() { # RUN PLACE SETTING COMMAND…
	local run=$1 place=$2 setting=$3 out words=() treatment=()
	shift 3
	rm -rf "runs/$run"
	mkdir -p "runs/$run"
	out=$dir/runs/$run
	words=("${@//@OUT@/$out/result}")
	around "$place"
	case $setting in
	plain)
		command_line "${around[*]} ${words[*]}"
		one "$run" "${around[@]}" "${words[@]}"
		return
		;;
	arenas.1) # what a user can do without exeunt
		one "$run" "${around[@]}" env GLIBC_TUNABLES=glibc.malloc.arena_max=1 "${words[@]}"
		return
		;;
	grow-step) treatment=(-s grow-step=2M) ;;
	rescue) treatment=(-s rescue=yes) ;;
	serialize) treatment=(-s serialize=growth) ;;
	esac
	[ "$setting" = observed ] || command_line "exeunt run ${treatment[*]} -- ${words[*]}"
	one "$run" "${around[@]}" "$O/exeunt" run "${treatment[@]}" -o "$out/trace" -- "${words[@]}"
	inside_facts "$run" "$out/trace"
}
# what it printed, and wrote, is that of the native run
result() { # RUN WHAT
	local first=$2.native.plain
	[ "$(fact_of "$1" end)" = "exit 0" ] || return 0
	if cmp -s "runs/$1/said" "runs/$first/said" && { [ ! -e "runs/$first/result" ] || cmp -s "runs/$1/result" "runs/$first/result"; }; then
		fact "$1" result same
	else
		fact "$1" result other
		problem "$1: its result is not that of $first"
	fi
}
# judged NAME PLACE COMMAND…: exeunt's verdict, from outside: the sandbox may end with the program
judged() {
	local run=$1.diagnosed place=$2 words around
	shift 2
	rm -rf "runs/$run"
	mkdir -p "runs/$run"
	words=("${@//@OUT@/$dir/runs/$run/result}")
	around "$place"
	command_line "exeunt diagnose --runs 3 --timeout 5m --budget 30m -- ${around[*]} ${words[*]}"
	exeunt diagnose --json --runs 3 --timeout 5m --budget 30m -- "${around[@]}" "${words[@]}" </dev/null >"runs/$run/verdict.json" 2>"runs/$run/said" || [ $? = 3 ] ||
		problem "exeunt diagnose failed: $(tail -1 "runs/$run/said")"
	fact "$run" verdict "$(jq -r '.verdict // "-"' "runs/$run/verdict.json")"
	fact "$run" status "$(jq -r '.status // "-"' "runs/$run/verdict.json")"
	note "$(jq -r '"verdict: \(.verdict), \(.status)", (.cause // empty), (.arms[]? | "  \(.treatment): \(.bad) of \(.runs) died")' \
		"runs/$run/verdict.json")"
	[ "$(fact_of "$run" verdict), $(fact_of "$run" status)" = "host-mapping-exhaustion, confirmed" ] ||
		problem "$run: the verdict is $(fact_of "$run" verdict), $(fact_of "$run" status)"
}
