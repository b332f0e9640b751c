/*
 * profile_image.c: see profile_image.h.
 *
 * Section headers are not loaded, but strip leaves them, and the linker gives the records one section whichever compilers
 * they came from. An object is looked at when its runtime reads LLVM_PROFILE_FILE or registers its writer; what dies before
 * that (a constructor that records values) is looked at in the signal handler.
 */
#include "profile_image.h"

#include "image.h"
#include "module.h"
#include "object.h"
#include "object_file.h"
#include "os/os.h"
#include "place.h"
#include "profile_code.h"
#include "real.h"
#include "stream.h"
#include "text.h"

static struct ex_profile_image images[EX_PROFILES_MAX] EX_TABLE;
static uint32_t image_count; /* rows used; grows only */
#define NONE_MAX 256
static uintptr_t without[NONE_MAX]; /* first bytes of objects that have no records */
static uint32_t without_count;

static struct ex_profile_part part_of(const struct ex_object_file *file, uintptr_t bias, const char *name)
{
	const Elf64_Shdr *section = ex_object_file_section(file, name);
	struct ex_profile_part part = {0, 0};
	if (section && section->sh_size)
		part = (struct ex_profile_part){bias + section->sh_addr, section->sh_size};
	return part;
}

/* 0 when it claims to lie outside its object */
static int is_inside(const struct ex_profile_image *image, struct ex_profile_part part)
{
	return !part.bytes || (part.at >= image->begin && part.at < image->end && part.bytes <= image->end - part.at);
}

/* local variables of the runtime, where there is a .symtab: whether the program has written its profile by itself and for
 * good (__llvm_profile_dump), and the name that it has set (__llvm_profile_set_filename) */
static void note_variable(void *arg, const char *name, const Elf64_Sym *symbol)
{
	struct ex_profile_image *image = arg;
	uintptr_t at = image->bias + symbol->st_value;
	if (ELF64_ST_TYPE(symbol->st_info) != STT_OBJECT || at < image->begin || at >= image->end)
		return;
	if (ex_same(name, "ProfileDumped"))
		image->dumped_at = at;
	else if (ex_same(name, "lprofCurFilename"))
		image->name_at = at;
}

static void count_record(void *arg, uint64_t offset, unsigned record_bytes)
{
	struct ex_profile_image *image = arg;
	(void)offset;
	image->unparsed_bytes -= record_bytes;
	if (record_bytes >= 48)
		image->records[(record_bytes - 48) / 12]++; /* 48, 64, 72: rows 0, 1, 2 */
}

static void count_records(struct ex_profile_image *image)
{
	size_t bytes = ex_profile_scratch_bytes(&image->sections);
	void *scratch = ex_os_map(bytes);
	image->unparsed_bytes = image->sections.data_bytes;
	if (!scratch)
		return;
	ex_profile_walk(&image->sections, scratch, count_record, image);
	ex_os_unmap(scratch, bytes);
}

static void find_sections(struct ex_profile_image *image, const struct ex_object_file *file)
{
	struct ex_profile_part data = part_of(file, image->bias, "__llvm_prf_data");
	struct ex_profile_part counts = part_of(file, image->bias, "__llvm_prf_cnts");
	struct ex_profile_part bits = part_of(file, image->bias, "__llvm_prf_bits");
	image->names = part_of(file, image->bias, "__llvm_prf_names");
	image->nodes = part_of(file, image->bias, "__llvm_prf_vnds");
	image->heads = part_of(file, image->bias, "__llvm_prf_vals");
	image->vtables = part_of(file, image->bias, "__llvm_prf_vtab");
	image->vtable_names = part_of(file, image->bias, "__llvm_prf_vns");
	if (!is_inside(image, data) || !is_inside(image, counts) || !is_inside(image, bits) ||
	    !is_inside(image, image->names) || !is_inside(image, image->nodes) || !is_inside(image, image->heads) ||
	    !is_inside(image, image->vtables) || !is_inside(image, image->vtable_names))
		return;
	image->sections = (struct ex_profile_sections){(const unsigned char *)data.at,
						       data.at,
						       data.bytes,
						       counts.at,
						       counts.bytes,
						       bits.at,
						       bits.bytes,
						       0};
}

#define SEGMENTS_MAX 16
#define AROUND_BYTES (512u << 10) /* of code of the runtime: all of it, wherever in it that is */

/* loaded segments; of code only what lies around an address, 0 = all */
static int segments_of(const struct ex_object *object, uintptr_t around, struct ex_profile_segment *segments)
{
	int count = 0;
	for (int i = 0; i < object->phdr_count && count < SEGMENTS_MAX; i++) {
		const ElfW(Phdr) *p = &object->phdr[i];
		uintptr_t begin = object->bias + p->p_vaddr, end = begin + p->p_filesz;
		if (p->p_type != PT_LOAD || !(p->p_flags & PF_R))
			continue;
		if (around && (p->p_flags & PF_X)) {
			begin = begin + AROUND_BYTES < around ? around - AROUND_BYTES : begin;
			end = end > around + AROUND_BYTES ? around + AROUND_BYTES : end;
			end = end < begin ? begin : end;
		}
		segments[count++] = (struct ex_profile_segment){(const unsigned char *)begin, begin, end - begin,
								p->p_flags & PF_X};
	}
	return count;
}

/* who asks is mostly the runtime itself: looking through all code of a large program would cost milliseconds */
static void find_runtime(struct ex_profile_image *image, const struct ex_object *object, uintptr_t asker)
{
	struct ex_profile_segment segments[SEGMENTS_MAX];
	struct ex_profile_runtime runtime;
	int is_found =
		asker != image->begin && ex_profile_runtime(&runtime, segments, segments_of(object, asker, segments));
	if (!is_found)
		is_found = ex_profile_runtime(&runtime, segments, segments_of(object, 0, segments));
	if (is_found) {
		struct ex_buffer b;
		image->version = (uint16_t)runtime.version;
		image->source = EX_profile_source_CODE;
		image->raw_version = runtime.raw_version;
		if (runtime.raw_version_at) /* another object's: of the one that the dynamic linker found first */
			ex_os_peek(&image->raw_version, runtime.raw_version_at, sizeof(image->raw_version));
		ex_buffer_init(&b, image->built_in, sizeof(image->built_in));
		ex_buffer_text(&b, runtime.name ? runtime.name : "");
	}
	image->sections.counter_bytes = image->raw_version & EX_PROFILE_BYTE_COVERAGE ? 1 : 8;
}

/* where nothing else tells: what most records are */
static void guess_runtime(struct ex_profile_image *image)
{
	static const unsigned sizes[] = {48, 64, 72};
	int most = 0;
	for (int i = 1; i < 3; i++)
		if (image->records[i] > image->records[most])
			most = i;
	const struct ex_raw_version *guess = ex_raw_version_of(sizes[most]);
	image->version = (uint16_t)guess->version;
	image->source = EX_profile_source_RECORDS;
}

static void tell(struct ex_profile_image *image)
{
	/* at exit the environment may lie in a heap that is gone */
	const char *file = ex_real.getenv && !ex_image.is_exiting ? ex_real.getenv("LLVM_PROFILE_FILE") : NULL;
	const char *name = file && *file ? file : image->built_in;
	int is_continuous = 0;
	for (const char *s = name; s[0] && s[1]; s++)
		is_continuous |= s[0] == '%' && s[1] == 'c';
	const struct ex_profile_sections *s = &image->sections;
	EX_PUT(PROFILE, profile,
	       (.module = image->module, .data = s->data, .data_bytes = s->data_bytes, .counts = s->counts,
		.counts_bytes = s->counts_bytes, .records_48 = image->records[0], .records_64 = image->records[1],
		.records_72 = image->records[2], .unparsed = image->unparsed_bytes,
		.stride = (uint16_t)(image->runtime ? image->runtime->record_bytes : 0), .version = image->version,
		.source = image->source, .raw_version = image->raw_version, .is_continuous = (uint8_t)is_continuous), );
}

static struct ex_profile_image *free_row(void)
{
	for (uint32_t i = 0; i < image_count; i++)
		if (!images[i].module)
			return &images[i];
	return image_count < EX_PROFILES_MAX ? &images[image_count++] : NULL;
}

static struct ex_profile_image *look(const struct ex_module_info *module, const struct ex_object *object,
				     const char *path, uintptr_t asker)
{
	struct ex_object_file file;
	struct ex_profile_image found = {.begin = module->begin, .end = module->end, .bias = module->bias},
				*image = NULL;
	int is_open = ex_object_file_open(&file, path, module->begin);
	if (is_open)
		find_sections(&found, &file);
	if (found.sections.data_bytes)
		image = free_row();
	if (image) {
		*image = found;
		find_runtime(image, object, asker);
		ex_object_file_symbols(&file, note_variable, image);
		count_records(image);
		if (!image->version)
			guess_runtime(image);
		image->runtime = ex_raw_version(image->version);
		image->module = module->n;
		tell(image);
	} else if (without_count < NONE_MAX) {
		without[without_count++] = module->begin;
	}
	if (is_open)
		ex_object_file_close(&file);
	return image;
}

struct ex_profile_image *ex_profile_at(uintptr_t address)
{
	struct ex_module_info module;
	for (uint32_t i = 0; i < image_count; i++)
		if (images[i].module && address >= images[i].begin && address < images[i].end)
			return &images[i];
	if (!ex_module_find(address, &module))
		return NULL;
	for (uint32_t i = 0; i < without_count; i++)
		if (without[i] == module.begin)
			return NULL;
	return look(&module, ex_module_object(address), ex_module_path(address), address);
}

static void look_at(void *arg, uint32_t n, uintptr_t begin)
{
	(void)arg;
	(void)n;
	ex_profile_at(begin);
}

void ex_profile_look_at_all(void)
{
	ex_module_each(look_at, NULL);
}

int ex_profile_is_mixed(const struct ex_profile_image *i)
{
	int sizes = (i->records[0] != 0) + (i->records[1] != 0) + (i->records[2] != 0);
	return sizes > 1 || (i->runtime && !i->records[(i->runtime->record_bytes - 48) / 12]);
}

struct ex_profile_image *ex_profile_next(const struct ex_profile_image *image)
{
	for (uint32_t i = image ? (uint32_t)(image - images) + 1 : 0; i < image_count; i++)
		if (images[i].module)
			return &images[i];
	return NULL;
}

void ex_profile_forget(uintptr_t begin, uintptr_t end)
{
	for (uint32_t i = 0; i < image_count; i++)
		if (images[i].module && images[i].begin >= begin && images[i].begin < end)
			images[i].module = 0;
	for (uint32_t i = 0; i < without_count; i++)
		if (without[i] >= begin && without[i] < end)
			without[i] = 0;
}
