# What is installed works from where it was installed.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

@test "install, run, uninstall" {
	make -s -C "$ROOT" O="$O" install DESTDIR="$WORK" PREFIX=/opt/exeunt
	root=$WORK/opt/exeunt
	for file in bin/exeunt lib/exeunt/libexeunt.so lib/exeunt/libexeunt-heap.so lib/pkgconfig/exeunt.pc share/doc/exeunt/LICENSE; do [ -e "$root/$file" ]; done
	grep -q '^preload=${libdir}/libexeunt.so' "$root/lib/pkgconfig/exeunt.pc"
	"$root/bin/exeunt" run -o trace -- "$ZOO/order_exe" >out
	is 14 "$(grep -c '^mark' out)"
	"$root/bin/exeunt" report --json trace | jq -e '.teardown | length > 14'
	profile=$(basename "$(ls "$root"/share/exeunt/profiles/*.profile | head -1)" .profile)
	"$root/bin/exeunt" run -p "$profile" -o trace2 -- /bin/true
	make -s -C "$ROOT" O="$O" uninstall DESTDIR="$WORK" PREFIX=/opt/exeunt
	is "" "$(find "$root" -type f)"
}
@test "every profile runs" {
	for profile in "$ROOT"/profiles/*.profile; do
		capture ex run -p "$profile" -o "trace.${profile##*/}" -- "$ZOO/order_exe"
		is 0 "$status"
	done
}
@test "env prints what a bare preload needs" {
	ex env >vars
	grep -q LD_PRELOAD vars
	status=0
	(cd "$WORK" && eval "$(sed 's/^export //; s/^/export /' vars)" && exec "$ZOO/leave__exit") || status=$?
	is 5 $status
}
@test "doctor says what works here" {
	capture ex doctor
	is 0 "$status"
	[ -s out ]
	capture ex doctor -- "$ZOO/static_exe"
	grep -qi static out err
}
@test "help and version" {
	capture ex --help
	is 0 "$status"
	for word in run report diagnose gdb compare scan doctor env; do grep -q "$word" out; done
	capture ex --version
	is 0 "$status"
	grep -q "$(sed -n 's/^#define EXEUNT_VERSION "\(.*\)"/\1/p' "$ROOT/schema/wire.h")" out
	for command in run report diagnose gdb compare scan doctor env; do
		capture ex $command --help
		is 0 "$status"
	done
}
# completes WORD...: what the installed completion offers for the last word
completes() {
	# shellcheck disable=SC2016
	bash -c 'source "$0"; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _exeunt; echo ${COMPREPLY[*]}' "$COMPLETION" exeunt "$@"
}
@test "completion offers what --help lists" {
	make -s -C "$ROOT" O="$O" install DESTDIR="$WORK" PREFIX=/opt/exeunt
	COMPLETION=$WORK/opt/exeunt/share/bash-completion/completions/exeunt
	is "diagnose doctor" "$(completes d)"
	is "run report rerun" "$(completes help r)"
	touch part.a
	is "part.a" "$(completes scan par)"
	is "--expect-output --expect-same-output --expect-status" "$(completes diagnose --expect)"
	is "follow= flush= fail= first= free= fast-exit= fix-si-code=" "$(completes run -s f)"
	is "growth= grow-step=" "$(completes run -s grow)"
	is "off growth malloc exit" "$(completes run -s serialize = "")"
	is "growth:" "$(completes run -s fail = "")"
	is "off on" "$(completes diagnose -s probe = "")"
	is "slack ends starts site: sample:" "$(completes run -s guard = "")"
	is "end start" "$(completes run -s guard-side = "")"
	is "exit-order" "$(completes run -p exit)"
	is "" "$(completes run -- gcc --v)"
	is "heap" "$(completes compare --look-for "")"
	is "--json" "$(completes diagnose --look-for heap --js)"
	[[ $(completes run -o dir --) == *--verbose* ]]
	for command in run report diagnose gdb compare scan doctor env; do
		[[ $(completes "$command" -) == *--help* ]]
	done
}
@test "the manual page has every setting, verdict and command" {
	"$ROOT/scripts/gen-docs" --man >page
	for command in run report diagnose gdb compare scan doctor env; do grep -q "^\*exeunt $command\*" page; done
	for word in $(sed -n 's/^OPT([a-z]*, \([a-z-]*\),.*/\1/p' "$ROOT/schema/options.def" | grep -vx out); do grep -q "^\*$word\*=" page; done
	for word in $(sed -n 's/^VERDICT(.*, "\(.*\)",$/\1/p' "$ROOT/schema/verdicts.def"); do grep -q "^\*$word\*$" page; done
	for command in run report diagnose gdb compare scan doctor env; do
		for option in $("$EXEUNT_COMMAND" $command --help | grep -oE '^ {2,6}-.*' | grep -oE -- '--[a-z-]+'); do
			[ "$option" = -- ] || grep -q -e "\*$option\*" page || { echo "$command $option"; return 1; }
		done
	done
}
