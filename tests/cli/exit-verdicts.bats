# However a program leaves, diagnose names no cause that is not there: the heads of tests/zoo/exit say which.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

# verdicts ENDING: programs of tests/zoo/exit whose head has a verdict (badly) or none (well); two runs each are enough to
# name a wrong cause
verdicts() {
	local source name expected given bad=0 count=0
	for source in "$ROOT"/tests/zoo/exit/*.c "$ROOT"/tests/zoo/exit/*.cc; do
		name=${source##*/}
		name=${name%.*}
		[ -e "$ZOO/exit/$name" ] || continue # a library
		expected=$(sed -n 's|^// verdict: ||p' "$source")
		case $1 in
		well) [ -z "$expected" ] || continue ;;
		badly) [ -n "$expected" ] || continue ;;
		esac
		capture ex diagnose --runs 2 --json -- "$ZOO/exit/$name" </dev/null
		given=$(jq -r .verdict out) || given="no report"
		count=$((count + 1))
		[ "$given" = "${expected:-healthy}" ] || {
			echo "$name is ${expected:-healthy}, diagnose says $given; $LAST"
			jq -r '.cause, (.evidence[] | "  " + .text)' out
			bad=1
		}
	done
	echo "# $count programs that end $1" >&3
	[ "$count" -ge 10 ]
	[ $bad = 0 ]
}

@test "programs that end well" { verdicts well; }
@test "programs that end badly" { verdicts badly; }
