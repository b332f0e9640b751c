/*
 * fuzz.h: the frame of a fuzz target, included by its one C file, which ends in EX_FUZZ_TARGET(function). That is called by
 * libFuzzer; or, with EX_FUZZ_REPLAY, by replay.c.
 */
#ifndef EX_FUZZ_H
#define EX_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#ifdef EX_FUZZ_REPLAY

int ex_fuzz_replay(const uint8_t *bytes, size_t length);

#define EX_FUZZ_TARGET(function)                                                                                       \
	int ex_fuzz_replay(const uint8_t *bytes, size_t length)                                                        \
	{                                                                                                              \
		return function(bytes, length);                                                                        \
	}

#else

int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
					      void (*on_free)(const volatile void *));
const char *__asan_default_options(void);
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* What the command allocates lives as long as its process. Here that is a million inputs, so it is taken back */
#define EX_FUZZ_SLOTS (1u << 14)
static const volatile void *ex_fuzz_slots[EX_FUZZ_SLOTS];
static unsigned ex_fuzz_taken;
static int ex_fuzz_is_tracking;

static unsigned ex_fuzz_slot(const volatile void *block)
{
	return (unsigned)(((uintptr_t)block >> 4) * 0x9e3779b1u) % EX_FUZZ_SLOTS;
}

static void ex_fuzz_put(const volatile void *block)
{
	unsigned slot = ex_fuzz_slot(block);
	while (ex_fuzz_slots[slot])
		slot = (slot + 1) % EX_FUZZ_SLOTS;
	ex_fuzz_slots[slot] = block;
}

static void ex_fuzz_on_malloc(const volatile void *block, size_t length)
{
	(void)length;
	if (!ex_fuzz_is_tracking || !block || ex_fuzz_taken > EX_FUZZ_SLOTS / 2)
		return;
	ex_fuzz_put(block);
	ex_fuzz_taken++;
}

/* a slot that becomes free must not cut a chain: what is behind it moves up */
static void ex_fuzz_on_free(const volatile void *block)
{
	unsigned slot = ex_fuzz_slot(block);
	if (!ex_fuzz_is_tracking || !block)
		return;
	while (ex_fuzz_slots[slot] && ex_fuzz_slots[slot] != block)
		slot = (slot + 1) % EX_FUZZ_SLOTS;
	if (!ex_fuzz_slots[slot])
		return;
	ex_fuzz_slots[slot] = NULL;
	ex_fuzz_taken--;
	for (slot = (slot + 1) % EX_FUZZ_SLOTS; ex_fuzz_slots[slot]; slot = (slot + 1) % EX_FUZZ_SLOTS) {
		const volatile void *other = ex_fuzz_slots[slot];
		ex_fuzz_slots[slot] = NULL;
		ex_fuzz_put(other);
	}
}

static void ex_fuzz_take_back(void)
{
	ex_fuzz_is_tracking = 0;
	for (unsigned slot = 0; ex_fuzz_taken && slot < EX_FUZZ_SLOTS; slot++)
		if (ex_fuzz_slots[slot]) {
			free((void *)ex_fuzz_slots[slot]);
			ex_fuzz_slots[slot] = NULL;
			ex_fuzz_taken--;
		}
}

/* and what is left of the first input is no leak */
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

#define EX_FUZZ_TARGET(function)                                                                                       \
	int LLVMFuzzerInitialize(int *argc, char ***argv)                                                              \
	{                                                                                                              \
		(void)argc;                                                                                            \
		(void)argv;                                                                                            \
		function((const uint8_t *)"", 0); /* libraries that it opens stay */                                   \
		return !__sanitizer_install_malloc_and_free_hooks(ex_fuzz_on_malloc, ex_fuzz_on_free);                 \
	}                                                                                                              \
	int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)                                                \
	{                                                                                                              \
		ex_fuzz_is_tracking = 1;                                                                               \
		int result = function(bytes, length);                                                                  \
		ex_fuzz_take_back();                                                                                   \
		return result;                                                                                         \
	}

#endif
#endif
