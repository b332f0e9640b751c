# salvage.mk: how the programs of tests/zoo/salvage are built, into $(O)/zoo/salvage: instrumented by clang, for questions about
# the moment at which a profile is written. Included by the Makefile, behind zoo.mk.
SALVAGE := $(patsubst tests/zoo/salvage/%.c,$(Z)/salvage/%,$(wildcard tests/zoo/salvage/*.c))
$(Z)/salvage/%: tests/zoo/salvage/%.c
	@mkdir -p $(@D)
	$(Q)$(ZOO_CLANG) $(PROF_FLAGS) -fprofile-generate $< -o $@
zoo: $(SALVAGE)
