# say.bash: what the whole jobs (evtx-pgo, julia-gvisor) print, and the facts that they keep: rows/NAME, one KEY=VALUE a line,
# for the table at the end and for whoever checks them.
# shellcheck shell=bash disable=SC2154

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
	bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' off=$'\e[0m'
else
	bold='' dim='' red='' off=''
fi
step() { printf '\n%s== %s%s\n' "$bold" "$*" "$off"; }
command_line() { printf '%s$ %s%s\n' "$dim" "${*//$dir\//}" "$off"; } # as one would type it in DIR
note() { printf '%s\n' "$*"; }
problem() { # a step is not as it should be; the others can still tell something
	printf '%snot as it should be: %s%s\n' "$red" "$*" "$off"
	problems=$((problems + 1))
}
fail() {
	echo "${0##*/}: $*" >&2
	exit 1
}
missing() {
	echo "${0##*/}: $*" >&2
	exit 125
}
seconds() { # 154 -> 2 min 34 s
	[ "$1" -lt 60 ] && echo "$1 s" || echo "$(($1 / 60)) min $(($1 % 60)) s"
}
signal_name() { # exit status of a shell -> how it ended
	case $1 in
	0) echo "exit 0" ;;
	124) echo "did not end" ;;
	1[3-9][0-9]) echo "SIG$(kill -l $(($1 - 128)))" ;;
	*) echo "exit $1" ;;
	esac
}

fact() { # NAME KEY VALUE
	mkdir -p rows
	{
		[ ! -e "rows/$1" ] || grep -v "^$2=" "rows/$1" || true
		echo "$2=$3"
	} >"rows/$1.new"
	mv "rows/$1.new" "rows/$1"
}
fact_of() { # NAME KEY
	sed -n "s/^$2=//p" "rows/$1" 2>/dev/null
}
