# exeunt env prints what a bare preload needs.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

@test "one line for sh, with the library and a trace in the working directory" {
	capture ex env
	is 0 "$status"
	is "export LD_PRELOAD='$LIBRARY' EXEUNT='out=$WORK/exeunt.trace'" "$(cat out)"
	is "" "$(cat err)"
}
@test "settings and profile go into it; -s beats -p" {
	capture ex env -p exit-order -s probe=off -s 'skip=#3'
	grep -q ' probe=off ' out
	grep -q 'skip=#3' out
}
@test "quoting survives eval: blanks, quotes, dollar signs, newlines" {
	name=$(printf "a b'c\$d%%e\nf")
	capture ex env -o "$name"
	is 0 "$status"
	# shellcheck disable=SC1090
	value=$(LD_PRELOAD=; eval "$(sed 's/LD_PRELOAD=[^ ]*//' out)"; printf '%s' "$EXEUNT")
	is "out=$WORK/a%20b'c\$d%25e%0Af" "$value"
}
@test "the line observes programs, several into one trace" {
	(eval "$(ex env -o t)" && /bin/true && /bin/echo x >/dev/null)
	[ -f t/metadata ]
	[ "$(compgen -G 't/s.*' | sed 's/.*s\.\([0-9]*\)\..*/\1/' | sort -u | wc -l)" -ge 2 ]
}
@test "what was in LD_PRELOAD stays, and the library is not named twice" {
	capture env LD_PRELOAD="$LIBRARY:libm.so.6" EXEUNT="out=$WORK/outer" "$EXEUNT_COMMAND" env
	grep -qF "LD_PRELOAD='$LIBRARY:libm.so.6' " out
}
@test "--json" {
	capture ex env --json -o t -s flush=exit
	is "exeunt.env/1" "$(jq -r .schema out)"
	is "$WORK/t" "$(jq -r .trace out)"
	is "$LIBRARY" "$(jq -r .variables.LD_PRELOAD out)"
	is "out=$WORK/t flush=exit" "$(jq -r .variables.EXEUNT out)"
}
@test "a directory of something else is refused" {
	mkdir t
	touch t/precious
	capture ex env -o t
	is 125 "$status"
	is "exeunt: $WORK/t exists already; choose another directory with -o DIR, or remove it" "$(cat err)"
	is "" "$(cat out)"
}
@test "a command is refused: env runs none" {
	capture ex env -- true
	is 2 "$status"
	is "" "$(cat out)"
}
