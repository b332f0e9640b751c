# zoo.mk: how the programs of tests/zoo are built, into $(O)/zoo. Included by the Makefile.
#   X.c, X.cc        program X
#   X_dso.c          libX_dso.so, own_allocator*.c: libown_allocator*.so
#   prof_*.c         built by clang with -fprofile-instr-generate, and so are the programs of ZOO_PROF, as prof.NAME
ZOO_CC := gcc
ZOO_CXX := g++
ZOO_CLANG := clang-14
ZOO_FLAGS := -D_GNU_SOURCE -g -O1 -Wall -Wextra -pthread
ZOO_C := $(filter-out %_dso.c tests/zoo/own_allocator% tests/zoo/prof_% tests/zoo/static_exe.c tests/zoo/linked_jemalloc.c,$(wildcard tests/zoo/*.c))
ZOO_CC_SRC := $(filter-out %_dso.cc,$(wildcard tests/zoo/*.cc))
ZOO_PROF := leave__exit leave_quick_exit leave_abort leave_signal_term leave_signal_kill null_deref null_in_handler drops_data allocator_inside
Z := $(O)/zoo
JEMALLOC_A := $(firstword $(wildcard /usr/lib/*-linux-gnu/libjemalloc.a))
ZOO := $(ZOO_C:tests/zoo/%.c=$(Z)/%) $(ZOO_CC_SRC:tests/zoo/%.cc=$(Z)/%) $(Z)/static_exe $(Z)/libplugin_dso.so $(Z)/libhostile_dso.so $(Z)/libcount_dso.so $(Z)/libheap_late_dso.so $(Z)/libinitfirst_dso.so \
	$(patsubst tests/zoo/%.c,$(Z)/lib%.so,$(wildcard tests/zoo/own_allocator*.c)) \
	$(Z)/linked_mimalloc.stripped $(Z)/linked_done.stripped $(Z)/linked_done.fixed $(if $(JEMALLOC_A),$(Z)/linked_jemalloc $(Z)/linked_jemalloc.stripped) \
	$(patsubst %,$(Z)/corrupt.%,$(if $(JEMALLOC_A),jemalloc) mimalloc tcmalloc) \
	$(Z)/stale.O0 $(Z)/stale.O2 $(Z)/stripped/stale \
	$(Z)/prof_app $(Z)/prof_exe $(Z)/prof_exe.stripped $(Z)/stripped/order_exe $(ZOO_PROF:%=$(Z)/prof.%)

# exit/: one way of leaving a program; the head of each file is its timeline
E := $(Z)/exit
EXIT_SRC := $(wildcard tests/zoo/exit/*.c tests/zoo/exit/*.cc)
EXIT_DSO := $(foreach f,$(filter tests/zoo/exit/%_dso.c tests/zoo/exit/%_dso.cc,$(EXIT_SRC)),lib$(basename $(notdir $f)).so)
EXIT_DSO := $(filter-out lib%_in_dso.so,$(EXIT_DSO))
EXIT := $(filter-out $(EXIT_DSO:lib%.so=%),$(basename $(notdir $(EXIT_SRC))))
ZOO += $(patsubst %,$(E)/%,$(EXIT) $(EXIT_DSO)) $(patsubst %,$(E)/stripped/%,$(EXIT) $(EXIT_DSO))

zoo: $(ZOO)

EXIT_LINK = -Wl,--no-as-needed $(filter %.so,$^) -Wl,-rpath,'$$ORIGIN'
$(E)/lib%.so: tests/zoo/exit/%.c tests/zoo/exit/parts.h tests/zoo/mark.h
	@mkdir -p $(@D)
	$(Q)$(ZOO_CC) -std=gnu11 $(ZOO_FLAGS) -fPIC -shared -Wl,-soname,$(@F) $< -o $@ $(EXIT_LINK)
$(E)/lib%.so: tests/zoo/exit/%.cc tests/zoo/exit/parts.h tests/zoo/mark.h
	@mkdir -p $(@D)
	$(Q)$(ZOO_CXX) -std=gnu++17 $(ZOO_FLAGS) -fPIC -shared -Wl,-soname,$(@F) $< -o $@ $(EXIT_LINK)
$(E)/%: tests/zoo/exit/%.c tests/zoo/exit/parts.h tests/zoo/mark.h
	@mkdir -p $(@D)
	$(Q)$(ZOO_CC) -std=gnu11 $(ZOO_FLAGS) $< -o $@ $(EXIT_LINK)
$(E)/%: tests/zoo/exit/%.cc tests/zoo/exit/parts.h tests/zoo/mark.h
	@mkdir -p $(@D)
	$(Q)$(ZOO_CXX) -std=gnu++17 $(ZOO_FLAGS) $< -o $@ $(EXIT_LINK)
$(E)/libupper_dso.so: $(E)/libbase_dso.so
$(E)/two_dsos: $(E)/libbase_dso.so $(E)/libupper_dso.so
$(foreach n,many statics priorities,$(eval $(E)/$n_in_dso: $(E)/lib$n_dso.so))
$(patsubst %,$(E)/stripped/%,$(EXIT) $(EXIT_DSO)): $(E)/stripped/%: $(E)/%
	@mkdir -p $(@D)
	$(Q)strip -s -o $@ $<

$(Z)/%: tests/zoo/%.c tests/zoo/mark.h
	@mkdir -p $(@D)
	$(Q)$(ZOO_CC) -std=gnu11 $(ZOO_FLAGS) $< -o $@
$(patsubst tests/zoo/%.c,$(Z)/%,$(wildcard tests/zoo/grow_*.c)): tests/zoo/grow.h
$(Z)/%: tests/zoo/%.cc tests/zoo/mark.h
	@mkdir -p $(@D)
	$(Q)$(ZOO_CXX) -std=gnu++17 $(ZOO_FLAGS) $< -o $@
$(Z)/handles_throws: tests/zoo/handles_throws.cc
	@mkdir -p $(@D)
	$(Q)$(ZOO_CXX) -std=gnu++17 $(ZOO_FLAGS) -fnon-call-exceptions $< -o $@
$(Z)/handles_asan: tests/zoo/handles_asan.c
	@mkdir -p $(@D)
	$(Q)$(ZOO_CLANG) $(ZOO_FLAGS) -fsanitize=address $< -o $@
$(Z)/lib%.so: tests/zoo/%.c tests/zoo/mark.h tests/zoo/own_allocator.h
	@mkdir -p $(@D)
	$(Q)$(ZOO_CC) -std=gnu11 $(ZOO_FLAGS) -fno-builtin -fPIC -shared $< -o $@
$(Z)/lib%.so: tests/zoo/%.cc
	@mkdir -p $(@D)
	$(Q)$(ZOO_CXX) -std=gnu++17 $(ZOO_FLAGS) -fPIC -shared $< -o $@
$(Z)/order_exe: tests/zoo/order_exe.cc tests/zoo/mark.h $(Z)/liborder_dso.so
	$(Q)$(ZOO_CXX) -std=gnu++17 $(ZOO_FLAGS) $< -o $@ -L$(Z) -lorder_dso -Wl,-rpath,'$$ORIGIN'
$(Z)/libinitfirst_dso.so: tests/zoo/initfirst_dso.c
	@mkdir -p $(@D)
	$(Q)$(ZOO_CC) -std=gnu11 $(ZOO_FLAGS) -fPIC -shared -Wl,-z,initfirst $< -o $@
# the same pair without symbols; the ones with symbols say what an offset is called
$(Z)/stripped/order_exe: $(Z)/order_exe
	@mkdir -p $(@D)
	$(Q)strip -s -o $@ $< && strip -s -o $(@D)/liborder_dso.so $(Z)/liborder_dso.so
$(Z)/static_exe: tests/zoo/static_exe.c
	@mkdir -p $(@D)
	$(Q)$(ZOO_CC) $(ZOO_FLAGS) -static $< -o $@
$(Z)/linked_jemalloc: tests/zoo/linked_jemalloc.c $(JEMALLOC_A)
	@mkdir -p $(@D)
	$(Q)$(ZOO_CC) $(ZOO_FLAGS) $< -o $@ $(JEMALLOC_A) -lm
$(Z)/linked_done_beside: tests/zoo/linked_done_beside.c $(Z)/liblinked_done_dso.so
	$(Q)$(ZOO_CC) $(ZOO_FLAGS) $< -o $@ -L$(Z) -llinked_done_dso -Wl,-rpath,'$$ORIGIN'
$(Z)/linked_done.fixed: tests/zoo/linked_done.c tests/zoo/mark.h
	@mkdir -p $(@D)
	$(Q)$(ZOO_CC) $(ZOO_FLAGS) -fno-pie -no-pie $< -o $@
$(Z)/corrupt.jemalloc: tests/zoo/corrupt.c $(JEMALLOC_A)
	@mkdir -p $(@D)
	$(Q)$(ZOO_CC) -std=gnu11 $(ZOO_FLAGS) $< -o $@ $(JEMALLOC_A) -lm
$(Z)/corrupt.mimalloc $(Z)/corrupt.tcmalloc: $(Z)/corrupt.%: tests/zoo/corrupt.c
	@mkdir -p $(@D)
	$(Q)$(ZOO_CC) -std=gnu11 $(ZOO_FLAGS) $< -o $@ -Wl,--no-as-needed -l:$(if $(filter mimalloc,$*),libmimalloc.so.2.0,libtcmalloc_minimal.so.4)
$(Z)/stale.O0 $(Z)/stale.O2: $(Z)/stale.%: tests/zoo/stale.c
	@mkdir -p $(@D)
	$(Q)$(ZOO_CC) -std=gnu11 $(ZOO_FLAGS) -$* $< -o $@
$(Z)/stripped/stale: $(Z)/stale
	@mkdir -p $(@D)
	$(Q)strip -s -o $@ $<
$(Z)/linked_%.stripped: $(Z)/linked_%
	$(Q)strip -s -o $@ $<

PROF_FLAGS := -D_GNU_SOURCE -std=gnu11 -g -O1 -Wall -Wextra -pthread
$(Z)/libprof_work_dso.so: tests/zoo/prof_work_dso.c
	@mkdir -p $(@D)
	$(Q)$(ZOO_CLANG) $(PROF_FLAGS) -fprofile-instr-generate -fPIC -shared $< -o $@
$(Z)/prof_app: tests/zoo/prof_app.c tests/zoo/prof_leave.h $(Z)/libprof_work_dso.so
	$(Q)$(ZOO_CLANG) $(PROF_FLAGS) $< -o $@ -L$(Z) -lprof_work_dso -Wl,-rpath,'$$ORIGIN'
$(Z)/prof_exe: tests/zoo/prof_exe.c tests/zoo/prof_work_dso.c tests/zoo/prof_leave.h tests/zoo/mark.h
	@mkdir -p $(@D)
	$(Q)$(ZOO_CLANG) $(PROF_FLAGS) -fprofile-instr-generate $(filter %.c,$^) -o $@
$(Z)/prof_exe.stripped: $(Z)/prof_exe
	$(Q)strip -s -o $@ $<
$(Z)/prof.%: tests/zoo/%.c tests/zoo/mark.h
	@mkdir -p $(@D)
	$(Q)$(ZOO_CLANG) $(PROF_FLAGS) -fprofile-instr-generate $< -o $@
