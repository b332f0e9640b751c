# What mixed-profile-layouts says and rests on: the numbers of records, the record that was misread, each arm with its numbers,
# and the advice, which is tried. Which programs get it, and which do not, is the table of pgo-confusion.bats.
load ../lib/zoo
load ../lib/verdicts
load ../lib/pgo
setup() {
	zoo_setup
	pgo_need mixed_c22 mixed_c22_site mixed_c22_refused healthy_c22
}
teardown() { zoo_teardown; }

says() { # FILTER: of the verdict's JSON, true
	jq -e "$1" json >/dev/null || { echo "not so: $1"; told; return 1; }
}
evidence() { # ID WORDS (a regular expression)
	says "any(.evidence[]; .id == \"$1\" and (.text | test(\"$2\")))"
}
# NAME ROLE TREATMENT (a regular expression), bad in all or none of its runs
arm() {
	says "any(.arms[]; .name == \"$1\" and .role == \"$2\" and (.treatment | test(\"^$3\$\")) and .runs == 4 and .bad == $4)"
}
advice() { # WORDS (a regular expression)
	says "any(.advice[]; test(\"$1\"))"
}
confirmed_mixed() {
	is "mixed-profile-layouts confirmed" "$(of '.verdict + " " + .status')" || { told; return 1; }
	is 0 "$status"
}

@test "in the writer: the records, the one that was misread, and what an early flush showed" {
	verdict "$PGO/mixed_c22"
	confirmed_mixed
	says '.cause | test("records? of 48 bytes \\(LLVM 14 to 17\\) were read as those of its profile runtime \\(LLVM 19 to 22\\) when the profile was written")'
	evidence layouts '[0-9]+ (records )?of 64 bytes .LLVM 18 to 22.*reads all as 64 bytes'
	evidence layouts '[0-9]+ (records )?of 48 bytes .LLVM 14 to 17.*in one section'
	evidence misread 'a profile record of 48 bytes lies'
	evidence raw-version 'is 10 in it'
	evidence salvage '[0-9]+ functions are in the profile, [1-9][0-9]* of them out of records of another layout'
	evidence flush '4 of 4 runs died in it: no exit handler'
	arm baseline baseline "" 4
	arm salvage confirm salvage=yes 0
	arm flush control flush=main-end 4
	says '.excluded | any(.verdict == "profile-after-teardown" and (.why | test("leads to no memory.*flush=main-end.* 4 of 4 runs died")))'
	advice 'with one LLVM: the profile runtime in it is of LLVM 19 to 22'
}
@test "where values are recorded: which function, and the death that moves to the writer" {
	verdict "$PGO/mixed_c22_site"
	confirmed_mixed
	says '.cause | test("when values were recorded")'
	evidence recorder 'frame 0, mixed_c22_site.0x[0-9a-f]+, is a function that records values: [1-9]'
	evidence misread 'a register holds'
	evidence values '4 of 4 runs came as far as the profile writer, and died there'
	arm salvage confirm 'value-profile=off salvage=yes' 0
	arm values explore value-profile=off 4
	arm flush control flush=main-end 4
	advice 'exeunt run -s value-profile=off -s salvage=yes -- CMD'
}
@test "the same, stripped: functions that record values are known by how they are called" {
	verdict "$PGO/stripped/mixed_c22_site"
	confirmed_mixed
	arm salvage confirm 'value-profile=off,mixed_c22_site.0x[0-9a-f]+ salvage=yes' 0
	evidence recorder 'frame 0'
	# and they are those that the program with symbols has
	local symbol offset
	symbol=$(nm "$PGO/mixed_c22_site" | sed -n 's/^0*\([0-9a-f]*\) . __llvm_profile_instrument_target$/\1/p')
	offset=$(of '.arms[] | select(.name == "values") | .treatment' | sed 's/.*+0x//')
	is "$symbol" "$offset"
}
@test "the runtime refuses: bad is that no whole profile came" {
	verdict "$PGO/mixed_c22_refused"
	confirmed_mixed
	says '.cause | test("found version 8 \\(LLVM 14 to 17\\), and refused to write the profile")'
	evidence refused 'version mismatch : expected 10, but get 8'
	evidence file '0 whole raw profiles .* 1 were due'
	arm baseline baseline "" 4
	arm salvage confirm salvage=yes 0
	arm flush control flush=main-end 4
	capture ex diagnose --runs 1 -- "$PGO/mixed_c22_refused"
	grep -qF 'what was tried (bad: no whole profile came)' out
}
@test "the advice to keep the build: it runs, and its profile is merged" {
	for program in mixed_c22 mixed_c22_site; do
		verdict "$PGO/$program"
		local settings
		settings=$(of '.advice[]' | sed -n 's/.*: exeunt run \(.*\) -- CMD/\1/p')
		rm -rf profile
		# shellcheck disable=SC2086
		LLVM_PROFILE_FILE=$WORK/profile/x.profraw capture ex run $settings -- "$PGO/$program"
		is 0 "$status" "$program: $settings"
		LAST="llvm-profdata-22 merge -o merged $WORK/profile/*"
		llvm-profdata-22 merge -o merged profile/*
	done
}
# as cargo leaves it: the program some folders below its lock file
lock() { # VERSION
	printf '[[package]]\nname = "cc"\nversion = "%s"\n' "$1" >Cargo.lock
	verdict "$WORK/target/release/mixed_c22"
}
@test "advice for a cargo build is that of its cc crate" {
	mkdir -p target/release
	cp "$PGO/mixed_c22" target/release/
	lock 1.2.15
	advice 'cc crate 1.2.15 of this build .*/Cargo.lock. .*CFLAGS=-fno-profile-generate does not help'
	advice 'cargo update -p cc --precise 1.2.16'
	lock 1.7.0
	advice 'build with CFLAGS=-fno-profile-generate CXXFLAGS=-fno-profile-generate; the cc crate 1.7.0'
	lock 1.8.0
	advice 'cc crate 1.8.0 .* does not hand it on'
}
@test "JSON keeps its contract" {
	/usr/bin/python3 -c 'import jsonschema' 2>/dev/null || skip "python3-jsonschema is missing; run: scripts/setup check"
	for program in mixed_c22_site mixed_c22_refused; do
		verdict "$PGO/$program"
		/usr/bin/python3 "$ROOT/tests/lib/validate.py" "$ROOT/docs/diagnose.schema.json" json
	done
}

# a program that merges (%m) and was cut short once
stale() { # PROGRAM
	"$1" >/dev/null 2>&1 || true
	POOL=$(echo "$WORK"/default_*.profraw)
	[ -s "$POOL" ]
	head -c 300 "$POOL" >part
	cat part >"$POOL"
	rm part
}
@test "a damaged profile masks the crash: it is named, and an arm has it in its place" {
	stale "$PGO/mixed_c22"
	verdict "$PGO/mixed_c22"
	confirmed_mixed
	arm baseline baseline "" 4
	arm stale explore "" 0
	evidence stale "$POOL; with a copy of it in its place 0 of 4 runs ended badly: it masks the crash"
	advice "delete $POOL"
	is 300 "$(stat -c %s "$POOL")"
}
@test "a damaged profile alone: profile-lost, and what to delete" {
	stale "$PGO/healthy_c22"
	verdict "$PGO/healthy_c22"
	is "profile-lost confirmed" "$(of '.verdict + " " + .status')" || { told; return 1; }
	arm baseline baseline "" 0
	arm stale explore "" 4
	advice "rm $POOL"
	rm "$POOL"
	verdict "$PGO/healthy_c22"
	is healthy "$(of .verdict)"
}
@test "a profile of another program in that place is no cause" {
	stale "$PGO/mixed_c22"
	verdict "$PGO/healthy_c22"
	is healthy "$(of .verdict)" || { told; return 1; }
}
@test "profile-lost in a mixed program: salvage confirms, the runtime's writer cannot" {
	verdict "$PGO/mixed_c22" _exit
	is "profile-lost confirmed" "$(of '.verdict + " " + .status')" || { told; return 1; }
	is "baseline salvage" "$(of '[.arms[].name] | join(" ")')"
	evidence layouts '48 bytes'
	advice 'that alone does not help, since the writer misreads'
}
@test "profile-lost by SIGKILL: likely, and a snapshot now and then" {
	verdict "$PGO/healthy_c22" kill
	is "profile-lost likely" "$(of '.verdict + " " + .status')" || { told; return 1; }
	advice 'flush=every:SECONDS'
}
@test "profile-lost by SIGTERM: salvage confirms" {
	verdict "$PGO/healthy_c22" term
	is "profile-lost confirmed" "$(of '.verdict + " " + .status')" || { told; return 1; }
	arm salvage confirm salvage=yes 0
	advice 'salvage=yes'
}
