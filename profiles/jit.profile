# jit: does a program run code that it has given back, or that another piece of code has taken the place of?
#
# Use it for programs that make code while they run (JITs) and die now and then, or come to a wrong result. What is unmapped
# and was executable stays reserved without access: its address is given to nothing else, and the first use of it is a fault.
# The report of that run has who made it executable, who gave it back, and who used it.
#
# Blocks of malloc that were executable count too. A JIT whose code is a library of its own (libgccjit) closes it instead:
# for that one, exeunt diagnose.
#
# Cost: address space for each piece of code that is given back, no memory; a few nanoseconds for each malloc, which is wrapped
# for it. What is kept is given back if the system refuses the program memory. exeunt diagnose does this by itself where it
# has a reason to.

#: code that is given back is kept out of reach
keep=exec
#: as much address space as that may take; what comes later is given back, and told
keep-limit=16G
#: every change of memory with who made it
growth=yes
#: registers, stack, map and code at a death by signal
signals=yes
stack=12K
#: processes that it starts too
follow=yes
