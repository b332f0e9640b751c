# shellcheck disable=SC2034
# `exeunt scan` on random programs: what it says of records is what the linker's maps and the compilers say. SEED=N repeats.
load ../lib/zoo
setup() {
	zoo_setup
	for compiler in clang-14 clang-19 clang-22 gcc; do need "$compiler"; done
}
teardown() { zoo_teardown; }

# what differs: file, truth, scan's words, how it was linked
differences() { # FOLDER SCAN
	jq -rn --slurpfile truth "$1/truth.json" --slurpfile scan "$2" '
		($scan[0].files | INDEX(.path)) as $found | $truth[0].files | to_entries[] |
		(.value.records | with_entries(select(.value > 0)) | length > 1) as $mixed |
		{records: .value.records, unparsed_bytes: .value.unparsed, mixed: $mixed} as $wanted |
		# without the section there is no profile, or one that has nothing
		($found[.key].elf.profile // {records: {"48": 0, "64": 0, "72": 0}, unparsed_bytes: 0, mixed: false} |
			{records, unparsed_bytes, mixed}) as $got |
		select($wanted != $got or ($found[.key] | not)) | "\(.key): truth \($wanted) scan \($got): \(.value.command)"'
}
programs() { # COUNT PLAIN
	python3 "$ROOT/tests/oracle/profile_programs.py" --count "$1" --plain "$2" programs >made || { cat made; return 1; }
	cat made >&3
	mapfile -t files < <(jq -r '.files | keys[]' programs/truth.json)
	LAST="exeunt scan --json (all files of programs)"
	(cd programs && "$EXEUNT_COMMAND" scan --json "${files[@]}") >scan.json || [ $? -le 1 ]
	is $(($1 + $2)) "$(jq '.files | length' scan.json)" "files told"
	is "" "$(differences programs scan.json)" "$(cat made): programs that scan is wrong about"
}

@test "${EX_PROGRAMS:-1000} random programs, and 100 without records" { programs "${EX_PROGRAMS:-1000}" 100; }
