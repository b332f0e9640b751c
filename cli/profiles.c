/*
 * profiles.c: see profiles.h. Must never count a record whose event is not there: what is not known is told as such.
 */
#include "profiles.h"

#include "profile.h"
#include "settings.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define EVERYTHING UINT64_MAX

static void push(const struct ex_event ***list, size_t *count, const struct ex_event *event)
{
	*list = realloc(*list, (*count + 1) * sizeof(**list));
	if (!*list)
		abort();
	(*list)[(*count)++] = event;
}

static const struct ex_module *module_of(const struct ex_image *image, uint32_t n)
{
	const struct ex_module *found = NULL;
	for (size_t i = 0; i < image->module_count; i++)
		if (image->modules[i].n == n)
			found = &image->modules[i];
	return found;
}

static struct ex_profile *profile_of(struct ex_profiles *profiles, const struct ex_image *image, uint32_t n)
{
	for (size_t i = 0; i < profiles->count; i++)
		if (profiles->list[i].n == n)
			return &profiles->list[i];
	profiles->list = realloc(profiles->list, (profiles->count + 1) * sizeof(*profiles->list));
	if (!profiles->list)
		abort();
	struct ex_profile *profile = &profiles->list[profiles->count++];
	const struct ex_module *module = module_of(image, n);
	const char *slash = module ? strrchr(module->path, '/') : NULL;
	*profile = (struct ex_profile){.n = n, .module = module, .source = -1};
	profile->name = !module ? ex_format("module %" PRIu32, n) : slash ? slash + 1 : module->path;
	return profile;
}

static void read_profile(struct ex_profile *profile, const struct ex_event *event)
{
	const struct ex_ev_profile *fixed = EX_EVENT(event, profile);
	profile->told = event;
	profile->records[EX_RECORD_48] = fixed->records_48;
	profile->records[EX_RECORD_64] = fixed->records_64;
	profile->records[EX_RECORD_72] = fixed->records_72;
	profile->unparsed_bytes = fixed->unparsed;
	profile->stride_bytes = fixed->stride;
	profile->version = fixed->version;
	profile->source = fixed->source;
	profile->raw_version = fixed->raw_version;
	profile->is_continuous = fixed->is_continuous;
	profile->others = 0;
	unsigned kinds = 0;
	for (unsigned size = 0; size < EX_RECORD_SIZES; size++) {
		kinds += profile->records[size] != 0;
		if (profile->stride_bytes && profile->stride_bytes != ex_record_bytes(size))
			profile->others += profile->records[size];
	}
	profile->is_mixed = kinds > 1;
	profile->is_refused = profile->version && profile->raw_version &&
			      EX_PROFILE_VERSION(profile->raw_version) != profile->version;
}

/* each snapshot meets the same pieces again */
static int is_told(const struct ex_profile *profile, const struct ex_event *event)
{
	for (size_t i = 0; i < profile->unreadable_count; i++)
		if (!memcmp(profile->unreadable[i]->fixed, event->fixed, sizeof(struct ex_ev_unreadable)))
			return 1;
	return 0;
}

static void read_event(struct ex_profiles *profiles, const struct ex_image *image, const struct ex_event *event)
{
	struct ex_profile *profile;
	switch (event->meta->id) {
	case EX_EV_SALVAGED:
		profile = profile_of(profiles, image, EX_EVENT(event, salvaged)->module);
		profile->salvaged = event;
		if (!EX_EVENT(event, salvaged)->error)
			profile->kept = event;
		break;
	case EX_EV_UNREADABLE:
		profile = profile_of(profiles, image, EX_EVENT(event, unreadable)->module);
		if (!is_told(profile, event))
			push(&profile->unreadable, &profile->unreadable_count, event);
		break;
	case EX_EV_MISREAD:
		push(&profiles->misreads, &profiles->misread_count, event);
		break;
	default:
		break;
	}
}

/* of what the process has from those that it was copied from: how its objects are, not what was done to them */
static void inherit(struct ex_profiles *profiles, const struct ex_image *image, const struct ex_image *teller,
		    uint64_t until_ns)
{
	if (teller->parent)
		inherit(profiles, image, teller->parent, teller->begin_ns);
	for (size_t i = 0; i < teller->event_count; i++) {
		const struct ex_event *event = teller->events[i];
		if (event->time_ns > until_ns)
			break;
		if (event->meta->id == EX_EV_RETURNS)
			push(&profiles->returns, &profiles->return_count, event);
		/* an object that was unloaded before the fork is none of the child's */
		if (event->meta->id == EX_EV_PROFILE &&
		    (teller == image || module_of(image, EX_EVENT(event, profile)->module)))
			read_profile(profile_of(profiles, image, EX_EVENT(event, profile)->module), event);
	}
}

static int is_snapshot(const struct ex_event *salvaged)
{
	int point = EX_EVENT(salvaged, salvaged)->point;
	return point == EX_point_SIGNAL || point == EX_point_EVERY;
}

/* every write of a file has its number; those for good put a profile behind the others', and are all told */
static void count_snapshots(struct ex_profile *profile, const struct ex_image *image)
{
	const struct ex_event *kept = profile->kept;
	uint32_t nth = kept ? EX_EVENT(kept, salvaged)->nth : 0, last = 0;
	profile->snapshots = nth ? nth - 1 : 0;
	for (size_t i = 0; i < image->event_count && image->events[i] != kept && profile->snapshots; i++) {
		const struct ex_event *event = image->events[i];
		if (event->meta->id != EX_EV_SALVAGED || EX_EVENT(event, salvaged)->error || is_snapshot(event) ||
		    strcmp(event->tail[0].bytes, kept->tail[0].bytes) != 0 || EX_EVENT(event, salvaged)->nth >= nth)
			continue;
		profile->snapshots -= EX_EVENT(event, salvaged)->nth != last;
		last = EX_EVENT(event, salvaged)->nth;
	}
}

static void find_writers(struct ex_profiles *profiles, const struct ex_image *image)
{
	uint64_t until_ns = EVERYTHING;
	for (const struct ex_image *teller = image; teller; until_ns = teller->begin_ns, teller = teller->parent)
		for (size_t i = 0; i < teller->event_count && teller->events[i]->time_ns <= until_ns; i++) {
			const struct ex_event *event = teller->events[i];
			if (event->meta->id != EX_EV_WRITER)
				continue;
			uint64_t fn = EX_EVENT(event, writer)->fn;
			for (size_t n = 0; n < profiles->count; n++) {
				struct ex_profile *profile = &profiles->list[n];
				const struct ex_module *module = profile->module;
				if (!profile->writer && module && fn >= module->begin && fn < module->end &&
				    (teller != image ||
				     (event->time_ns >= module->from_ns && event->time_ns < module->to_ns)))
					profile->writer = event;
			}
		}
}

int ex_salvage_asked(const char *settings)
{
	const char *flush = ex_settings_value(settings, "flush");
	return !strcmp(ex_settings_value(settings, "salvage"), "yes") || !strncmp(flush, "signal:", 7) ||
	       !strncmp(flush, "every:", 6);
}

void ex_profiles_build(struct ex_profiles *profiles, const struct ex_image *image)
{
	*profiles =
		(struct ex_profiles){.salvage_asked = ex_salvage_asked(image->options),
				     .value_profile_asked = *ex_settings_value(image->options, "value-profile") != 0};
	inherit(profiles, image, image, EVERYTHING);
	for (size_t i = 0; i < image->event_count; i++)
		read_event(profiles, image, image->events[i]);
	find_writers(profiles, image);
	for (size_t i = 0; i < profiles->count; i++)
		count_snapshots(&profiles->list[i], image);
	for (size_t i = 0; i < profiles->return_count; i++)
		profiles->placed += EX_EVENT(profiles->returns[i], returns)->result == EX_detour_PLACED;
}

const struct ex_profile *ex_profiles_of(const struct ex_profiles *profiles, uint32_t module)
{
	for (size_t i = 0; i < profiles->count; i++)
		if (profiles->list[i].n == module)
			return &profiles->list[i];
	return NULL;
}

const struct ex_profile *ex_profiles_at(const struct ex_profiles *profiles, uint64_t address)
{
	for (size_t i = 0; i < profiles->count; i++) {
		const struct ex_module *module = profiles->list[i].module;
		if (module && address >= module->begin && address < module->end)
			return &profiles->list[i];
	}
	return NULL;
}
