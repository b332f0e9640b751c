# crash-hunt: a crash too rare to wait for twice: what did the process look like shortly before?
#
# Use it for programs that die once in hours, or once in a hundred runs. Every ten seconds a stopped copy of the process is
# left, the last three are kept. When it dies, exeunt run prints how to look at them: gdb -p, or exeunt rerun, which lets a copy
# run on to the same end as often as wanted. Where the fatal step is known, say so instead of the interval: -s
# clone-at=call:FUNCTION (before each entry), -s clone-at=unmap-exec, -s clone-at=growth, -s clone-at=main-end.
#
# Cost: some milliseconds for each copy, more for a process with much memory, and what the process changes from then on is
# there once more for each copy. Address space for each piece of code that is given back.

#: a stopped copy every ten seconds
clone-at=every:10
#: the last of them
clones=3
#: and for how long after the end they wait to be asked
clone-life=7200
#: code that is given back is kept out of reach: using it is a fault at once, while a copy is still near
keep=exec
#: every change of memory with who made it
growth=yes
#: registers, stack, map and code at a death by signal
signals=yes
stack=12K
#: processes that it starts too
follow=yes
