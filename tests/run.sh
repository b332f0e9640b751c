#!/bin/bash
# run.sh: how prove runs one test file: .bats by bats, everything else by itself. Keeps a copy of the TAP output in
# EX_TAP_DIR, which .ci/run counts.
set -uo pipefail
file=$1
case $file in
*.bats) set -- bats --tap "$file" ;;
/*) set -- "$file" ;;
*) set -- "./$file" ;;
esac
[ -n "${EX_TAP_DIR:-}" ] || exec "$@"
"$@" | tee "$EX_TAP_DIR/$(tr '/' '.' <<<"$file").tap"
