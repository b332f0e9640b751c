# zoo.bash: what the tests share; bats loads it. Run one file by itself with: bats tests/cli/NAME.bats
# shellcheck shell=bash disable=SC2034

ROOT=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
O=${O:-$ROOT/out}
case $O in /*) ;; *) O=$ROOT/$O ;; esac
EXEUNT=${EXEUNT_BIN:-$O/exeunt}
LIBRARY=$O/libexeunt.so
ZOO=$O/zoo
DEBIAN_LIB=/usr/lib/$(uname -m)-linux-gnu
MIMALLOC=libmimalloc.so.2.0
bats_require_minimum_version 1.5.0

# a test starts in an empty folder of its own, without core files and without settings of the user's
zoo_setup() {
	[ -n "${EX_ZOO_READY:-}" ] || make -s -C "$ROOT" O="$O" tests >&2 || return 1
	WORK=$BATS_TEST_TMPDIR
	cd "$WORK" || return 1
	ulimit -c 0
	# a folder of PATH that may not be entered turns "not found" into "permission denied", for env too
	PATH=$(IFS=: && for folder in $PATH; do [ ! -x "$folder" ] || printf '%s:' "$folder"; done)/usr/bin
	# and as if make had not started us
	unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
	unset EXEUNT LD_PRELOAD LLVM_PROFILE_FILE MIMALLOC_DESTROY_ON_EXIT OWNALLOC_DESTROY NO_COLOR
	export XDG_STATE_HOME=$WORK/state
	LAST=
}

# call from teardown(): a failed test says how to repeat it and leaves its folder
zoo_teardown() {
	[ -z "${BATS_TEST_COMPLETED:-}" ] || return 0
	echo "repeat: bats -f '$BATS_TEST_DESCRIPTION' tests/${BATS_TEST_FILENAME#*/tests/}"
	[ -z "$LAST" ] || echo "last command: cd $WORK && $LAST"
	if [ -n "${EX_KEEP:-}" ]; then
		cp -a "$WORK" "$EX_KEEP/" && echo "its folder: $EX_KEEP/${WORK##*/}"
	else
		echo "EX_KEEP=DIR keeps the test's folder in DIR"
	fi
}

# exeunt, remembered for the message; PREFIX_CMD in front
ex() {
	LAST="$EXEUNT_COMMAND $*"
	# shellcheck disable=SC2086
	${PREFIX_CMD:-} "$EXEUNT_COMMAND" "$@"
}
EXEUNT_COMMAND=$EXEUNT
unset EXEUNT

# is FIRST SECOND [WHAT]: equal, or fail with both
is() {
	[ "$1" == "$2" ] && return 0
	echo "${3:-values differ}:"
	diff <(printf '%s\n' "$1") <(printf '%s\n' "$2") | head -40
	return 1
}

# runs the command, status in $status, stdout and stderr in files out and err of the working directory. `ex` is put in
# place here: bash writes what it has to say of a death by signal where a function's stderr goes, but not a program's
capture() {
	status=0
	if [ "$1" = ex ]; then
		shift
		# shellcheck disable=SC2086
		set -- ${PREFIX_CMD:-} "$EXEUNT_COMMAND" "$@"
	fi
	LAST="$*"
	"$@" >out 2>err || status=$?
}

need() { # PROGRAM: skips with the reason when it is missing
	command -v "$1" >/dev/null || skip "$1 is missing; run: scripts/setup check"
}
need_file() {
	[ -e "$1" ] || skip "$1 is missing; run: scripts/setup"
}

report() { # DIR: its report as JSON on stdout
	LAST="$EXEUNT_COMMAND report --json $*"
	"$EXEUNT_COMMAND" report --json "$@"
}

# observed [-s KEY=VALUE…] COMMAND…: the report as JSON in the file json, as text in the file text
observed() {
	local -a settings=()
	while [ "$1" = -s ]; do
		settings+=(-s "$2")
		shift 2
	done
	rm -rf trace
	capture ex run "${settings[@]}" -o trace -- "$@"
	ex report trace >text
	report trace >json
}

# symbols of the teardown's rows, in order
rows() {
	report "$1" | jq -r '.teardown[] | select(.kind != "end" and .kind != "main-end") | .symbol // empty'
}
# what a zoo program said on stdin of this
marks() {
	sed -n 's/^mark: //p'
}

# counts of a profile, without what differs from file to file
profile_counts() {
	llvm-profdata-14 show --all-functions --counts "$@" 2>&1
}
