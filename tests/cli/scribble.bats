# Treatment scribble: fresh memory and freed memory are filled, and nothing else changes.
load ../lib/zoo
setup() { zoo_setup; }
teardown() { zoo_teardown; }

ALLOCATORS=("" "$MIMALLOC" libjemalloc.so.2 libtcmalloc_minimal.so.4)

scribbled() { # COMMAND…
	rm -rf trace
	capture ex run -s scribble=yes -o trace -- "$@"
}

# the same status and output as alone, every word of malloc's promise kept
same() { # COMMAND…
	capture "$@"
	local alone=$status
	mv out alone.out
	scribbled "$@"
	is "$alone" "$status" "status of $*"
	is "$(cat alone.out)" "$(cat out)" "output of $*"
}

@test "each way to get memory and to give it back" {
	scribbled "$ZOO/scribbled"
	is "malloc aa aa|free 55 55|calloc 00 00|free 55 55|aligned_alloc aa aa|free 55 55|posix_memalign aa aa|free 55 55|realloc 07 07|grown aa aa|shrunk 07 07|free 55 55|large aa 00" "$(paste -sd'|' out)"
	capture ex run -o plain -- "$ZOO/scribbled"
	! grep -Eq 'aa|55' out
}
@test "other allocators: operators of C++ too" {
	for allocator in "${ALLOCATORS[@]}"; do
		scribbled env LD_PRELOAD="$allocator" "$ZOO/heap_storm" 4 3000
		is "0 sound" "$status $(cat out)" "heap_storm with ${allocator:-glibc}"
		same env LD_PRELOAD="$allocator" "$ZOO/heap_forms"
		scribbled env LD_PRELOAD="$allocator" "$ZOO/scribbled"
		is "malloc aa aa|calloc 00 00" "$(grep -E '^(malloc|calloc)' out | paste -sd'|')" "with ${allocator:-glibc}"
	done
}
@test "a second free finds what the allocator left there" {
	scribbled "$ZOO/scribbled" double
	is 134 "$status"
	grep -q 'double free detected' err
}
@test "a pointer out of fresh memory, and out of freed memory, is known as that" {
	for how in fresh freed; do
		scribbled "$ZOO/scribbled" $how
		is 139 "$status"
		report trace >json
		is wild-address "$(jq -r '.suspects[].verdict' json)"
		jq -r '.crash.registers[].leads_to // empty' json >leads
		case $how in
		fresh) grep -q 'out of memory that was never written' leads ;;
		freed) grep -q 'out of memory that was freed' leads ;;
		esac
		jq -e '.suspects[0].evidence | map(select(.id == "scribbled")) | length > 0' json
	done
	# the same words in a run without the treatment are nobody's
	observed "$ZOO/wild" high
	! grep -q 'treatment scribble' text
}
@test "a bare preload takes the library that wraps malloc" {
	capture env LD_PRELOAD="$LIBRARY" EXEUNT="out=$WORK/bare scribble=yes" "$ZOO/scribbled"
	is "malloc aa aa" "$(head -1 out)"
}
@test "programs at work: git, python3, perl, sqlite3" {
	export GIT_AUTHOR_DATE='2020-01-01T00:00:00Z' GIT_COMMITTER_DATE='2020-01-01T00:00:00Z' PYTHONHASHSEED=0 PERL_HASH_SEED=0
	for program in git python3 perl sqlite3; do need $program; done
	git init -q repo
	for n in 1 2 3 4 5; do
		seq "$n" $((n * 100)) >repo/file
		git -C repo add file
		git -C repo -c user.name=a -c user.email=a@b commit -qm "number $n"
	done
	same git -C repo log -p --stat
	scribbled git -C repo gc -q --prune=now
	is 0 "$status"
	same git -C repo fsck --full
	same /usr/bin/python3 -c 'import json, re, zlib
words = [("%x" % (n * n)) * 3 for n in range(20000)]
print(len(re.findall("a+b", " ".join(words))), zlib.crc32(json.dumps(sorted(words)).encode()))'
	same perl -e 'my %h; $h{$_ % 977} .= chr(65 + $_ % 26) for 1 .. 100000; print join(",", map { "$_:" . length $h{$_} } sort { $a <=> $b } keys %h), "\n"'
	same sqlite3 :memory: 'with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) select i % 7, count(*), sum(i * i % 101), group_concat(distinct i % 5) from n group by 1 order by 3'
}
