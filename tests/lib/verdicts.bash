# verdicts.bash: the cases of verdict.bats and nameless.bats. The causes here kill every time, so that
# few runs are enough; with fewer, chance cannot be excluded and the verdict is only likely.
# shellcheck shell=bash disable=SC2154

MI=(env MIMALLOC_DESTROY_ON_EXIT=1 LD_PRELOAD=libmimalloc.so.2.0)

# verdict COMMAND…: diagnoses into the file json
verdict() {
	capture ex diagnose --runs "${EX_DIAGNOSE_RUNS:-4}" --json -- "$@"
	cp out json
	jq -e .verdict json >/dev/null || { cat err out; return 1; }
}
# what a failed case shows
told() {
	jq '{verdict, status, cause, process, evidence: [.evidence[].text], excluded, arms: [.arms[] | "\(.name) \(.treatment): \(.bad) bad of \(.runs)"]}' json
}
of() { jq -r "$1" json; }
confirmed_teardown() {
	is "profile-after-teardown confirmed" "$(of '.verdict + " " + .status')" || { told; return 1; }
	is 0 "$status"
}

case_mimalloc() {
	export LLVM_PROFILE_FILE=$WORK/x.profraw
	case_mimalloc_unset
}
case_mimalloc_unset() {
	verdict "${MI[@]}" "$ZOO/prof_app"
	confirmed_teardown
	jq -e '(.cause + (.evidence | tostring) + (.arms | tostring)) | test("libmimalloc.so.2.0\\+0x[0-9a-f]+")' json
}
case_healthy() {
	verdict env MIMALLOC_DESTROY_ON_EXIT=0 LD_PRELOAD=libmimalloc.so.2.0 "$ZOO/prof_app"
	is "healthy" "$(of .verdict)"
	jq -e '.arms[0].bad == 0 and .arms[0].interval[1] > 0' json
}
case_own() { # LIBRARY
	export LLVM_PROFILE_FILE=$WORK/x.profraw
	case_own_unset "$1"
}
case_own_unset() {
	verdict env OWNALLOC_DESTROY=1 LD_PRELOAD="$ZOO/$1" "$ZOO/prof_app"
	confirmed_teardown
	jq -e --arg library "$1" '(.cause + (.evidence | tostring) + (.arms | tostring)) | contains($library)' json
}
# nothing else runs before it dies: the control is the same treatment at the wrong time
case_inside() {
	verdict "$ZOO/prof.allocator_inside"
	confirmed_teardown
	is "late control 4 4" "$(of '.arms[] | select(.role == "control") | "\(.name) \(.role) \(.runs) \(.bad)"')" || { told; return 1; }
}
case_lost() { # HOW
	verdict "$ZOO/prof_app" leave "$1"
	is profile-lost "$(of .verdict)" || { told; return 1; }
	is 0 "$status"
}
case_null() {
	verdict "$ZOO/null_deref"
	is null-dereference "$(of .verdict)"
}
case_null_instrumented() {
	verdict "$ZOO/prof.null_deref"
	is null-dereference "$(of .verdict)"
}
# its own handler dereferences null: any verdict but the writer's
case_own_handler() {
	verdict "$ZOO/prof.null_in_handler"
	[ "$(of .verdict)" = null-dereference ] || [ "$(of .verdict)" = unknown ] || { told; return 1; }
}
