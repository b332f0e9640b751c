/*
 * report_registers.c: the registers at a crash, where each leads, and the instruction. For people and as JSON.
 */
#include "report.h"

#include "emit.h"
#include "instruction.h"
#include "lead.h"
#include "origin.h"
#include "registers.h"
#include "text.h"
#include "value.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define LINES 160 /* half of it before pc: 64 bytes are 64 instructions at most */
#define SHOWN_BEFORE 5
#define SHOWN_AFTER 3

struct crash_state {
	uint64_t regs[EX_REGS_MAX];
	unsigned reg_count;
	struct ex_leads leads;
	struct ex_instruction list[LINES];
	size_t line_count, line; /* the one at pc; line_count 0: not known */
};

static int read_state(struct crash_state *s, const struct ex_report *report)
{
	const struct ex_event *crash = report->image->crash;
	memset(s, 0, sizeof(*s));
	if (!crash)
		return 0;
	struct ex_text sample = crash->tail[ex_event_tail(crash->meta, "regs")];
	s->reg_count = sample.length / 8 < EX_REGS_MAX ? sample.length / 8 : EX_REGS_MAX;
	memcpy(s->regs, sample.bytes, s->reg_count * 8);
	ex_leads_find(&s->leads, report->image, report->symbols);
	for (size_t n = 0; n < report->image->event_count; n++) {
		const struct ex_event *event = report->image->events[n];
		if (event->meta->id != EX_EV_CODE_BYTES || event->tid != crash->tid || s->reg_count != 17)
			continue;
		const struct ex_ev_code_bytes *code = EX_EVENT(event, code_bytes);
		s->line_count = ex_instructions_around(s->list, LINES, (const unsigned char *)event->tail[0].bytes,
						       event->tail[0].length, code->begin, code->pc, s->regs);
		for (s->line = 0; s->line < s->line_count && s->list[s->line].address != code->pc;)
			s->line++;
		if (s->line == s->line_count)
			s->line_count = 0;
	}
	return s->reg_count != 0;
}

/* "writes 0x7f…: rbx + rax * 4" */
static const char *use_text(const struct ex_instruction *i)
{
	const char *base = i->base >= 0 ? ex_register_name(17, (unsigned)i->base) : NULL;
	const char *index = i->index >= 0 ? ex_register_name(17, (unsigned)i->index) : NULL;
	if (!i->has_memory || !i->is_memory_known)
		return NULL;
	return ex_format("%s 0x%" PRIx64 "%s%s%s%s%s",
			 i->reads && i->writes ? "reads and writes"
			 : i->writes	       ? "writes"
					       : "reads",
			 i->memory, base || index ? ", by " : "", base ? base : "", base && index ? " + " : "",
			 index ? index : "", index && i->scale > 1 ? ex_format(" * %u", i->scale) : "");
}

/* when the trace was written, since 1970; 0: not known */
static uint64_t written_s(const struct ex_report *report)
{
	struct stat info;
	return stat(report->processes->trace->dir, &info) ? 0 : (uint64_t)info.st_mtime;
}

/* "rcx was loaded from app+0x4010 (table+0x10) by mov rcx, [rbx+0x10] at f+0x12 (app+0x1234)" */
static void origin_text(const struct ex_report *report, const struct crash_state *s, FILE *out, const char *bold,
			const char *plain)
{
	struct ex_origin o;
	ex_origin_word(&o, report->image, report->symbols);
	if (!o.is_known && o.reg < 0)
		return;
	const char *name = o.reg >= 0 ? ex_register_name(s->reg_count, (unsigned)o.reg) : NULL;
	const char *lead = ex_lead_text(&s->leads, o.value), *looks = ex_value_text(o.loaded, written_s(report));
	fprintf(out, "\n%sthe bad value%s\n  0x%" PRIx64 "%s%s", bold, plain, o.value, name ? " in " : "",
		name ? name : "");
	if (lead || looks)
		fprintf(out, " (%s%s%s)", lead ? lead : "", lead && looks ? "; " : "", looks ? looks : "");
	if (!o.is_known) {
		fprintf(out, ": which word of memory it came from is not known: %s\n", o.why);
		return;
	}
	struct ex_place place = ex_symbols_place(report->symbols, o.pc, 0);
	fprintf(out, "\n  was %s the %u bytes at 0x%" PRIx64 "%s%s, by %s at %s\n",
		o.is_return ? "the return address on the stack," : "loaded from", o.bytes, o.address,
		o.where ? ", " : "", o.where ? o.where : "", o.text ? o.text : "the instruction",
		ex_place_text(&place));
	/* outside of modules it is at another address in each run, unless nothing is randomised */
	if (*o.word == '0' && !strstr(report->image->options, "aslr=off"))
		fprintf(out, "  who wrote it: exeunt run -s aslr=off -- CMD; its report says how to watch the word\n");
	else if (!o.is_return)
		fprintf(out, "  who wrote it: exeunt run -s watch=%s:%u -- CMD\n", o.word, o.bytes);
}

static void origin_json(const struct ex_report *report, struct ex_emit *emit)
{
	struct ex_origin o;
	ex_origin_word(&o, report->image, report->symbols);
	if (!o.is_known && o.reg < 0) {
		ex_emit_null(emit, "bad_value");
		return;
	}
	struct ex_place place = ex_symbols_place(report->symbols, o.pc, 0);
	ex_emit_object(emit, "bad_value");
	ex_emit_text(emit, "register", o.reg >= 0 ? ex_register_name(17, (unsigned)o.reg) : NULL);
	ex_emit_hex(emit, "value", o.value);
	ex_emit_hex(emit, "loaded", o.loaded);
	ex_emit_text(emit, "looks_like", ex_value_text(o.loaded, written_s(report)));
	ex_emit_text(emit, "why_unknown", o.is_known ? NULL : o.why);
	ex_emit_text(emit, "word", o.word);
	if (o.is_known)
		ex_emit_hex(emit, "address", o.address);
	else
		ex_emit_null(emit, "address");
	ex_emit_uint(emit, "bytes", o.bytes);
	ex_emit_text(emit, "place", o.where);
	ex_emit_bool(emit, "is_return_address", o.is_return);
	ex_emit_text(emit, "instruction", o.text);
	ex_emit_text(emit, "loaded_at", o.is_known ? ex_place_text(&place) : NULL);
	ex_emit_end(emit);
}

void ex_report_registers_text(const struct ex_report *report, FILE *out, const char *bold, const char *plain)
{
	struct crash_state s;
	if (!read_state(&s, report))
		return;
	if (s.line_count) {
		size_t from = s.line > SHOWN_BEFORE ? s.line - SHOWN_BEFORE : 0;
		const char *use = use_text(&s.list[s.line]);
		fprintf(out, "\n%sinstruction%s\n", bold, plain);
		for (size_t n = from; n < s.line_count && n <= s.line + SHOWN_AFTER; n++)
			fprintf(out, "  %s 0x%" PRIx64 "  %s%s%s%s\n", n == s.line ? "=>" : "  ", s.list[n].address,
				s.list[n].text, n == s.line && use ? "    (" : "", n == s.line && use ? use : "",
				n == s.line && use ? ")" : "");
	}
	origin_text(report, &s, out, bold, plain);
	fprintf(out, "\n%sregisters%s\n", bold, plain);
	for (unsigned n = 0; n < s.reg_count; n++) {
		const char *name = ex_register_name(s.reg_count, n), *lead = ex_lead_text(&s.leads, s.regs[n]);
		if (!lead)
			lead = ex_value_text(s.regs[n], written_s(report));
		if (name)
			fprintf(out, "  %-4s 0x%016" PRIx64 "%s%s\n", name, s.regs[n], lead ? "  " : "",
				lead ? lead : "");
	}
}

void ex_report_registers_json(const struct ex_report *report, struct ex_emit *emit)
{
	struct crash_state s;
	read_state(&s, report);
	ex_emit_array(emit, "registers");
	for (unsigned n = 0; n < s.reg_count; n++) {
		ex_emit_object(emit, NULL);
		ex_emit_text(emit, "name", ex_register_name(s.reg_count, n));
		ex_emit_hex(emit, "value", s.regs[n]);
		ex_emit_text(emit, "leads_to", ex_lead_text(&s.leads, s.regs[n]));
		ex_emit_text(emit, "looks_like", ex_value_text(s.regs[n], written_s(report)));
		ex_emit_end(emit);
	}
	ex_emit_end(emit);
	origin_json(report, emit);
	const struct ex_instruction *at = s.line_count ? &s.list[s.line] : NULL;
	if (!at) {
		ex_emit_null(emit, "instruction");
		return;
	}
	ex_emit_object(emit, "instruction");
	ex_emit_text(emit, "text", at->text);
	ex_emit_bool(emit, "reads", at->reads);
	ex_emit_bool(emit, "writes", at->writes);
	if (at->has_memory && at->is_memory_known)
		ex_emit_hex(emit, "memory", at->memory);
	else
		ex_emit_null(emit, "memory");
	ex_emit_text(emit, "base", at->base >= 0 ? ex_register_name(17, (unsigned)at->base) : NULL);
	ex_emit_text(emit, "index", at->index >= 0 ? ex_register_name(17, (unsigned)at->index) : NULL);
	ex_emit_end(emit);
}
