/*
 * memlimit.c: see memlimit.h.
 */
#include "memlimit.h"

#include "text.h"

#include <stdio.h>
#include <sys/resource.h>

static struct ex_memlimit of_resource(const char *name, int which, const char *raise)
{
	struct rlimit limit;
	if (getrlimit((__rlimit_resource_t)which, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return (struct ex_memlimit){name, "no limit", raise, 0};
	const char *text = ex_bytes_text(limit.rlim_cur);
	if (limit.rlim_max == limit.rlim_cur)
		text = ex_format("%s, and may not be raised", text);
	else if (limit.rlim_max != RLIM_INFINITY)
		text = ex_format("%s, and may be raised to %s", text, ex_bytes_text(limit.rlim_max));
	return (struct ex_memlimit){name, text, raise, 1};
}

static struct ex_memlimit of_mappings(void)
{
	long count = 0;
	FILE *f = fopen("/proc/sys/vm/max_map_count", "re");
	if (!f || fscanf(f, "%ld", &count) != 1)
		count = 0;
	if (f)
		fclose(f);
	return (struct ex_memlimit){"mappings", count ? ex_format("%ld", count) : "not known",
				    "sysctl vm.max_map_count", count > 0};
}

const struct ex_memlimit *ex_memlimits(void)
{
	static struct ex_memlimit limits[4];
	limits[0] = of_resource("address space", RLIMIT_AS, "ulimit -v");
	limits[1] = of_resource("data", RLIMIT_DATA, "ulimit -d");
	limits[2] = of_mappings();
	return limits;
}

const char *ex_memlimit_text(void)
{
	const char *text = NULL;
	for (const struct ex_memlimit *limit = ex_memlimits(); limit->name; limit++)
		if (limit->is_limited)
			text = ex_format("%s%s%s %s (%s)", text ? text : "", text ? "; " : "", limit->name, limit->text,
					 limit->raise);
	return text;
}
