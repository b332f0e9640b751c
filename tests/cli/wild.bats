# wild-address: an address that belongs to nothing, with what lies nearest and which registers lead there; and all that looks like it.
load ../lib/zoo
load ../lib/verdicts
setup() { zoo_setup; }
teardown() { zoo_teardown; }

# wild HOW VERDICT STATUS: what diagnose says
wild() {
	EX_DIAGNOSE_RUNS=2 verdict "$ZOO/wild" ${1:+"$1"}
	is "$2 $3" "$(of '.verdict + " " + .status')" || { told; return 1; }
}
why() { of '.excluded[] | select(.verdict == "wild-address") | .why'; }
has() { [[ $1 == *$2* ]] || { echo "not in it: $2"; echo "$1"; return 1; }; }
register() { of '.evidence[] | select(.id == "register") | .text'; }

@test "860 MiB past a mapping whose first byte is in a register" {
	wild "" wild-address likely
	has "$(of .cause)" "0x200036000000, 860 MiB past the end of 0x200000000000-0x200000400000 (readable and writable)"
	has "$(register)" "holds 0x200000000000, the first byte of that mapping: the faulting address is 864 MiB from there"
	has "$(of '.evidence[] | select(.id == "not-confirmed") | .text')" "no treatment"
}
@test "an address that no mapping can have" {
	wild high wild-address likely
	has "$(of .cause)" "0xdead0000beef0008, which no mapping can have"
	has "$(register)" "holds 0xdead0000beef0000, which no address can be"
}
@test "rivals: a vector that is not aligned, an instruction that is not allowed" {
	for how in odd halt; do
		wild $how unknown none
		has "$(why)" "the processor told no address"
	done
}
@test "rivals: memory that was unmapped" {
	wild gone unknown none
	has "$(why)" "memory was there until it was unmapped"
}
@test "rivals: a stack that is too small" {
	wild stack stack-overflow likely
	has "$(why)" "a special cause"
}
@test "rivals: a null pointer" {
	EX_DIAGNOSE_RUNS=2 verdict "$ZOO/null_deref"
	is "null-dereference likely" "$(of '.verdict + " " + .status')"
	has "$(why)" "in the first page"
}
@test "a report of one run names the suspect, and says that nothing was tried" {
	observed "$ZOO/wild"
	is "wild-address null" "$(jq -r '.suspects[] | "\(.verdict) \(.doubt)"' json)"
	grep -q '^what could explain it (from this run alone, nothing is confirmed; exeunt diagnose tries it)$' text
	grep -q 'the nearest mapping: it is 860 MiB past the end of 0x200000000000-0x200000400000' text
	/usr/bin/python3 "$ROOT/tests/lib/validate.py" "$ROOT/docs/report.schema.json" json
	observed "$ZOO/wild" gone
	is "[]" "$(jq -c .suspects json)"
	grep -q '^what could explain it: none of the causes that exeunt knows$' text
	observed true
	is "[]" "$(jq -c .suspects json)"
	! grep -q 'could explain' text
}
