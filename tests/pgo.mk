# pgo.mk: how the programs of tests/zoo/pgo are built, into $(O)/zoo/pgo: parts by one LLVM and by several, read by one
# profile runtime. Included by the Makefile, behind late.mk.
#   mixed_*      records of two sizes in one object; what they do is said beside each
#   healthy_*    of one size in each object
# A program whose compiler is missing is not built, and its tests say so. rustc brings a runtime of its own LLVM (records of
# 64 bytes, as those of clang-19 and clang-22; clang-14's have 48).
P := $(Z)/pgo
PGO_FLAGS := -std=gnu11 -D_GNU_SOURCE -g -O2 -Wall -Wextra -fprofile-generate
PGO_RUST := -Csymbol-mangling-version=v0 -Copt-level=2 --edition 2021
PGO_RUST_HOW := -Cprofile-generate
PGO_COVER := -std=gnu11 -D_GNU_SOURCE -g -O2 -Wall -Wextra -fprofile-instr-generate -fcoverage-mapping
PGO_HAVE := $(foreach c,rustc clang-14 clang-19 clang-22,$(if $(wildcard $(addsuffix /$c,$(subst :, ,$(PATH)))),$c))
PGO :=

# FILE.c by COMPILER is o/COMPILER/FILE.o; COMPILER-novp: without value sites; COMPILER-cover: for coverage; gcc: not at all
define pgo_compiler
$(P)/o/$1/%.o: tests/zoo/pgo/%.c tests/zoo/pgo/part.h
	@mkdir -p $$(@D)
	$$(Q)$1 $$(PGO_FLAGS) -fPIC -c $$< -o $$@
$(P)/o/$1-novp/%.o: tests/zoo/pgo/%.c tests/zoo/pgo/part.h
	@mkdir -p $$(@D)
	$$(Q)$1 $$(PGO_FLAGS) -fPIC -mllvm -disable-vp=true -c $$< -o $$@
$(P)/o/$1-cover/%.o: tests/zoo/pgo/%.c tests/zoo/pgo/part.h
	@mkdir -p $$(@D)
	$$(Q)$1 $$(PGO_COVER) -c $$< -o $$@
endef
$(foreach c,clang-14 clang-19 clang-22,$(eval $(call pgo_compiler,$c)))
$(P)/o/gcc/%.o: tests/zoo/pgo/%.c tests/zoo/pgo/part.h tests/zoo/prof_leave.h
	@mkdir -p $(@D)
	$(Q)$(ZOO_CC) -std=gnu11 $(ZOO_FLAGS) -c $< -o $@
.SECONDARY:

# rust,NAME,PARTS: main.rs and parts; rust_first: the parts are linked first; c,NAME,LINKER,PARTS; dso,NAME,LINKER,PARTS
pgo_parts = $(patsubst %,$(P)/o/%.o,$(filter-out lib%,$1)) $(patsubst %,$(P)/%,$(filter lib%,$1))
pgo_needs = $(filter rustc clang-14 clang-19 clang-22,$(subst -cover,,$(subst -novp,,$(patsubst %/,%,$(dir $1)))))
PGO_ARG := -Clink-arg
PGO_LINK = -Wl,--no-as-needed $(filter %.so,$^) -Wl,-rpath,'$$ORIGIN' -pthread
define pgo_rust
$(if $(filter-out $(PGO_HAVE),rustc $(call pgo_needs,$2)),,PGO += $1)
$(P)/$1: tests/zoo/pgo/main.rs $(P)/o/gcc/leave.o $(call pgo_parts,$2)
	$$(Q)MAKEFLAGS= rustc $$(PGO_RUST_HOW) $$(PGO_RUST) $$< -o $$@ $$(patsubst %,$$(PGO_ARG)=%,$$(filter %.o,$$^) $$(PGO_LINK))
endef
define pgo_c
$(if $(filter-out $(PGO_HAVE),$2 $(call pgo_needs,$3)),,PGO += $1)
$(P)/$1: $(call pgo_parts,$3)
	$$(Q)$2 -fprofile-generate $$(filter %.o,$$^) -o $$@ $$(PGO_LINK)
endef
define pgo_dso
$(if $(filter-out $(PGO_HAVE),$2 $(call pgo_needs,$3)),,PGO += $1)
$(P)/$1: $(call pgo_parts,$3)
	$$(Q)$2 -fprofile-generate -shared -Wl,-soname,$1 $$(filter %.o,$$^) -o $$@
endef
rust = $(eval $(call pgo_rust,$1,$2))
c = $(eval $(call pgo_c,$1,$2,$3))
dso = $(eval $(call pgo_dso,$1,$2,$3))

# dies in the writer; at the first value site, in main; in a constructor
$(call rust,mixed_exit,clang-14-novp/part)
$(call rust,mixed_site,clang-14/part)
$(call rust,mixed_early,clang-14/part clang-14/early)
# the same in C: LLVM 22's runtime reads 64 of 48, LLVM 14's 48 of 64
$(call c,mixed_c22,clang-22,clang-22/main clang-14-novp/part gcc/leave)
$(call c,mixed_c14,clang-14,clang-14/main clang-22-novp/part gcc/leave)
$(call c,mixed_c22_site,clang-22,clang-22/main clang-14/part gcc/leave)
$(call c,mixed_c14_site,clang-14,clang-14/main clang-22/part gcc/leave)
# the runtime refuses: the version of what is linked first wins
$(call rust,mixed_refused,clang-14-novp/part)
$(call c,mixed_c22_refused,clang-22,clang-14-novp/part clang-22/main gcc/leave)
# built for coverage, which has the same records
$(call rust,mixed_cover,clang-14-cover/part)
# nobody notices
$(call c,mixed_silent22,clang-22,clang-22/one clang-14/one_part)
$(call c,mixed_silent14,clang-14,clang-14/one clang-22/one_part)
# two instrumented objects: the mixed one is the program, or the library
$(call dso,libone.so,clang-22,clang-22/one_part)
$(call dso,libmixed.so,clang-22,clang-22/one_part clang-14-novp/part)
$(call rust,mixed_beside,clang-14-novp/part libone.so)
$(call c,mixed_dso,clang-22,clang-22/main gcc/leave libmixed.so)
# and a silent one, beside a library whose writer another may disturb
$(call dso,libpart14.so,clang-14,clang-14/part)
$(call c,mixed_order,clang-22,clang-22/one clang-14/one_part libpart14.so)
# one compiler, two whose records agree, two of which one does not instrument, one in each object
$(call rust,healthy_22,clang-22/part)
$(call rust,healthy_22novp,clang-22-novp/part)
$(call rust,healthy_19,clang-19/part)
$(call rust,healthy_gcc,gcc/part)
$(call c,healthy_c22,clang-22,clang-22/main clang-22/part gcc/leave)
$(call c,healthy_c14,clang-14,clang-14/main clang-14/part gcc/leave)
$(call rust,healthy_dso,libpart14.so)
$(call c,healthy_order14,clang-14,clang-14/main gcc/leave libpart14.so)
# what the others would have counted
$(call rust,healthy_cover,clang-22-cover/part)
$(call rust,healthy_early,clang-22/part clang-22/early)
$(call c,healthy_c22novp,clang-22,clang-22/main clang-22-novp/part gcc/leave)
$(call c,healthy_c14novp,clang-14,clang-14/main clang-14-novp/part gcc/leave)
$(call c,healthy_silent22,clang-22,clang-22/one clang-22/one_part)
$(call c,healthy_silent14,clang-14,clang-14/one clang-14/one_part)
$(call rust,healthy_beside,clang-22-novp/part libone.so)
$(call dso,libhealthy.so,clang-22,clang-22/one_part clang-22-novp/part)
$(call c,healthy_dso22,clang-22,clang-22/main gcc/leave libhealthy.so)

$(P)/mixed_refused: export RUSTC_BOOTSTRAP := 1
$(P)/mixed_refused: PGO_ARG := -Zpre-link-arg
$(P)/mixed_cover $(P)/healthy_cover: PGO_RUST_HOW := -Cinstrument-coverage

zoo: pgo
pgo: $(PGO:%=$(P)/%) $(PGO:%=$(P)/stripped/%) $(P)/stripped/prof_app
$(P)/stripped/%: $(P)/%
	@mkdir -p $(@D)
	$(Q)strip -s -o $@ $<
$(P)/stripped/prof_app: $(Z)/prof_app
	@mkdir -p $(@D)
	$(Q)strip -s -o $@ $< && strip -s -o $(@D)/libprof_work_dso.so $(Z)/libprof_work_dso.so
.PHONY: pgo
