/*
 * block_text.c: what guards found, in words, and which frame of a stack is the one to show. See blocks.h.
 */
#include "blocks.h"

#include "text.h"

#include <inttypes.h>
#include <string.h>

static const char *of_block(const struct ex_finding_of_block *f)
{
	return f->asked ? ex_format("a block of %" PRIu64 " bytes at 0x%" PRIx64, f->asked, f->block)
			: ex_format("the block at 0x%" PRIx64, f->block);
}

static const char *count_of_bytes(uint64_t n)
{
	return n == 1 ? "1 byte" : ex_format("%" PRIu64 " bytes", n);
}

/* of one that was given back, which may also be used below its beginning */
static const char *where_in(const struct ex_finding_of_block *f)
{
	int64_t at = (int64_t)f->first;
	if (!at)
		return "at its beginning";
	return ex_format(at < 0 ? "%s before its beginning" : "%s from its beginning",
			 count_of_bytes((uint64_t)(at < 0 ? -at : at)));
}

static const char *call_text(const struct ex_finding_of_block *f)
{
	const char *call = ex_format("%s() of %s had the kernel write", f->call, count_of_bytes(f->length));
	switch (f->kind) {
	case EX_FINDING_FREED:
		return ex_format("%s to %s, %s, after it had been given back", call, of_block(f), where_in(f));
	case EX_FINDING_BEFORE:
		return ex_format("%s from %s before the beginning of %s on", call, count_of_bytes(f->first),
				 of_block(f));
	default:
		return ex_format("%s byte %" PRIu64 " of %s", call, f->asked + f->first, of_block(f));
	}
}

const char *ex_block_text(const struct ex_finding_of_block *f)
{
	if (f->call)
		return call_text(f);
	switch (f->kind) {
	case EX_FINDING_BEHIND:
		if (f->is_caught)
			return ex_format("byte %" PRIu64 " of %s was used", f->asked + f->first, of_block(f));
		return f->changed ? ex_format("%s behind the end of %s %s changed", count_of_bytes(f->changed),
					      of_block(f), f->changed == 1 ? "was" : "were")
				  : ex_format("what is behind the end of %s was changed", of_block(f));
	case EX_FINDING_BEFORE:
		return ex_format("%s before the beginning of %s was used", count_of_bytes(f->first), of_block(f));
	case EX_FINDING_MARK:
		return ex_format("the end of %s was written over", of_block(f));
	case EX_FINDING_HEADER:
		return ex_format("the allocator's word below %s was written over", of_block(f));
	case EX_FINDING_FREED:
		return ex_format("%s was used, %s, after it had been given back", of_block(f), where_in(f));
	case EX_FINDING_TWICE:
		return ex_format("%s was given back twice", of_block(f));
	case EX_FINDING_INSIDE:
		return ex_format("0x%" PRIx64 " was given back, which is no block's beginning%s", f->block + f->first,
				 f->owner.n ? ex_format(": it lies %s behind that of %s", count_of_bytes(f->first),
							of_block(f))
					    : "");
	default:
		return ex_format("%s, in use, was used in a way that its memory does not permit", of_block(f));
	}
}

/* Rust's names of today are not demangled: the first crate in one, "Cs", a hash, "_", length and name, is that of the code */
static int is_rust_library(const char *symbol)
{
	static const char *const crates[] = {"_5alloc", "_4core", "_3std", NULL};
	const char *crate = strncmp(symbol, "_R", 2) ? NULL : strstr(symbol, "Cs");
	const char *name = crate ? strchr(crate, '_') : NULL;
	for (size_t i = 0; name && crates[i]; i++)
		if (!strncmp(name, crates[i], strlen(crates[i])))
			return 1;
	return 0;
}

/* who asks on others' behalf. Only for the choice of a frame to show: nothing is concluded from a name */
static int is_allocators(const struct ex_place *place)
{
	static const char *const prefixes[] = {"operator new", "std::",	   "__gnu_cxx::", "alloc::", "core::", "__rust",
					       "__rdl_",       "<alloc::", "hashbrown::", "_Zn",     NULL};
	static const char *const names[] = {"malloc",	"calloc",   "realloc", "strdup", "strndup",
					    "asprintf", "g_malloc", "xmalloc", NULL};
	if (!place->symbol)
		return 0;
	if (*place->symbol == '<' && (strstr(place->symbol, " as alloc::") || strstr(place->symbol, " as core::")))
		return 1; /* a trait of Rust's library, for whatever type */
	for (size_t i = 0; prefixes[i]; i++)
		if (!strncmp(place->symbol, prefixes[i], strlen(prefixes[i])))
			return 1;
	if (is_rust_library(place->symbol))
		return 1;
	for (size_t i = 0; names[i]; i++)
		if (!strcmp(place->symbol, names[i]))
			return 1;
	return 0;
}

const char *ex_site_text(const struct ex_site *site)
{
	for (int i = 0; i < site->frame_count; i++)
		if (!is_allocators(&site->frames[i]))
			return ex_place_text(&site->frames[i]);
	return site->frame_count ? ex_place_text(&site->frames[0]) : NULL;
}

const char *ex_site_id_text(const struct ex_site *site)
{
	return site->n ? ex_format("%016" PRIx64, site->id) : "";
}

int ex_block_stack_begin(const struct ex_finding_of_block *f, const struct ex_place *stack, int count)
{
	if (f->kind != EX_FINDING_TWICE && f->kind != EX_FINDING_INSIDE)
		return 0;
	for (int n = 0; n + 1 < count; n++)
		if (ex_place_is_ours(&stack[n]) && !ex_place_is_ours(&stack[n + 1]))
			return n + 1;
	return 0;
}

int ex_block_stack_end(const struct ex_place *stack, int count)
{
	for (int i = 0; i < count; i++)
		if ((stack[i].symbol && !strcmp(stack[i].symbol, "main")) || (i && ex_place_is_ours(&stack[i])))
			return ex_place_is_ours(&stack[i]) ? i : i + 1;
	return count;
}

const char *ex_block_culprit_text(const struct ex_place *stack, int count)
{
	const char *first = ex_place_text(&stack[0]);
	if (strncmp(stack[0].module_name, "libc.", 5) && !is_allocators(&stack[0]))
		return first;
	for (int i = 1; i < count && i < 8; i++)
		if (strncmp(stack[i].module_name, "libc.", 5) && !is_allocators(&stack[i]))
			return ex_format("%s, called by %s", first, ex_place_text(&stack[i]));
	return first;
}
