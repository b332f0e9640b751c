# What the verdicts about teardown say and rest on: both handlers, the arms with their numbers, the commands to repeat.
load ../lib/zoo
load ../lib/verdicts
load ../lib/late
setup() { zoo_setup; }
teardown() { zoo_teardown; }

says() { # FILTER: of the verdict's JSON, true
	jq -e "$1" json >/dev/null || { echo "not so: $1"; told; return 1; }
}
# NAME ROLE TREATMENT (a regular expression), bad in all or none of its runs
arm() {
	says "any(.arms[]; .name == \"$1\" and .role == \"$2\" and (.treatment | test(\"^$3\$\")) and .runs == $LATE_RUNS and .bad == $4)"
}

@test "heap-after-teardown names who took it and who used it" {
	late heap_handler
	says '.cause | test("heap_handler\\+0x[0-9a-f]+ \\(count\\).*heap_handler\\+0x[0-9a-f]+ \\(let_go\\)")'
	says '.evidence | any(.id == "taken" and (.text | contains("400 bytes into")))'
	says '.evidence | any(.id == "order")'
	arm baseline baseline "" 4
	arm skip confirm "skip=heap_handler.0x[0-9a-f]+" 0
	arm keep confirm "keep=exit" 0
	arm sham control "skip=heap_handler.0x[0-9a-f]+" 4
	says '[.arms[] | .repeat | contains("exeunt run ")] | all'
}
@test "heap-after-teardown: stripped, by offsets alone" {
	late stripped/heap_handler
	says '.cause | test("heap_handler\\+0x[0-9a-f]+ used memory that the exit handler heap_handler\\+0x[0-9a-f]+ had")'
}
@test "heap-after-teardown: a raw system call is not reached by keep=exit, which is no arm then" {
	late heap_raw
	is "baseline skip sham" "$(of '[.arms[].name] | join(" ")')"
}
@test "heap-after-teardown: with no other handler the control is that of a rival cause" {
	late heap_alone
	arm modules control "keep=modules" 4
}
@test "heap-after-teardown: an allocator that forgets its heap, shown by trial allocations" {
	late own_allocator_null allocates heap_keeper
	says '.cause | contains("used the allocator that")'
	says '.evidence | any(.id == "probe" and (.text | contains("first before any handler")))'
}
@test "exit-list-on-dead-heap: no handler was running" {
	late list_inside
	says '.cause | contains("(last_step)")'
	says '.evidence | any(.id == "runner")'
	arm keep confirm "keep=exit" 0
	arm skip confirm "skip=list_inside.0x[0-9a-f]+" 0
	says '[.arms[] | select(.role == "control") | .bad == .runs] | all'
}
@test "unloaded-module: which library, and who called it" {
	late unloaded_callback
	says '.cause == "The program ran code of libcallback_dso.so, which had been unloaded."'
	says '.evidence | any(.id == "caller" and (.text | contains("main+")))'
	arm modules confirm "keep=modules" 0
	arm keep control "keep=exit" 4
}
@test "unloaded-module: data of it" {
	late unloaded_data
	says '.cause == "The program used data of libcallback_dso.so, which had been unloaded."'
}
@test "unloaded-module, closed by a handler: not the heap" {
	late unloaded_at_exit
	says '.excluded | any(.verdict == "heap-after-teardown" and (.why | contains("library that was unloaded")))'
}
@test "threads-at-exit: which handler, and that the thread stopped cures" {
	late thread_pool
	says '.cause | contains("(let_go)")'
	says '.evidence | any(.id == "threads")'
	arm park confirm "park-threads=yes" 0
	arm skip confirm "skip=thread_pool.0x[0-9a-f]+" 0
	arm sham control "skip=thread_pool.0x[0-9a-f]+" 4
}
@test "foreign-free: the block, and whose memory it lay in" {
	late foreign_box
	says '.evidence | any(.id == "foreign" and (.text | test("lies in .*libboxes_dso.so had got")))'
	arm own confirm "free=own" 0
	arm serialize control "serialize=malloc" 4
}
@test "foreign-free: a block freed twice is left out by free=own as well, and is not taken for one" {
	late rival_twice
	says '.excluded | any(.verdict == "foreign-free" and (.why | contains("given a block of another module")))'
}
@test "rivals of heap-after-teardown are told why not" {
	late rival_wild
	says '.excluded | any(.verdict == "heap-after-teardown" and (.why | contains("no memory that an earlier handler took")))'
	late rival_thread_own
	says '.excluded | any(.verdict == "threads-at-exit" and (.why | contains("by a thread, not by an exit handler")))'
}
