/*
 * process_find.c: what of a process one looks for: a handler's registration, a module. See process.h.
 */
#include "process.h"

#include <string.h>

const struct ex_event *ex_image_registration(const struct ex_image *image, uint32_t id)
{
	for (uint64_t until_ns = UINT64_MAX; image && id; until_ns = image->begin_ns, image = image->parent)
		for (size_t n = 0; n < image->event_count && image->events[n]->time_ns <= until_ns; n++)
			if (image->events[n]->meta->id == EX_EV_REGISTER &&
			    EX_EVENT(image->events[n], register)->id == id)
				return image->events[n];
	return NULL;
}

int ex_image_is_writer(const struct ex_image *image, uint32_t id)
{
	for (uint64_t until_ns = UINT64_MAX; image && id; until_ns = image->begin_ns, image = image->parent)
		for (size_t n = 0; n < image->writer_count && image->writers[n]->time_ns <= until_ns; n++)
			if (EX_EVENT(image->writers[n], writer)->id == id)
				return 1;
	return 0;
}

const struct ex_module *ex_image_module(const struct ex_image *image, uint64_t addr, uint64_t time_ns)
{
	for (size_t n = 0; n < image->module_count; n++) {
		const struct ex_module *module = &image->modules[n];
		if (addr >= module->begin && addr < module->end && time_ns >= module->from_ns &&
		    time_ns < module->to_ns)
			return module;
	}
	return NULL;
}

const struct ex_module *ex_image_program(const struct ex_image *image)
{
	for (size_t n = 0; n < image->module_count; n++)
		if (!strcmp(image->modules[n].path, image->exe))
			return &image->modules[n];
	return NULL;
}
