# sandbox.bash: which sandboxes of gVisor start here, for tests that run in each of them
# shellcheck shell=bash disable=SC2034

sandbox_platform() { # RUNSC PLATFORM: noted if it starts
	if timeout 60 "$1" "--platform=$2" --network=none --ignore-cgroups do -force-overlay=false true </dev/null >probe 2>&1; then
		PLATFORMS+=("$1 $2")
	fi
}
# call from setup(): fills PLATFORMS with "RUNSC PLATFORM", or skips
sandbox_platforms() {
	PLATFORMS=()
	sandbox_platform runsc ptrace
	if [ -n "${EX_RUNSC:-}" ]; then
		sandbox_platform "$EX_RUNSC" systrap
		sandbox_platform "$EX_RUNSC" ptrace
	fi
	[ ${#PLATFORMS[@]} -gt 0 ] || skip "no runsc that starts here (EX_RUNSC=PATH names one): $(tail -1 probe)"
}
