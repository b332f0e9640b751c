# exeunt: `make help` lists targets and switches. A line with "##" after a target, "#:" before a switch, is help text.

#: CC=gcc|clang-14       compiler
ifeq ($(origin CC),default)
CC := gcc
endif
#: O=out                 folder for everything that is built
O ?= out$(if $(SAN),-san)
# one name for one folder, however it is given: the compiler writes its dependencies under the name that it is called with
override O := $(patsubst $(CURDIR)/%,%,$(abspath $(O)))
#: V=1                   show the commands
V ?= 0
#: WERROR=0              warnings do not stop the build
WERROR ?= 1
#: SAN=address,undefined build the command (not the library) with these sanitizers, in out-san
SAN ?=
#: T=NAME                check: only test files whose path contains NAME;  fuzz: seconds to run
T ?=
#: J=2                   test files run at the same time
J ?= 2
#: N=10                  check-loop: how often
N ?= 10
#: PREFIX_CMD="gdb --args"  put in front of every exeunt that the tests start
PREFIX_CMD ?=
#: PREFIX=/usr/local     install: where to
PREFIX ?= /usr/local
#: DESTDIR=DIR           install: below DIR, for packages
DESTDIR ?=
#: CLI_EXTRA=FLAGS       further compiler flags for the command
CLI_EXTRA ?=

# no rule but ours: make would build scripts/gen-docs, a script, out of gen-docs.c beside it where that is newer
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:

Q := $(if $(filter 1,$(V)),,@)
# the sanitizers make gcc see overflows that are not there
WARN := -Wall -Wextra -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla -Wshadow $(if $(filter 1,$(WERROR)$(if $(SAN),-san)),-Werror)
BASE := -std=gnu11 -D_GNU_SOURCE -O2 -g $(WARN) -Ischema

ARCH := $(shell uname -m)
VERSION := $(shell sed -n 's/^\#define EXEUNT_VERSION "\(.*\)"/\1/p' schema/wire.h)

# the library: libc only, nothing of it may be needed beyond what every glibc since 2.17 has
LIB_CFLAGS := $(BASE) -fPIC -fvisibility=hidden -fno-omit-frame-pointer -ftls-model=initial-exec -fno-stack-protector \
	-fno-builtin -ffreestanding -fasynchronous-unwind-tables -fno-tree-loop-distribute-patterns \
	-Iinterpose -include interpose/ban.h
LIB_LDFLAGS := -shared -nostartfiles -nodefaultlibs -Wl,-z,initfirst -Wl,-z,now -Wl,-z,relro -Wl,-z,defs -Wl,-z,noexecstack \
	-Wl,--hash-style=both -Wl,--sort-section=name
# clang knows no such pass, and says so
ifneq ($(findstring clang,$(CC)),)
LIB_CFLAGS := $(filter-out -fno-tree-loop-distribute-patterns,$(LIB_CFLAGS))
endif
LIB_SRC := $(wildcard interpose/*.c interpose/os/linux*.c interpose/arch/$(ARCH)*.c)
LIB_ASM := $(wildcard interpose/arch/$(ARCH).S)
# what both sides read is compiled for each
LIB_OBJ := $(LIB_SRC:%.c=$(O)/%.o) $(LIB_ASM:%.S=$(O)/%.o) $(O)/interpose/schema/profile.o $(O)/interpose/schema/profile_code.o
# the same with the malloc family wrapped: a library of its own, so that nobody pays for it who does not ask
HEAP_OBJ := $(patsubst %.c,$(O)/%.o,$(wildcard interpose/heap/*.c))
LIBS := $(O)/libexeunt.so $(O)/libexeunt-heap.so

SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer)
ZYDIS := $(if $(wildcard /usr/include/Zydis/Zydis.h),-lZydis)
CLI_CFLAGS := $(BASE) $(if $(ZYDIS),-DEX_HAS_ZYDIS) -Icli $(SANFLAGS) $(CLI_EXTRA)
CLI_LIBS := -ldw -lelf -lz -lm $(ZYDIS)
CLI_SRC := $(wildcard cli/*.c) $(firstword $(wildcard cli/arch/$(ARCH).c) cli/arch/other.c) schema/meta.c schema/profile.c schema/profile_code.c schema/compilers.c
CLI_OBJ := $(CLI_SRC:%.c=$(O)/%.o)

all: $(LIBS) $(O)/exeunt ## build the libraries and the command (default)

$(O)/interpose/%.o: interpose/%.c
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC  $<")
	$(Q)$(CC) $(LIB_CFLAGS) -MMD -MP -c $< -o $@
$(O)/interpose/schema/%.o: schema/%.c
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC  $< (library)")
	$(Q)$(CC) $(LIB_CFLAGS) -MMD -MP -c $< -o $@
$(O)/interpose/%.o: interpose/%.S
	@mkdir -p $(@D)
	$(if $(Q),@echo "  AS  $<")
	$(Q)$(CC) $(BASE) -fPIC -Iinterpose -MMD -MP -c $< -o $@
$(O)/cli/%.o: cli/%.c | $(O)/.have-libdw
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC  $<")
	$(Q)$(CC) $(CLI_CFLAGS) -MMD -MP -c $< -o $@
$(O)/schema/%.o: schema/%.c | $(O)/.have-libdw
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC  $<")
	$(Q)$(CC) $(CLI_CFLAGS) -MMD -MP -c $< -o $@

# one clear sentence instead of a screen of errors
$(O)/.have-libdw:
	@mkdir -p $(@D)
	@echo '#include <elfutils/libdwfl.h>' | $(CC) -E -x c - >/dev/null 2>&1 || \
		{ echo "exeunt: the headers of libdw (elfutils) are missing; run: scripts/setup build" >&2; exit 1; }
	@touch $@

# the export lists are expansions of the tables: what is neither a hook, wrapped, nor exeunt_* stays local
$(LIBS:.so=.map): schema/hooks.def scripts/make-exports
$(O)/libexeunt-heap.map: schema/heap.def schema/fills.def
$(LIBS:.so=.map):
	@mkdir -p $(@D)
	$(Q)CC="$(CC)" scripts/make-exports $(filter %.def,$^) > $@

$(O)/libexeunt.so: $(LIB_OBJ)
$(O)/libexeunt-heap.so: $(LIB_OBJ) $(HEAP_OBJ)
$(LIBS): $(O)/%.so: $(O)/%.map
	$(if $(Q),@echo "  LD  $@")
	$(Q)$(CC) $(LIB_LDFLAGS) -Wl,-soname,$(@F) -Wl,--version-script=$< $(filter %.o,$^) -o $@ -lc
$(O)/exeunt: $(CLI_OBJ)
	$(if $(Q),@echo "  LD  $@")
	$(Q)$(CC) $(SANFLAGS) $(CLI_OBJ) -o $@ $(CLI_LIBS)

help: ## this list
	@echo "Targets:"
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 18
	@echo "Switches:"
	@sed -n 's/^#: \([^ ]*"[^"]*"\|[^ ]*\) *\(.*\)/  \1\t\2/p' Makefile | expand -t 30

setup: ## install what build, demo and tests need (Debian packages)
	@scripts/setup
demo: ## a real crash at exit, explained: installs, builds, runs, ends with the verdict
	@O="$(O)" CC="$(CC)" scripts/demo

# ---- tests ----------------------------------------------------------------------------------------------------------
include tests/zoo.mk
include tests/late.mk
include tests/pgo.mk
include tests/salvage.mk

UNIT_SRC := $(wildcard tests/unit/t_*.c)
UNIT := $(UNIT_SRC:tests/unit/%.c=$(O)/tests/%)
$(O)/tests/%: tests/unit/%.c $(wildcard tests/unit/*.h) $(CLI_OBJ)
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC  $<")
	$(Q)$(CC) $(CLI_CFLAGS) -Itests/unit -I. $< $(filter-out $(O)/cli/main.o,$(CLI_OBJ)) -o $@ $(CLI_LIBS) -lpthread

# decoder and planner as the library has them; each .S is a function before and after
PATCH_OBJ := $(patsubst %.c,$(O)/%.o,$(wildcard interpose/arch/$(ARCH)*.c))
PAIRS := $(patsubst %.S,$(O)/%.o,$(wildcard tests/patch/*.S))
UNIT += $(patsubst tests/patch/%.c,$(O)/tests/%,$(wildcard tests/patch/t_*.c))
$(O)/tests/patch/%.o: tests/patch/%.S tests/patch/pair.inc
	@mkdir -p $(@D)
	$(Q)$(CC) -c $< -o $@
$(O)/tests/t_patch: $(PAIRS)
$(O)/tests/t_%: tests/patch/t_%.c $(wildcard tests/patch/*.h tests/unit/tap.h) $(PATCH_OBJ)
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC  $<")
	$(Q)$(CC) $(BASE) -Iinterpose -Itests/unit $< $(filter %.o,$^) -o $@ -Wl,--as-needed $(ZYDIS)

# the library's walk of the stack, in an object of its own, out of functions that are compiled in three ways
UNIT += $(O)/tests/t_cfi
CFI_OBJ := $(O)/interpose/cfi.o $(O)/interpose/cfi_row.o $(O)/interpose/frame.o
CFI_WAYS := frame_pointer no_frame_pointer unoptimized
CFI_frame_pointer := -O2 -fno-omit-frame-pointer
CFI_no_frame_pointer := -O2 -fomit-frame-pointer
CFI_unoptimized := -O0
$(O)/tests/cfi/ways_%.o: tests/cfi/ways.c tests/cfi/ways.h
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE) $(CFI_$*) -DWAYS=ways_$* -Itests/cfi -c $< -o $@
$(O)/tests/libcfi.so: tests/cfi/library.c tests/cfi/library.map $(CFI_OBJ)
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE) -fPIC -shared -fvisibility=hidden -fno-omit-frame-pointer -ftls-model=initial-exec -Iinterpose \
		-Wl,--version-script=tests/cfi/library.map $(filter %.c %.o,$^) -o $@
$(O)/tests/t_cfi: tests/cfi/t_cfi.c $(CFI_WAYS:%=$(O)/tests/cfi/ways_%.o) $(O)/tests/libcfi.so tests/unit/tap.h
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC  $<")
	$(Q)$(CC) $(BASE) -Itests/cfi -Itests/unit $(filter %.c %.o,$^) -o $@ -L$(O)/tests -lcfi -Wl,-rpath,'$$ORIGIN' -lpthread

# what the fuzzers found and began with, once more: a program for each target
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
UNIT += $(FUZZ_SRC:tests/fuzz/fuzz_%.c=$(O)/tests/replay_%)
$(O)/tests/replay_%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c tests/fuzz/fuzz.h $(CLI_OBJ)
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC  $< (replay)")
	$(Q)$(CC) $(CLI_CFLAGS) -DEX_FUZZ_REPLAY -DEX_FUZZ_CORPUS='"tests/fuzz/corpus-$*"' $(filter tests/%.c,$^) \
		$(filter-out $(O)/cli/main.o,$(CLI_OBJ)) -o $@ $(CLI_LIBS)

# the command without the table of allocators' names: an empty table of the same name is found first
$(O)/nameless/exeunt: $(CLI_SRC) $(wildcard cli/*.h schema/*) $(wildcard tests/nameless/*)
	$(Q)$(MAKE) -s O=$(O)/nameless CLI_EXTRA="-iquote tests/nameless" $(O)/nameless/exeunt
	$(Q)ln -sf ../libexeunt.so ../libexeunt-heap.so $(O)/nameless/

one = $(if $(T),$(foreach f,$(1),$(if $(findstring $(T),$(f:$(O)/%=%)),$(f))),$(1))
CHECK := $(call one,$(UNIT) $(sort $(wildcard tests/*.t tests/scripts/*.t tests/scripts/*.bats tests/cli/*.t tests/cli/*.bats)))
REAL := $(call one,$(sort $(wildcard tests/real/*.t tests/real/*.bats)))
PROVE = O="$(abspath $(O))" CC="$(CC)" PREFIX_CMD="$(PREFIX_CMD)" EX_ZOO_READY=1 prove -j$(J) $(if $(filter 1,$(V)),-v) --exec tests/run.sh

tests: all zoo $(UNIT) $(O)/nameless/exeunt ## build all test programs
# on a fresh machine the compiler itself may be missing, so what installs it cannot wait behind what is built; without
# root only the list of what is missing is printed, and tests that need it say so
PREPARE = { scripts/setup build demo check || [ "$$(id -u)" != 0 ]; } && $(MAKE) --no-print-directory tests
check: ## run the tests (T= one of them)
	$(Q)$(PREPARE)
	$(Q)$(PROVE) $(CHECK)
check-real: ## run real programs and an old C library under exeunt
	$(Q)$(PREPARE)
	$(Q)$(PROVE) $(REAL)
check-loop: tests ## run the tests N times, to the first failure
	$(Q)for i in $$(seq $(N)); do echo "round $$i of $(N)"; $(PROVE) $(CHECK) || exit 1; done

C_FILES := $(wildcard cli/*.[ch] cli/arch/*.c schema/*.[ch] interpose/*.[ch] interpose/*/*.[ch] tests/*/*.[ch] tests/zoo/exit/*.[ch]) $(wildcard scripts/*.d/*.c scripts/*.d/*.cpp)
SH_FILES := scripts/setup scripts/demo scripts/evtx-pgo scripts/evtx-pgo.d/*.bash scripts/julia-gvisor scripts/julia-gvisor.d/*.bash scripts/jit-stress scripts/jit-stress.d/*.bash scripts/facet-jit scripts/facet-jit.d/*.bash scripts/crates.bash scripts/say.bash scripts/bullseye scripts/check-layers scripts/check-exports scripts/make-exports scripts/gen-docs scripts/make-completion .ci/run \
	tests/run.sh tests/cli/exit-timeline.t
lint: $(LIBS) ## format, shell scripts, layers, exports, docs
	$(Q)clang-format-14 --dry-run --Werror $(C_FILES)
	$(Q)shellcheck -x $(SH_FILES)
	$(Q)scripts/check-layers
	$(Q)set -e; for f in $(LIBS); do scripts/check-exports $$f; done
	$(Q)CC="$(CC)" scripts/gen-docs --check
format: ## bring all C files into the form that lint asks for
	$(Q)clang-format-14 -i $(C_FILES)

bench: all ## what observing costs, measured side by side
	@for b in tests/bench/*; do O="$(abspath $(O))" $$b || exit 1; done

fuzz: ## run the fuzzers for T seconds each (60)
	$(if $(FUZZ_SRC),,@echo "no fuzz targets yet (tests/fuzz/fuzz_*.c)")
	$(Q)set -e; mkdir -p $(O)/fuzz; for f in $(FUZZ_SRC); do n=$$(basename $$f .c); \
		clang-14 $(BASE) -Icli -g -fsanitize=fuzzer,address,undefined $$f \
			$(filter-out cli/main.c,$(CLI_SRC)) -o $(O)/fuzz/$$n $(CLI_LIBS); \
		mkdir -p $(O)/fuzz/$$n.corpus; \
		$(O)/fuzz/$$n -verbosity=0 -max_len=65536 -max_total_time=$(or $(T),60) $(O)/fuzz/$$n.corpus \
			$$(ls -d tests/fuzz/corpus-$${n#fuzz_} 2>/dev/null); done

SCDOC := $(shell command -v scdoc 2>/dev/null)
MAN := $(if $(SCDOC),$(O)/exeunt.1)
docs: $(MAN) ## make docs/tables.md out of schema/, and the manual page where scdoc is installed
	$(Q)CC="$(CC)" scripts/gen-docs
$(O)/exeunt.1: docs/exeunt.1.scd $(wildcard schema/*.def scripts/gen-docs*)
	@mkdir -p $(@D)
	$(Q)CC="$(CC)" scripts/gen-docs --man | $(SCDOC) > $@
$(O)/exeunt.bash: $(O)/exeunt scripts/make-completion
	$(Q)scripts/make-completion $(O)/exeunt > $@

# ---- install --------------------------------------------------------------------------------------------------------
D := $(DESTDIR)$(PREFIX)
install: all $(MAN) $(O)/exeunt.bash ## install below DESTDIR + PREFIX
	$(Q)install -d $(D)/bin $(D)/lib/exeunt $(D)/lib/pkgconfig $(D)/share/exeunt/profiles $(D)/share/doc/exeunt
	$(Q)install -m 755 $(O)/exeunt $(D)/bin/exeunt
	$(Q)install -m 755 $(LIBS) $(D)/lib/exeunt/
	$(Q)set -e; for f in $(wildcard profiles/*.profile); do install -m 644 $$f $(D)/share/exeunt/profiles/; done
	$(Q)set -e; for f in $(wildcard README.md LICENSE NEWS docs/*.md docs/*.json); do install -m 644 $$f $(D)/share/doc/exeunt/; done
	$(if $(MAN),$(Q)install -D -m 644 $(MAN) $(D)/share/man/man1/exeunt.1)
	$(Q)install -D -m 644 $(O)/exeunt.bash $(D)/share/bash-completion/completions/exeunt
	$(Q)sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' packaging/exeunt.pc.in > $(D)/lib/pkgconfig/exeunt.pc
	$(Q)chmod 644 $(D)/lib/pkgconfig/exeunt.pc
uninstall: ## remove what install put there
	$(Q)rm -f $(D)/bin/exeunt $(D)/lib/pkgconfig/exeunt.pc $(D)/share/man/man1/exeunt.1 $(D)/share/bash-completion/completions/exeunt
	$(Q)rm -rf $(D)/lib/exeunt $(D)/share/exeunt $(D)/share/doc/exeunt

dist: ## a source archive of the last commit, in O
	$(Q)mkdir -p $(O)
	$(Q)git archive --prefix=exeunt-$(VERSION)/ -o $(O)/exeunt-$(VERSION).tar.gz HEAD
	@echo $(O)/exeunt-$(VERSION).tar.gz
clean: ## remove what was built
	rm -rf out out-*

.PHONY: all help setup demo tests check check-real check-loop lint format bench fuzz docs install uninstall dist clean zoo
.DELETE_ON_ERROR:
-include $(LIB_OBJ:.o=.d) $(HEAP_OBJ:.o=.d) $(CLI_OBJ:.o=.d)
