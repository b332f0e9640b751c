# What salvage leaves of a program that would have lost its profile: one file for each instrumented object, which the
# llvm-profdata of the runtime's version merges, and the counts of the same program built by one compiler.
load ../lib/zoo
load ../lib/verdicts
load ../lib/pgo
setup() {
	zoo_setup
	BEFORE=()
	pgo_need mixed_exit mixed_c22 healthy_19
	pgo_rustc
}
teardown() { zoo_teardown; }

# of the profile functions of all objects of a program without symbols, where they are
instrument() { # PROGRAM
	local object
	for object in "$PGO/$1" "$PGO"/lib*.so; do
		[ "$object" = "$PGO/$1" ] || ldd "$PGO/$1" | grep -q "${object##*/}" || continue
		nm "$object" | sed -n "s/^0*\\([0-9a-f]*\\) t __llvm_profile_instrument_.*/${object##*/}+0x\\1/p"
	done | paste -sd,
}
# PROGRAM LLVM REFERENCE [off]: salvaged, with symbols and without; "off": its value sites are off, so that it gets as far.
# What is in BEFORE is in front of the program
rescued() {
	local folder settings records bare=cat
	local -a files
	[ -z "${4:-}" ] || bare="sed s/Indirect.Target.Results:.*//"
	mkdir -p whole
	LLVM_PROFILE_FILE=whole/%m.profraw "$PGO/$3" >expected
	pgo_counts "$2" whole/*.profraw | $bare >whole.txt
	[ -s whole.txt ]
	for folder in . stripped; do
		rm -rf parts trace
		mkdir parts
		settings=(-s salvage=yes -s "salvage-to=$WORK/parts/%m.profraw")
		[ -z "${4:-}" ] || settings+=(-s "value-profile=off$([ $folder = . ] || echo ",$(instrument "$1")")")
		capture ex run "${settings[@]}" -o trace -- "${BEFORE[@]}" "$PGO/$folder/$1"
		is "0 $(<expected)" "$status $(<out)" "$folder/$1: status and output" || { cat err; return 1; }
		report trace >json
		mapfile -t files < <(find parts -type f)
		is "$(jq '.profiles | length' json)" ${#files[@]} "$folder/$1: objects with records, files"
		is 0 "$(jq '[.profiles[].salvaged.left_out] | add' json)" "$folder/$1: left out"
		pgo_counts "$2" "${files[@]}" >counts.txt || { echo "$folder/$1: llvm-profdata-$2 does not merge it"; return 1; }
		$bare counts.txt >bare.txt
		is "$(<whole.txt)" "$(<bare.txt)" "$folder/$1: counts of $3 (left), and salvaged (right)"
		records=$(jq '[.profiles[].records | add] | add' json)
		is "$records" "$(jq '[.profiles[].salvaged.records] | add' json)" "$folder/$1: records in memory, salvaged"
		is "$records" "$(wc -l <counts.txt)" "$folder/$1: records, functions"
		jq -e 'all(.profiles[]; (.mixed and .salvaged.converted > 0) or (.mixed == false and .salvaged.converted == 0))' json >/dev/null ||
			{ jq .profiles json; return 1; }
	done
}

@test "Rust, and C of LLVM 14: died in the writer" { rescued mixed_exit 22 healthy_22novp; }
@test "Rust, and C of LLVM 14: died at the first value site" { rescued mixed_site 22 healthy_22 off; }
@test "Rust, and C of LLVM 14: died before main" { rescued mixed_early 22 healthy_early off; }
@test "Rust, and C of LLVM 14, linked first: was refused" { rescued mixed_refused 22 healthy_22novp; }
@test "Rust for coverage, and C of LLVM 14: died in the writer" { rescued mixed_cover 22 healthy_cover; }
@test "C of LLVM 22 and of LLVM 14, the former's runtime" { rescued mixed_c22 22 healthy_c22novp; }
@test "C of LLVM 22 and of LLVM 14, at the first value site" { rescued mixed_c22_site 22 healthy_c22 off; }
@test "C of LLVM 22 and of LLVM 14, refused" { rescued mixed_c22_refused 22 healthy_c22novp; }
@test "C of LLVM 22 and of LLVM 14, silent" { rescued mixed_silent22 22 healthy_silent22; }
@test "C of LLVM 14 and of LLVM 22, the former's runtime" { rescued mixed_c14 14 healthy_c14novp; }
@test "C of LLVM 14 and of LLVM 22, at the first value site" { rescued mixed_c14_site 14 healthy_c14 off; }
@test "C of LLVM 14 and of LLVM 22, silent" { rescued mixed_silent14 14 healthy_silent14; }
@test "two objects, the program is mixed" { rescued mixed_beside 22 healthy_beside; }
@test "two objects, the library is mixed" { rescued mixed_dso 22 healthy_dso22; }
@test "order: the allocator is gone, and the library's records are those of its runtime" {
	need llvm-profdata-14
	BEFORE=(env MIMALLOC_DESTROY_ON_EXIT=1 "LD_PRELOAD=$MIMALLOC")
	# the runtime may have moved the environment to the heap that is gone
	export LLVM_PROFILE_FILE=$WORK/unused.profraw
	rescued healthy_order14 14 healthy_order14
}
@test "order: the allocator is gone, and the library's records are mixed too" {
	BEFORE=(env MIMALLOC_DESTROY_ON_EXIT=1 "LD_PRELOAD=$MIMALLOC")
	export LLVM_PROFILE_FILE=$WORK/unused.profraw
	rescued mixed_dso 22 healthy_dso22
}
