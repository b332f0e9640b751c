# gvisor-growth: does a program die because the host of its gVisor sandbox has no mappings left for it?
#
# Use it when many threads allocate under gVisor and die in malloc, or the sandbox dies with them. gVisor backs memory
# piece by piece; heaps that grow page by page and in turn take one of the host's mappings for each page, and with the
# last one the program gets SIGSEGV on memory that is its own. The report then says how many mappings the growth took at
# least, what the memory map had at the fault, and where each thread was at that moment.
#
# To see whether the run lives when growth is coarser, or when the mappings are joined in time, add:
# -s grow-step=2M, or -s rescue=yes. exeunt diagnose does both, and more.
#
# Cost: one event for each system call that grows or shrinks the heap. Nothing is needed that gVisor lacks.

#: sees every call by which libc or an allocator changes the memory of the process
growth=yes
#: shows the growth of children too: each has mappings of its own
follow=yes
#: keeps registers, stack and the memory map at the fault
signals=yes
stack=12K
#: and where all other threads were
crash-threads=auto
#: what the host allows one process: exeunt doctor --host-mappings, run inside, measures it
host-mappings=65530
#: room for ten million growths; what comes later is counted as lost
limit=2G
