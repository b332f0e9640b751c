/*
 * salvage_write.c: see salvage_write.h. What the runtime's lprofWriteDataImpl writes (14.0.6 to 22.1.8), with two
 * differences: each record is found by its own size and put down in the runtime's, and what cannot be read is left out.
 */
#include "salvage_write.h"

#include "module.h"
#include "object.h"
#include "salvage_values.h"
#include "stream.h"
#include "text.h"

#define ENOMEM_ 12
#define ENOSYS_ 38
#define ENODATA_ 61
#define MAGIC 0xff6c70726f667281ull
#define LAST_KIND_8 1 /* IPVK_MemOPSize; from 19 on IPVK_VTableTarget */

struct writer {
	struct ex_os_out *out;
	const struct ex_profile_image *image;
	const struct ex_raw_version *to;
	uint8_t *steps; /* a byte for each 8 of the records: size of the one that begins there / 8, 0 = none */
	uint64_t data;	/* address that the first record of the file has, as far as relative pointers go */
	struct ex_salvage_result *result;
	int is_quiet;
};

static void put_word(struct writer *w, uint64_t value)
{
	ex_os_out_put(w->out, &value, sizeof(value));
}

static void put_padding(struct writer *w, uint64_t bytes)
{
	uint64_t zeros = 0;
	ex_os_out_put(w->out, &zeros, (size_t)(-bytes & 7));
}

static void note_step(void *arg, uint64_t offset, unsigned record_bytes)
{
	struct writer *w = arg;
	if (record_bytes) {
		w->steps[offset / 8] = (uint8_t)(record_bytes / 8);
		w->result->records++;
		w->result->converted += record_bytes != w->to->record_bytes;
		return;
	}
	w->result->left_out += offset < 8 || w->steps[offset / 8 - 1] != UINT8_MAX;
	w->steps[offset / 8] = UINT8_MAX;
	if (!w->is_quiet && (offset < 8 || w->steps[offset / 8 - 1] != UINT8_MAX))
		ex_salvage_unreadable(w->image, EX_profile_piece_RECORD, w->image->sections.data + offset, 0);
}

/* calls back for each record in order; n counts them */
static void each_record(struct writer *w,
			void (*each)(struct writer *w, const unsigned char *record, unsigned bytes, uint32_t n))
{
	const struct ex_profile_sections *s = &w->image->sections;
	uint32_t n = 0;
	for (uint64_t step = 0; step < s->data_bytes / 8;) {
		unsigned size = w->steps[step];
		if (!size || size == UINT8_MAX) {
			step++;
			continue;
		}
		each(w, s->records + step * 8, size * 8, n++);
		step += size;
	}
}

static const struct ex_raw_version *layout_of(const struct writer *w, unsigned bytes)
{
	return bytes == w->to->record_bytes ? w->to : ex_raw_version_of(bytes);
}

static void store(unsigned char *at, uint64_t value, size_t bytes)
{
	memcpy(at, &value, bytes);
}

/* relative pointers are from the record's own place: what they lead to does not move, the record does */
static void put_record(struct writer *w, const unsigned char *record, unsigned bytes, uint32_t n)
{
	const struct ex_raw_version *from = layout_of(w, bytes), *to = w->to;
	unsigned char out[128];
	uint64_t old = (uintptr_t)record, moved = old - (w->data + (uint64_t)n * to->record_bytes);
	if (from == to) {
		memcpy(out, record, bytes);
	} else {
		memset(out, 0, to->record_bytes);
		memcpy(out, record, 24);
		store(out + to->function_at, ex_profile_u64(record + from->function_at), 8);
		store(out + to->values_at, ex_profile_u64(record + from->values_at), 8);
		store(out + to->counters_at, ex_profile_u32(record + from->counters_at), 4);
		for (unsigned k = 0; k < from->kinds && k < to->kinds; k++)
			store(out + to->sites_at + 2 * k, ex_profile_u16(record + from->sites_at + 2 * k), 2);
	}
	store(out + 16, ex_profile_u64(record + 16) + moved, 8);
	uint32_t bitmap = from->bitmap_bytes_at ? ex_profile_u32(record + from->bitmap_bytes_at) : 0;
	if (bitmap && to->bitmap_bytes_at) {
		store(out + to->bitmap_at, ex_profile_u64(record + from->bitmap_at) + moved, 8);
		store(out + to->bitmap_bytes_at, bitmap, 4);
	}
	ex_os_out_put(w->out, out, to->record_bytes);
}

static void put_values(struct writer *w, const unsigned char *record, unsigned bytes, uint32_t n)
{
	(void)n;
	struct ex_values values = {w->out, w->image, record, layout_of(w, bytes), w->to, w->is_quiet, 0, 0};
	ex_salvage_values(&values);
	w->result->left_out += values.is_cut;
	w->result->values += values.count;
}

struct ids {
	struct writer *w; /* NULL: only measured */
	uint64_t bytes;
};

/* each build-id of the object's notes: a word of its length, the id, padding */
static void each_id(struct ids *ids, const struct ex_object *object)
{
	for (int i = 0; object && i < object->phdr_count; i++) {
		const ElfW(Phdr) *p = &object->phdr[i];
		const unsigned char *at = (const unsigned char *)(object->bias + p->p_vaddr), *end = at + p->p_memsz;
		while (p->p_type == PT_NOTE && end - at >= (long)sizeof(ElfW(Nhdr))) {
			const ElfW(Nhdr) *note = (const ElfW(Nhdr) *)at;
			uint64_t name_bytes = (note->n_namesz + 3) & ~3ull, desc = (note->n_descsz + 3) & ~3ull;
			const unsigned char *name = at + sizeof(*note), *id = name + name_bytes;
			if ((uint64_t)(end - name) < name_bytes + desc)
				break;
			at = id + desc;
			if (note->n_type != NT_GNU_BUILD_ID || note->n_namesz != 4 || memcmp(name, "GNU", 4) != 0)
				continue;
			ids->bytes += 8 + ((note->n_descsz + 7) & ~7ull);
			if (!ids->w)
				continue;
			put_word(ids->w, note->n_descsz);
			ex_os_out_put(ids->w->out, id, note->n_descsz);
			put_padding(ids->w, note->n_descsz);
		}
	}
}

static void put_header(struct writer *w, uint64_t ids_bytes)
{
	const struct ex_profile_image *i = w->image;
	const struct ex_profile_sections *s = &i->sections;
	uint64_t variant = i->raw_version & ~0xffffffull;
	put_word(w, MAGIC);
	put_word(w, variant | w->to->version);
	put_word(w, ids_bytes);
	put_word(w, w->result->records);
	put_word(w, 0);
	put_word(w, s->counts_bytes / s->counter_bytes);
	put_word(w, -s->counts_bytes & 7);
	if (w->to->version > 8) {
		put_word(w, s->bits_bytes);
		put_word(w, -s->bits_bytes & 7);
	}
	put_word(w, i->names.bytes);
	put_word(w, s->counts - w->data);
	if (w->to->version > 8)
		put_word(w, s->bits - w->data);
	put_word(w, i->names.at);
	if (w->to->version > 9) {
		put_word(w, i->vtables.bytes / 24);
		put_word(w, i->vtable_names.bytes);
	}
	put_word(w, LAST_KIND_8 + (w->to->kinds - 2));
}

static void put_part(struct writer *w, uint64_t at, uint64_t bytes)
{
	ex_os_out_put(w->out, (const void *)at, bytes);
	put_padding(w, bytes);
}

static void put_profile(struct writer *w)
{
	const struct ex_profile_image *i = w->image;
	const struct ex_object *object = ex_module_object(i->begin);
	struct ids measured = {NULL, 0}, written = {w, 0};
	w->data = i->sections.data;
	each_id(&measured, object);
	put_header(w, measured.bytes);
	each_id(&written, object);
	each_record(w, put_record);
	put_part(w, i->sections.counts, i->sections.counts_bytes);
	if (w->to->version > 8)
		put_part(w, i->sections.bits, i->sections.bits_bytes);
	put_part(w, i->names.at, i->names.bytes);
	if (w->to->version > 9) {
		put_part(w, i->vtables.at, i->vtables.bytes);
		put_part(w, i->vtable_names.at, i->vtable_names.bytes);
	}
	each_record(w, put_values);
}

void ex_salvage_write(struct ex_os_out *out, const struct ex_profile_image *image, int is_quiet,
		      struct ex_salvage_result *result)
{
	size_t scratch_bytes = ex_profile_scratch_bytes(&image->sections), steps = image->sections.data_bytes / 8 + 1;
	struct writer w = {out, image, image->runtime, NULL, 0, result, is_quiet};
	memset(result, 0, sizeof(*result));
	/* the file's form is known as far as it could be checked against a compiler of that version */
	if (!w.to || w.to->version > 10) {
		result->error = -ENOSYS_;
		return;
	}
	unsigned char *scratch = ex_os_map(scratch_bytes + steps);
	if (!scratch) {
		result->error = -ENOMEM_;
		return;
	}
	uint64_t before = out->at + out->used;
	w.steps = scratch + scratch_bytes;
	ex_profile_walk(&image->sections, scratch, note_step, &w);
	if (result->records)
		put_profile(&w);
	else
		result->error = -ENODATA_;
	result->bytes = out->at + out->used - before;
	ex_os_unmap(scratch, scratch_bytes + steps);
}
