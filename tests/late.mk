# late.mk: how the programs of tests/zoo/late are built, into $(O)/zoo/late: those that use what is gone. Included by the
# Makefile, behind zoo.mk.
L := $(O)/zoo/late
LATE_DSO := $(patsubst tests/zoo/late/%.c,$(L)/lib%.so,$(wildcard tests/zoo/late/*_dso.c))
LATE_EXE := $(patsubst tests/zoo/late/%.c,$(L)/%,$(filter-out %_dso.c,$(wildcard tests/zoo/late/*.c))) \
	$(patsubst tests/zoo/late/%.cc,$(L)/%,$(wildcard tests/zoo/late/*.cc))
LATE := $(LATE_DSO) $(LATE_EXE) $(patsubst $(L)/%,$(L)/stripped/%,$(LATE_DSO) $(LATE_EXE))
LATE_LINK = -Wl,-rpath,'$$ORIGIN' -L$(L) $(foreach dso,$(filter %_dso.so,$^),-l$(patsubst lib%.so,%,$(notdir $(dso)))) -ldl

zoo: late
late: $(LATE)

$(LATE_DSO): $(L)/lib%.so: tests/zoo/late/%.c tests/zoo/late/late.h
	@mkdir -p $(@D)
	$(Q)$(ZOO_CC) -std=gnu11 $(ZOO_FLAGS) -fPIC -shared $< -o $@
$(patsubst tests/zoo/late/%.cc,$(L)/%,$(wildcard tests/zoo/late/*.cc)): $(L)/%: tests/zoo/late/%.cc tests/zoo/late/late.h
	@mkdir -p $(@D)
	$(Q)$(ZOO_CXX) -std=gnu++17 $(ZOO_FLAGS) $< -o $@
$(patsubst tests/zoo/late/%.c,$(L)/%,$(filter-out %_dso.c,$(wildcard tests/zoo/late/*.c))): $(L)/%: tests/zoo/late/%.c tests/zoo/late/late.h \
		tests/zoo/late/plugin.h tests/zoo/own_allocator.h
	@mkdir -p $(@D)
	$(Q)$(ZOO_CC) -std=gnu11 $(ZOO_FLAGS) -fno-builtin $< -o $@ $(LATE_LINK)
$(L)/heap_keeper: $(L)/libkeeper_dso.so
$(L)/list_keeper: $(L)/liblist_dso.so
$(L)/foreign_box: $(L)/libboxes_dso.so
$(L)/thread_heap: $(L)/liblinger_dso.so
$(L)/stripped/%: $(L)/%
	@mkdir -p $(@D)
	$(Q)strip -s -o $@ $<
