# exit-order: in which order do the parts of a program go down, and what does each take with it?
#
# Use it when a program dies after main, or leaves something unwritten. The report then says for every exit handler
# and finalizer who registered it, how long it ran, and which memory was gone afterwards, also when no call that
# exeunt sees released it.
#
# Cost: one reading of the memory map around each handler, and a copy of the process after those that may have ended
# the allocator, after each while an LLVM profile waits to be written. Nothing before exit begins.

#: compares the memory map around each handler, and tries an allocation in a copy of the process
probe=on
#: shows handlers of children too, whatever they do with LD_PRELOAD
follow=yes
#: keeps registers and stack of a death by signal
signals=yes
#: enough stack for the frames of a C++ or Rust program below its crash
stack=12K
