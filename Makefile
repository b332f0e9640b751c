# exeunt: `make help` lists targets and switches.
CC ?= gcc
O ?= out
V ?= 0
WERROR ?= 1
PREFIX ?= /usr/local
DESTDIR ?=

Q := $(if $(filter 1,$(V)),,@)
WARN := -Wall -Wextra -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla -Wshadow $(if $(filter 1,$(WERROR)),-Werror)
BASE := -std=gnu11 -O2 -g $(WARN) -Ischema

ARCH := $(shell uname -m)

# the library: libc only, nothing of it may be needed beyond what every glibc since 2.17 has
LIB_CFLAGS := $(BASE) -fPIC -fvisibility=hidden -fno-omit-frame-pointer -ftls-model=initial-exec -fno-stack-protector \
	-fno-builtin -ffreestanding -fasynchronous-unwind-tables -fno-tree-loop-distribute-patterns \
	-Iinterpose -include interpose/ban.h
LIB_LDFLAGS := -shared -nostartfiles -nodefaultlibs -Wl,-z,initfirst -Wl,-z,now -Wl,-z,relro -Wl,-z,defs -Wl,-z,noexecstack \
	-Wl,--hash-style=both -Wl,-soname,libexeunt.so
LIB_SRC := $(wildcard interpose/*.c interpose/os/linux*.c)
LIB_ASM := $(wildcard interpose/arch/$(ARCH).S)
LIB_OBJ := $(LIB_SRC:%.c=$(O)/%.o) $(LIB_ASM:%.S=$(O)/%.o)

CLI_CFLAGS := $(BASE) -D_GNU_SOURCE -Icli $(CLI_EXTRA)
CLI_LIBS := -ldw -lelf -lm
CLI_SRC := $(wildcard cli/*.c) schema/meta.c
CLI_OBJ := $(CLI_SRC:%.c=$(O)/%.o)

all: $(O)/libexeunt.so $(O)/exeunt

$(O)/interpose/%.o: interpose/%.c
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC  $<")
	$(Q)$(CC) $(LIB_CFLAGS) -MMD -MP -c $< -o $@
$(O)/interpose/%.o: interpose/%.S
	@mkdir -p $(@D)
	$(if $(Q),@echo "  AS  $<")
	$(Q)$(CC) $(BASE) -fPIC -Iinterpose -MMD -MP -c $< -o $@
$(O)/cli/%.o: cli/%.c
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC  $<")
	$(Q)$(CC) $(CLI_CFLAGS) -MMD -MP -c $< -o $@
$(O)/schema/%.o: schema/%.c
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC  $<")
	$(Q)$(CC) $(CLI_CFLAGS) -MMD -MP -c $< -o $@

# the export list is an expansion of hooks.def: what is not a hook or exeunt_* stays local
$(O)/exports.map: schema/hooks.def scripts/make-exports
	@mkdir -p $(@D)
	$(Q)CC="$(CC)" scripts/make-exports > $@

$(O)/libexeunt.so: $(LIB_OBJ) $(O)/exports.map
	$(if $(Q),@echo "  LD  $@")
	$(Q)$(CC) $(LIB_LDFLAGS) -Wl,--version-script=$(O)/exports.map $(LIB_OBJ) -o $@ -lc
$(O)/exeunt: $(CLI_OBJ)
	$(if $(Q),@echo "  LD  $@")
	$(Q)$(CC) $(CLI_OBJ) -o $@ $(CLI_LIBS)

clean:
	rm -rf out out-*

.PHONY: all clean
.DELETE_ON_ERROR:
-include $(LIB_OBJ:.o=.d) $(CLI_OBJ:.o=.d)
