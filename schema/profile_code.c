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
		uint64_t at, value;
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

/* code[0..2] is a load relative to the next instruction; behind: bytes that end the function when it returns such a value */
static void note_getter(struct search *s, const unsigned char *code, uint64_t left, uint64_t at, uint64_t target)
{
	uint64_t value;
	int is_direct = code[1] == 0x8b && left >= 8 && code[7] == 0xc3;
	int is_by_address =
		code[1] == 0x8d && left >= 11 && code[7] == 0x48 && code[8] == 0x8b && code[9] == 0 && code[10] == 0xc3;
	if ((!is_direct && !is_by_address) || s->getter_count == GETTERS || !read_word(s, target, &value))
		return;
	if (!ex_raw_version(EX_PROFILE_VERSION(value)) || (value >> 24 & 0xffffffff))
		return;
	s->getters[s->getter_count].at = at;
	s->getters[s->getter_count++].value = value;
}

static void search_code(struct search *s, const struct ex_profile_segment *segment)
{
	for (uint64_t i = 0; i + 7 <= segment->count; i++) {
		const unsigned char *code = segment->bytes + i;
		if ((code[0] != 0x48 && code[0] != 0x4c) || (code[2] & 0xc7) != 5 || (code[1] & 0xf9) != 0x89)
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
		if (code[1] == 0x8d)
			note_name(s, at, target);
		if (code[0] == 0x48 && code[2] == 5)
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
	*runtime = (struct ex_profile_runtime){0, 0, 0, NULL};
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
		}
	best = UINT64_MAX;
	for (int i = 0; i < s.name_count; i++)
		if (distance(&s, s.names[i].at) < best) {
			best = distance(&s, s.names[i].at);
			runtime->name = s.names[i].name;
		}
	return 1;
}
