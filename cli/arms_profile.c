/*
 * arms_profile.c: what one run left of its LLVM profiles, besides the files: what a profile runtime complained of, and the
 * process that should have written one. See arms.h.
 */
#include "arms.h"

#include "profiles.h"
#include "profraw.h"
#include "rules.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 200 /* bytes of a line that are told */

/* the words that the runtime of LLVM 14 to 22 has for it */
static const char *mismatch_in(const char *path)
{
	static const char words[] = "Runtime and instrumentation version mismatch";
	char *line = NULL;
	const char *found = NULL;
	size_t size = 0;
	FILE *file = fopen(path, "re");
	while (file && !found && getline(&line, &size, file) >= 0) {
		const char *at = strstr(line, words);
		size_t length = at ? strcspn(at, "\r\n") : 0;
		if (at)
			found = ex_format("%.*s", (int)(length < WORDS_MAX ? length : WORDS_MAX), at);
	}
	if (file)
		fclose(file);
	free(line);
	return found;
}

/* where nobody knows the place of a profile, what salvage wrote is known all the same */
static int salvaged(const struct ex_processes *processes, int known)
{
	int whole = known;
	for (size_t i = 0; i < processes->count; i++) {
		struct ex_profiles profiles;
		ex_profiles_build(&profiles, &processes->images[i]);
		for (size_t n = 0; n < profiles.count; n++) {
			const struct ex_event *kept = profiles.list[n].kept;
			unsigned count = 0;
			if (kept && ex_profraw_check(kept->tail[0].bytes, &count) == EX_PROFRAW_WHOLE)
				whole = (whole < 0 ? 0 : whole) + (int)count;
		}
	}
	return whole;
}

void ex_run_find_profile(struct ex_run *run)
{
	run->mismatch = mismatch_in(ex_format("%s/stderr", run->dir));
	run->profiles_due = 1;
	if (!run->processes)
		return;
	if (run->profiles <= 0)
		run->profiles = salvaged(run->processes, run->profiles);
	run->lost_profiles = ex_rules_lost_profiles(run->processes);
	run->profiles_due = ex_rules_profiles_due(run->processes);
	struct ex_image *image = NULL;
	if (run->profiles < run->profiles_due || run->mismatch)
		image = ex_rules_left_unwritten(run->processes);
	/* what ended badly is worth more, and so is a profile that was lost */
	if (!image || (run->processes->judged && run->processes->judged->is_bad))
		return;
	run->processes->judged = image;
	run->is_unwritten = 1;
}
