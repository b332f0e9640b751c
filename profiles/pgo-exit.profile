# pgo-exit: what becomes of a program's LLVM profile when it ends, and where is what can be saved of it?
#
# Use it on an instrumented program that dies at exit, leaves by _exit, abort or a signal, or says that versions do not
# match. exeunt writes the profile itself, from memory, in place of the runtime's writer: one file of each object, with
# records of one layout, that llvm-profdata of the compiler merges. The report says which compilers' records each object
# has, where the file went, and what had to be left out.
#
# Where it dies before main, or in a function __llvm_profile_instrument_*, add: -s value-profile=off
# A program that ends well leaves the same profile as without.
#
# Cost: nothing before the end; then one reading of the profile's sections, and one file.

#: in place of the runtime's writer, and also where that never gets its turn
salvage=yes
#: children have profiles of their own
follow=yes
#: keeps registers and stack of a death by signal
signals=yes
#: enough stack for the frames of a C++ or Rust program below its crash
stack=12K
