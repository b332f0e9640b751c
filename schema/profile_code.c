/*
 * profile_code.c: see profile_code.h.
 *
 * All of the runtime is hidden, and gone with .symtab. But before it writes it compares its own version with
 * __llvm_profile_raw_version, and where they differ it prints both: next to the address of that message its own version is
 * loaded as a constant (%ecx, or %edx where fprintf is not fortified). The other one comes from a function of two or three
 * instructions that returns it. Seen in 14.0.6, 16.0.6, 19.1.7, 22.1.8 of clang and in rustc 1.95.
 * The file's name is a string in read-only data; where it begins is seen from the code that takes its address only, since
 * Rust's strings in front of it have no end.
 */
#include "profile_code.h"

#include "profile.h"

#define MESSAGE "LLVM Profile Error: Runtime and instrumentation version"
#define SUFFIX ".profraw"
#define PLAIN_NAME "default.profraw" /* for programs without a name of their own, so in all runtimes */
#define NAME_MAX_BYTES 1000
#define MESSAGES 8
#define GETTERS 64
#define NEAR_BYTES 24 /* from the message's address to the constant */

struct search {
	const struct ex_profile_segment *segments;
	int count;
	uint64_t messages[MESSAGES], uses[MESSAGES];
	struct {
		uint64_t at, value, value_at; /* the last: it lies in no segment, but there */
	} getters[GETTERS];
	struct {
		uint64_t at;
		const char *name;
	} names[GETTERS];
	const struct ex_profile_segment *suffix_segments[MESSAGES];
	uint64_t suffixes[MESSAGES]; /* addresses of ".profraw", NUL behind */
	int message_count, use_count, getter_count, suffix_count, name_count;
	unsigned version;
};

static int is_at(const struct ex_profile_segment *segment, uint64_t i, const char *text, uint64_t length)
{
	return length <= segment->count - i && !__builtin_memcmp(segment->bytes + i, text, length);
}

static void find_strings(struct search *s, const struct ex_profile_segment *segment)
{
	for (uint64_t i = 0; i < segment->count; i++) {
		if (segment->bytes[i] == 'L' && s->message_count < MESSAGES &&
		    is_at(segment, i, MESSAGE, sizeof(MESSAGE) - 1))
			s->messages[s->message_count++] = segment->at + i;
		if (segment->bytes[i] != '.' || s->suffix_count == MESSAGES ||
		    !is_at(segment, i, SUFFIX, sizeof(SUFFIX)) ||
		    (i >= 7 && is_at(segment, i - 7, PLAIN_NAME, sizeof(PLAIN_NAME)) &&
		     (i == 7 || !segment->bytes[i - 8])))
			continue;
		s->suffix_segments[s->suffix_count] = segment;
		s->suffixes[s->suffix_count++] = segment->at + i;
	}
}

/* a string that begins at that address and ends in the suffix */
static void note_name(struct search *s, uint64_t at, uint64_t target)
{
	for (int i = 0; i < s->suffix_count && s->name_count < GETTERS; i++) {
		const struct ex_profile_segment *segment = s->suffix_segments[i];
		uint64_t length = s->suffixes[i] - target, offset = target - segment->at;
		if (length > NAME_MAX_BYTES || target < segment->at)
			continue;
		while (length && segment->bytes[offset + length - 1])
			length--;
		if (length)
			continue;
		s->names[s->name_count].at = at;
		s->names[s->name_count++].name = (const char *)segment->bytes + offset;
	}
}

static int is_message(const struct search *s, uint64_t address)
{
	for (int i = 0; i < s->message_count; i++)
		if (s->messages[i] == address)
			return 1;
	return 0;
}

/* the constant behind a load of the message's address: mov $imm32, %ecx or %edx */
static unsigned constant_behind(const unsigned char *code, uint64_t count)
{
	for (uint64_t i = 0; i + 5 <= count && i < NEAR_BYTES; i++) {
		uint32_t value = ex_profile_u32(code + i + 1);
		if ((code[i] == 0xb9 || code[i] == 0xba) && value >= 2 && value < 64)
			return value;
	}
	return 0;
}

static int read_word(const struct search *s, uint64_t address, uint64_t *value)
{
	for (int i = 0; i < s->count; i++) {
		const struct ex_profile_segment *segment = &s->segments[i];
		uint64_t offset = address - segment->at;
		if (address % 8 || offset >= segment->count || segment->count - offset < 8)
			continue;
		*value = ex_profile_u64(segment->bytes + offset);
		return 1;
	}
	return 0;
}

/* how such a function gets at the value, by what compilers and linkers make of it. Returns where the value lies, 0 */
static uint64_t value_of_getter(struct search *s, const unsigned char *code, uint64_t left, uint64_t target)
{
	static const unsigned char deref[] = {0x48, 0x8b, 0x00, 0xc3}; /* mov (%rax),%rax; ret */
	uint64_t slot;
	int is_deref = left >= 11 && !__builtin_memcmp(code + 7, deref, sizeof(deref));
	if (code[1] == 0x8b && left >= 8 && code[7] == 0xc3)
		return target;
	if (is_deref && code[1] == 0x8d)
		return target;
	/* not position-independent: the linker has put the address in place of a load from the GOT */
	if (is_deref && code[1] == 0xc7 && code[2] == 0xc0)
		return ex_profile_u32(code + 3);
	/* exported: by way of the GOT, which is filled in when the object is loaded */
	return is_deref && code[1] == 0x8b && read_word(s, target, &slot) ? slot : 0;
}

static void note_getter(struct search *s, const unsigned char *code, uint64_t left, uint64_t at, uint64_t target)
{
	uint64_t value = 0, value_at = value_of_getter(s, code, left, target);
	if (!value_at || value_at % 8 || s->getter_count == GETTERS)
		return;
	int is_here = read_word(s, value_at, &value);
	if (is_here && (!ex_raw_version(EX_PROFILE_VERSION(value)) || (value >> 24 & 0xffffffff)))
		return;
	s->getters[s->getter_count].at = at;
	s->getters[s->getter_count].value_at = is_here ? 0 : value_at;
	s->getters[s->getter_count++].value = value;
}

static void search_code(struct search *s, const struct ex_profile_segment *segment)
{
	for (uint64_t i = 0; i + 7 <= segment->count; i++) {
		const unsigned char *code = segment->bytes + i;
		/* not position-independent: mov $imm32 to a register */
		if (code[0] >= 0xb8 && code[0] <= 0xbf)
			note_name(s, segment->at + i, ex_profile_u32(code + 1));
		int is_constant = code[0] == 0x48 && code[1] == 0xc7 && code[2] == 0xc0;
		if (!is_constant &&
		    ((code[0] != 0x48 && code[0] != 0x4c) || (code[2] & 0xc7) != 5 || (code[1] & 0xf9) != 0x89))
			continue;
		uint64_t left = segment->count - i, at = segment->at + i;
		uint64_t target = at + 7 + (uint64_t)(int64_t)(int32_t)ex_profile_u32(code + 3);
		if (code[1] == 0x8d && is_message(s, target)) {
			unsigned version = constant_behind(code + 7, left - 7);
			if (version && s->use_count < MESSAGES) {
				s->uses[s->use_count++] = at;
				s->version = version;
			}
		}
		if (code[1] == 0x8d || is_constant)
			note_name(s, at, is_constant ? ex_profile_u32(code + 3) : target);
		if (is_constant || (code[0] == 0x48 && code[2] == 5))
			note_getter(s, code, left, at, target);
	}
}

static uint64_t distance(const struct search *s, uint64_t at)
{
	return at > s->uses[0] ? at - s->uses[0] : s->uses[0] - at;
}

int ex_profile_runtime(struct ex_profile_runtime *runtime, const struct ex_profile_segment *segments, int count)
{
	struct search s = {.segments = segments, .count = count};
	*runtime = (struct ex_profile_runtime){0};
	for (int i = 0; i < count; i++)
		find_strings(&s, &segments[i]);
	for (int i = 0; i < count && s.message_count; i++)
		if (segments[i].is_code)
			search_code(&s, &segments[i]);
	if (!s.use_count)
		return 0;
	runtime->version = s.version;
	runtime->code_at = s.uses[0];
	/* of several that fit the nearest: the runtime's parts lie together */
	uint64_t best = UINT64_MAX;
	for (int i = 0; i < s.getter_count; i++)
		if (distance(&s, s.getters[i].at) < best) {
			best = distance(&s, s.getters[i].at);
			runtime->raw_version = s.getters[i].value;
			runtime->raw_version_at = s.getters[i].value_at;
		}
	best = UINT64_MAX;
	for (int i = 0; i < s.name_count; i++)
		if (distance(&s, s.names[i].at) < best) {
			best = distance(&s, s.names[i].at);
			runtime->name = s.names[i].name;
		}
	return 1;
}
