# heap.bash: programs that misuse the heap, and what diagnose --look-for heap says of them
# shellcheck shell=bash disable=SC2154,SC2034

looked() { # PROGRAM WAY [ENV…]
	local program=$1 way=$2
	shift 2
	capture ex diagnose --runs 4 --json --look-for heap -- env "$@" "$ZOO/$program" "$way" </dev/null
	cp out json
}
of() { jq -r "$1" json; }

# PROGRAM VERDICT [ENV…]: all ways of the table $WAYS that have it. Rows: way, verdict, function that does it, function that had
# asked for the block
all_of() {
	local program=$1 wanted=$2 way verdict culprit owner sure failed=0
	shift 2
	case $wanted in
	healthy | unknown) sure=none ;;
	null-dereference | wild-address) sure=likely ;;
	*) sure=confirmed ;;
	esac
	while read -r way verdict culprit owner; do
		[ "$verdict" = "$wanted" ] || continue
		looked "$program" "$way" "$@"
		if [ "$(of '.verdict + " " + .status')" != "$verdict $sure" ]; then
			echo "$way: $(of '.verdict + " " + .status'); $LAST"
			failed=1
			continue
		fi
		[ "$culprit" = - ] || [[ $(of .cause) == "$culprit"[+\ ]* ]] || { echo "$way: $(of .cause)"; failed=1; }
		[ "$owner" = - ] || [[ $(of .cause) == *", which $owner+"*" had asked for." ]] || { echo "$way: $(of .cause)"; failed=1; }
	done <<<"$WAYS"
	return $failed
}
