#!/bin/bash
# run.sh: how prove runs one test file: .bats by bats, everything else by itself. prove hides what a test says in TAP
# comments, so those of a failed test, with the command that repeats it, go to stderr as well. Keeps a copy of the TAP
# output in EX_TAP_DIR, which .ci/run counts.
set -uo pipefail
file=$1
case $file in
*.bats) set -- bats --tap "$file" ;;
/*) set -- "$file" ;;
*) set -- "./$file" ;;
esac
copy=/dev/null
[ -z "${EX_TAP_DIR:-}" ] || copy=$EX_TAP_DIR/$(tr '/' '.' <<<"$file").tap
"$@" | tee "$copy" | awk '
	/^ok/ { failed = 0 }
	/^not ok/ { failed = 1 }
	failed { print file ": " $0 > "/dev/stderr" }
	{ print; fflush() }' file="$file"
