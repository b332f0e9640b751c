# growth: who makes the process's memory grow, and who waits for whom inside malloc?
#
# Use it when a program needs more memory than it should, is refused memory, or has threads that do not keep its
# processors busy. The report then says for every arena of glibc's malloc which threads used it, how much it reserved and
# committed, in how many system calls, and how long threads waited for its lock; and how much of the growth is another
# allocator's, or none's.
#
# Cost: one event for each system call that grows or shrinks the heap, and for each wait. malloc itself is not wrapped, so
# calls that need no system call cost nothing and are not counted; to count them too, add: -s log=counters

#: sees every call by which libc or an allocator changes the memory of the process, and each wait for an arena's lock
growth=yes
#: shows the growth of children too
follow=yes
#: keeps registers and stack of a death by signal: where it died after memory was refused
signals=yes
stack=12K
#: room for ten million growths; what comes later is counted as lost
limit=2G
