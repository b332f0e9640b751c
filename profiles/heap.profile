# heap: does a program write beyond blocks of its heap, or give one back twice, and whose blocks are they?
#
# Use it for programs that die in malloc or free, have garbage in their data, or do so under one allocator and not under
# another; also for such as seem well. Behind each block is a pattern, which is looked at when the block is given back, at the
# end and at a crash. The report then says which block, which bytes, and who had asked for it, with the identifier of that
# allocation site. A second run, with -s guard=site:ID in place of guard=slack, stops at the very instruction that writes, or
# that uses a block which was given back. exeunt diagnose --look-for heap does both.
#
# Use after a block was given back leaves no trace in the pattern. For that: -p heap -s guard=ends, or -s guard=sample:1000 for
# a program with many blocks.
#
# Cost: 16 to 31 bytes for each block, a walk of the stack for each call of malloc. Blocks come from other size classes than
# without: what lies beside a block changes, and with it how, and whether, the program dies.

#: a pattern behind each block
guard=slack
#: frames that make an allocation site: with more, one function that many call is many sites
guard-frames=8
#: processes that it starts too
follow=yes
#: registers, stack, map and code at a death by signal
signals=yes
stack=12K
