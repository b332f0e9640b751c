#!/bin/bash
# exit-timeline.t: every program of tests/zoo/exit, and order_exe, leaves as its head says, and exeunt's rows are the program's own marks:
# under four allocators, with symbols and stripped. usage: tests/cli/exit-timeline.t [NAME…]
set -uo pipefail
bats_require_minimum_version() { :; } # zoo.bash is made for bats
# shellcheck source=tests/lib/zoo.bash
. "${BASH_SOURCE[0]%/*}/../lib/zoo.bash"
# shellcheck source=tests/lib/timeline.bash
. "$ROOT/tests/lib/timeline.bash"

BATS_TEST_TMPDIR=$(mktemp -d)
trap 'cd / && rm -rf "$BATS_TEST_TMPDIR"' EXIT
zoo_setup || { echo "1..0 # SKIP the programs could not be built"; exit 1; }
: "${PREFIX_CMD:=}"

for allocator in "${ALLOCATORS[@]}"; do
	library=${PRELOAD[$allocator]}
	[ -z "$library" ] || [ -e "$DEBIAN_LIB/$library" ] ||
		{ echo "1..0 # SKIP $library is missing; run: scripts/setup check"; exit 0; }
done
sources=()
for source in "$ROOT"/tests/zoo/order_exe.cc "$ROOT"/tests/zoo/exit/*.c "$ROOT"/tests/zoo/exit/*.cc; do
	name=${source##*/}
	name=${name%.*}
	[[ $name == *_dso && $name != *_in_dso ]] || [ $# != 0 ] && [[ " $* " != *" $name "* ]] || sources+=("$source")
done

echo "1..${#sources[@]}"
mapfile -t files < <(find "$ZOO/exit" "$ZOO/order_exe" "$ZOO/liborder_dso.so" -maxdepth 1 -type f)
timeline_names "${files[@]}" >"$WORK/names"
n=0
failed=0
for source in "${sources[@]}"; do
	name=${source##*/}
	name=${name%.*}
	n=$((n + 1))
	mkdir "$WORK/$name" && cd "$WORK/$name" || exit 1
	folder=${source%/*}
	if said=$(timeline "$name" "$source" "$ZOO${folder#"$ROOT/tests/zoo"}" "$WORK/names" 2>&1); then
		echo "ok $n - $name"
	else
		failed=1
		echo "not ok $n - $name"
		printf '%s\n' "$said" | sed 's/^/# /'
		echo "# repeat: O=$O tests/cli/exit-timeline.t $name"
		[ -z "${EX_KEEP:-}" ] || cp -a "$WORK/$name" "$EX_KEEP/"
	fi
	rm -rf "${WORK:?}/$name"
done
exit $failed
