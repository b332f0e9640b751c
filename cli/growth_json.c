/*
 * growth_json.c: the growth section as JSON (docs/report.schema.json), and the names that it shares with the text.
 * Every key is always there.
 */
#include "emit.h"
#include "growth.h"
#include "text.h"

#include <errno.h>
#include <string.h>

const char *ex_arena_name(const struct ex_arena *arena)
{
	if (arena->is_main)
		return "main";
	return arena->address ? ex_format("0x%llx", (unsigned long long)arena->address) : "unknown";
}

const char *ex_growth_errno(int error)
{
	switch (error) {
	case ENOMEM:
		return "ENOMEM";
	case EAGAIN:
		return "EAGAIN";
	case EPERM:
		return "EPERM";
	case EACCES:
		return "EACCES";
	case EINVAL:
		return "EINVAL";
	case 0:
		return "unknown";
	default:
		return ex_format("errno %d", error);
	}
}

const char *ex_growth_module_name(const struct ex_growth_module *row)
{
	if (!row->module)
		return "outside every module";
	const char *slash = strrchr(row->module->path, '/');
	return slash ? slash + 1 : row->module->path;
}

static void emit_counts(struct ex_emit *emit, const struct ex_growth *growth)
{
	ex_emit_object(emit, "by_class");
	for (int n = 0; n < EX_GROWTH_CLASSES; n++)
		if (growth->by_class[n])
			ex_emit_uint(emit, EX_KIND_TEXT(growth, n), growth->by_class[n]);
	ex_emit_end(emit);
	ex_emit_object(emit, "by_syscall");
	for (int n = 0; n < EX_GROWTH_CALLS; n++)
		if (growth->by_call[n] || n != EX_memory_call_SBRK)
			ex_emit_uint(emit, EX_KIND_TEXT(memory_call, n), growth->by_call[n]);
	ex_emit_end(emit);
	ex_emit_uint(emit, "refused_by_treatment", growth->refused_by_treatment);
	ex_emit_uint(emit, "growths", growth->growths);
	ex_emit_uint(emit, "grown_bytes", growth->grown_bytes);
	ex_emit_uint(emit, "overlap", growth->overlap);
	ex_emit_uint(emit, "overlap_max", growth->overlap_max);
	ex_emit_uint(emit, "arena_growths", growth->arena_growths);
	ex_emit_uint(emit, "switches", growth->switches);
	ex_emit_uint(emit, "host_mappings_estimate", growth->host_mappings);
	ex_emit_uint(emit, "host_mappings_worst", growth->host_mappings_worst);
}

static void emit_failed(struct ex_emit *emit, const struct ex_growth *growth)
{
	ex_emit_object(emit, "failed");
	ex_emit_uint(emit, "count", growth->failed);
	if (growth->failed)
		ex_emit_uint(emit, "first_ns", growth->failed_first_ns);
	else
		ex_emit_null(emit, "first_ns");
	ex_emit_object(emit, "by_errno");
	for (int error = 0; error < EX_GROWTH_ERRNOS; error++)
		if (growth->failed_by_errno[error])
			ex_emit_uint(emit, ex_growth_errno(error), growth->failed_by_errno[error]);
	ex_emit_end(emit);
	ex_emit_end(emit);
}

static void emit_arena(struct ex_emit *emit, const struct ex_arena *arena)
{
	const struct ex_waits *waits = &arena->waits;
	ex_emit_object(emit, NULL);
	ex_emit_text(emit, "arena", ex_arena_name(arena));
	if (arena->address)
		ex_emit_hex(emit, "address", arena->address);
	else
		ex_emit_null(emit, "address");
	ex_emit_uint(emit, "threads", arena->threads);
	ex_emit_uint(emit, "heaps", arena->heaps);
	ex_emit_uint(emit, "reserved_bytes", arena->reserved_bytes);
	ex_emit_uint(emit, "committed_bytes", arena->committed_bytes);
	ex_emit_uint(emit, "peak_committed_bytes", arena->peak_committed_bytes);
	ex_emit_uint(emit, "growths", arena->growths);
	ex_emit_uint(emit, "failed", arena->failed);
	ex_emit_uint(emit, "waits", waits->count);
	ex_emit_uint(emit, "wait_total_ns", waits->total_ns);
	ex_emit_object(emit, "wait_ns");
	ex_emit_uint(emit, "p50", waits->p50_ns);
	ex_emit_uint(emit, "p99", waits->p99_ns);
	ex_emit_uint(emit, "max", waits->max_ns);
	ex_emit_end(emit);
	ex_emit_end(emit);
}

static void emit_module(struct ex_emit *emit, const struct ex_growth_module *row)
{
	ex_emit_object(emit, NULL);
	ex_emit_text(emit, "module", row->module ? ex_growth_module_name(row) : NULL);
	ex_emit_text(emit, "allocator", row->allocator ? row->allocator->name : NULL);
	ex_emit_text(emit, "version", row->allocator ? row->allocator->version : NULL);
	ex_emit_text(emit, "by", row->is_by_function ? "function" : "module");
	ex_emit_uint(emit, "calls", row->calls);
	ex_emit_uint(emit, "grown_bytes", row->grown_bytes);
	ex_emit_uint(emit, "released_bytes", row->released_bytes);
	ex_emit_uint(emit, "discarded_bytes", row->discarded_bytes);
	ex_emit_end(emit);
}

static void emit_over_time(struct ex_emit *emit, const struct ex_growth *growth)
{
	ex_emit_array(emit, "over_time");
	for (size_t n = 0; n < growth->bucket_count; n++) {
		ex_emit_object(emit, NULL);
		ex_emit_uint(emit, "to_ns", growth->buckets[n].to_ns);
		ex_emit_uint(emit, "growths", growth->buckets[n].growths);
		ex_emit_uint(emit, "bytes", growth->buckets[n].bytes);
		ex_emit_uint(emit, "committed_bytes", growth->buckets[n].committed_bytes);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
}

static void emit_hooks(struct ex_emit *emit, const struct ex_growth *growth)
{
	ex_emit_array(emit, "hooks");
	for (size_t n = 0; n < growth->hook_count; n++) {
		const char *doc = "?";
		for (const struct ex_kind_row *row = ex_kind_set_detour.rows; row->text; row++)
			doc = row->value == growth->hooks[n].result ? row->doc : doc;
		ex_emit_object(emit, NULL);
		ex_emit_text(emit, "symbol", growth->hooks[n].symbol);
		ex_emit_text(emit, "result", EX_KIND_TEXT(detour, growth->hooks[n].result));
		ex_emit_text(emit, "text", doc);
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
}

void ex_growth_json(const struct ex_growth *growth, struct ex_emit *emit)
{
	ex_emit_object(emit, "growth");
	ex_emit_bool(emit, "observed", growth->is_observed);
	emit_counts(emit, growth);
	emit_failed(emit, growth);
	ex_emit_array(emit, "arenas");
	for (size_t n = 0; n < growth->arena_count; n++)
		emit_arena(emit, &growth->arenas[n]);
	ex_emit_end(emit);
	ex_emit_object(emit, "mmap_chunks");
	ex_emit_uint(emit, "count", growth->chunks);
	ex_emit_uint(emit, "live_bytes", growth->chunk_live_bytes);
	ex_emit_uint(emit, "peak_bytes", growth->chunk_peak_bytes);
	ex_emit_end(emit);
	ex_emit_object(emit, "waits");
	for (int n = 0; n < EX_GROWTH_LOCKS; n++)
		ex_emit_uint(emit, EX_KIND_TEXT(lock, n), growth->waits[n]);
	ex_emit_end(emit);
	ex_emit_array(emit, "by_module");
	for (size_t n = 0; n < growth->module_count; n++)
		emit_module(emit, &growth->modules[n]);
	ex_emit_end(emit);
	emit_over_time(emit, growth);
	emit_hooks(emit, growth);
	ex_emit_end(emit);
}
