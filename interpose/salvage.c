/*
 * salvage.c: see salvage.h. What is due, to which file, and once: a profile that was written for good is never written again,
 * a snapshot is replaced as a whole.
 */
#include "salvage.h"

#include "companion.h"
#include "deadly.h"
#include "expand.h"
#include "handler.h"
#include "image.h"
#include "options.h"
#include "os/os.h"
#include "profile_image.h"
#include "salvage_file.h"
#include "salvage_write.h"
#include "stream.h"
#include "thread.h"

#define BUFFER_BYTES 65536
#define COMPANION UINT32_MAX /* in place of a thread's number */
#define WAIT_MS 5000
#define EBUSY_ 16
#define E2BIG_ 7
#define ENOMEM_ 12
#define EEXIST_ 17

static uint32_t holder; /* thread that is at it, 0 = none */

static int is_snapshot(int point)
{
	return point == EX_point_SIGNAL || point == EX_point_EVERY;
}

static int lock(uint32_t self)
{
	for (int i = 0; i < WAIT_MS; i++) {
		uint32_t now = 0;
		if (__atomic_compare_exchange_n(&holder, &now, self, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return 1;
		if (now == self)
			return 0; /* it died of what it was writing */
		if (now == COMPANION ? !ex_companion_lives() : !ex_os_thread_lives(now))
			__atomic_compare_exchange_n(&holder, &now, 0, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
		else
			ex_os_sleep_ns(1000000);
	}
	return 0;
}

struct job {
	int point, is_quiet;
	uint32_t writer; /* only the profile of this one, 0 = all */
};

/* the program has called __llvm_profile_dump: its runtime would say that the profile is written already */
static int is_dumped(const struct ex_profile_image *image)
{
	return image->dumped_at && *(const uint32_t *)image->dumped_at;
}

static int is_due(const struct ex_profile_image *image, const struct job *job)
{
	return image->writer && !is_dumped(image) && !image->is_final && (!job->writer || image->writer == job->writer);
}

/* the newest writer first, as exit() would run them */
static struct ex_profile_image *next_due(const struct job *job, const struct ex_profile_file *file, uint32_t below)
{
	struct ex_profile_image *next = NULL;
	for (struct ex_profile_image *i = ex_profile_next(NULL); i; i = ex_profile_next(i))
		if (is_due(i, job) && (!file || i->file == file) && i->writer < below &&
		    (!next || i->writer > next->writer))
			next = i;
	return next;
}

static void tell(const struct ex_profile_image *image, const struct job *job, const struct ex_salvage_result *result,
		 int error)
{
	const struct ex_profile_file *file = image->file;
	if (job->is_quiet)
		return;
	EX_PUT(SALVAGED, salvaged,
	       (.module = image->module, .id = image->writer, .point = (uint8_t)job->point, .error = error ? -error : 0,
		.nth = file ? file->nth : 0, .version = image->version, .records = result->records,
		.converted = result->converted, .left_out = result->left_out, .values = result->values,
		.bytes = result->bytes),
	       EX_TEXT(error || !file ? "" : file->path), );
}

static int give_up_file(const struct ex_profile_file *file, const struct job *job)
{
	static const struct ex_salvage_result nothing;
	for (struct ex_profile_image *i = next_due(job, file, UINT32_MAX); i; i = next_due(job, file, i->writer))
		tell(i, job, &nothing, file->error);
	return file->error;
}

static int write_file(struct ex_profile_file *file, const struct job *job, unsigned char *buffer)
{
	struct ex_os_out out = {.buffer = buffer, .room = BUFFER_BYTES};
	struct ex_salvage_result results[EX_PROFILES_MAX];
	int is_append = file->has_final, count = 0, written = 0, refused = 0;
	file->error = is_append ? 0 : ex_profile_file_prepare(file);
	if (file->error)
		return give_up_file(file, job);
	ex_os_out_begin(&out, is_append ? file->path : file->temporary, is_append);
	for (struct ex_profile_image *i = next_due(job, file, UINT32_MAX); i; i = next_due(job, file, i->writer)) {
		ex_salvage_write(&out, i, job->is_quiet, &results[count]);
		refused = results[count].error ? results[count].error : refused;
		written += !results[count++].error;
	}
	file->error = ex_os_out_end(&out);
	if (!is_append && !file->error && written)
		file->error = ex_profile_file_install(file);
	else if (!is_append)
		ex_os_unlink(file->temporary);
	file->nth += !file->error && written;
	count = 0;
	for (struct ex_profile_image *i = next_due(job, file, UINT32_MAX); i; i = next_due(job, file, i->writer)) {
		const struct ex_salvage_result *result = &results[count++];
		tell(i, job, result, file->error ? file->error : result->error);
		i->is_written = !file->error && !result->error;
	}
	return file->error ? file->error : refused;
}

static int salvage(const struct job *job)
{
	static const struct ex_salvage_result nothing;
	int error = 0, now;
	/* handlers are running: from here on each profile is written for good, in its turn */
	for (struct ex_profile_image *i = ex_profile_next(NULL); i && is_snapshot(job->point); i = ex_profile_next(i))
		if (i->is_final)
			return 0;
	unsigned char *buffer = ex_os_map(BUFFER_BYTES);
	for (struct ex_profile_image *i = next_due(job, NULL, UINT32_MAX); !buffer && i;
	     i = next_due(job, NULL, i->writer))
		tell(i, job, &nothing, error = -ENOMEM_);
	if (!buffer)
		return error;
	for (struct ex_profile_image *i = next_due(job, NULL, UINT32_MAX); i; i = next_due(job, NULL, i->writer)) {
		i->file = ex_profile_file_of(i);
		if (!i->file)
			tell(i, job, &nothing, error = -E2BIG_);
	}
	for (struct ex_profile_image *i = next_due(job, NULL, UINT32_MAX); i; i = next_due(job, NULL, i->writer)) {
		struct ex_profile_file *file = i->file;
		if (!file)
			continue;
		int is_first = 1; /* of those that share the file */
		for (struct ex_profile_image *k = next_due(job, file, UINT32_MAX); k;
		     k = next_due(job, file, k->writer))
			is_first &= k->writer <= i->writer;
		if (!is_first)
			continue;
		now = write_file(file, job, buffer);
		error = now ? now : error;
		file->has_final |= !is_snapshot(job->point) && !file->error;
	}
	for (struct ex_profile_image *i = ex_profile_next(NULL); i && !is_snapshot(job->point); i = ex_profile_next(i))
		i->is_final |= is_due(i, job) && i->is_written;
	ex_os_unmap(buffer, BUFFER_BYTES);
	return error;
}

static int run(const struct job *job, uint32_t self)
{
	if (!lock(self))
		return -EBUSY_;
	int error = salvage(job);
	__atomic_store_n(&holder, 0, __ATOMIC_RELEASE);
	return error;
}

/* a child's counters began as a copy of its parent's, which writes them itself: only a child that runs its handlers has a
 * profile of its own, as the runtime has it */
static int is_copy_of_parent(int point)
{
	return ex_image.is_fork_child && (point == EX_point_DEATH || is_snapshot(point));
}

static void run_here(const struct job *job)
{
	if (ex_image_is_borrowed() || ex_image.is_copy || is_copy_of_parent(job->point) || ex_os_is_sealed())
		return;
	/* a signal that ends the process would find this thread at it, and could only leave it half done */
	uint64_t before = ex_os_block_signals_but(EX_FAULT_SIGNALS);
	int was_inside = !ex_enter();
	ex_self.is_salvaging++;
	run(job, ex_thread_tid());
	ex_self.is_salvaging--;
	if (!was_inside)
		ex_leave();
	ex_os_restore_signals(before);
}

void ex_salvage(int point)
{
	struct job job = {point, 0, 0};
	run_here(&job);
}

void ex_salvage_writer(uint32_t id)
{
	struct job job = {EX_point_WRITER, 0, id};
	run_here(&job);
}

int ex_salvage_is_done(uint32_t id)
{
	for (struct ex_profile_image *i = ex_profile_next(NULL); i; i = ex_profile_next(i))
		if (i->writer == id)
			return i->is_final;
	return 0;
}

int ex_salvage_aside(int point)
{
	struct job job = {point, 1, 0};
	return run(&job, COMPANION);
}
