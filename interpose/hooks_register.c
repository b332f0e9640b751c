/*
 * hooks_register.c: every way to register an exit handler. The real function gets our own entry with our record as its
 * argument; where a list passes no argument (at_quick_exit, pthread keys) the record is found by order or by thunk.
 */
#include "arch/arch.h"
#include "handler.h"
#include "image.h"
#include "place.h"
#include "real.h"
#include "stream.h"
#include "thread.h"
#include "writer.h"

#define EAGAIN_ 11
#define CALLER ((uintptr_t)__builtin_return_address(0))

/* glibc's exit list, since before 2.17, gives the status as a second argument also to handlers that take only one */
static void run(void *arg, int status)
{
	struct ex_handler *h = arg;
	ex_handler_exit_unseen(status);
	int outcome = ex_handler_run(h, h->arg, status);
	if (!h->is_writer && outcome != EX_outcome_of_handler_DEFERRED)
		ex_handler_free(h); /* libc calls each once; a plugin may come and go for years */
}

EX_EXPORT int __cxa_atexit(void (*fn)(void *), void *arg, void *dso)
{
	ex_image_ready();
	int is_writer = ex_self.asked_for_sites;
	ex_self.asked_for_sites = 0;
	if (!ex_real.__cxa_atexit)
		return -1;
	struct ex_handler *h =
		ex_is_inside() ? NULL : ex_handler_new(EX_handler_ATEXIT, (uintptr_t)fn, arg, dso, CALLER);
	if (!h)
		return ex_real.__cxa_atexit(fn, arg, dso);
	if (is_writer)
		ex_writer_found(h);
	return ex_real.__cxa_atexit((void (*)(void *))(void (*)(void))run, h, dso);
}

static void run_on_exit(int status, void *arg)
{
	struct ex_handler *h = arg;
	ex_handler_exit_unseen(status);
	ex_handler_run(h, h->arg, status);
}

EX_EXPORT int on_exit(void (*fn)(int, void *), void *arg)
{
	ex_image_ready();
	if (!ex_real.on_exit)
		return -1;
	struct ex_handler *h = ex_handler_new(EX_handler_ON_EXIT, (uintptr_t)fn, arg, NULL, CALLER);
	return h ? ex_real.on_exit(run_on_exit, h) : ex_real.on_exit(fn, arg);
}

/* glibc keeps no argument with these, and runs them strictly last in, first out: so do we */
#define QUICK 1024
static struct ex_handler *quick[QUICK] EX_TABLE;
static int quick_count;

static void run_quick(void *unused)
{
	int i = __atomic_sub_fetch(&quick_count, 1, __ATOMIC_ACQ_REL);
	(void)unused;
	if (i >= 0)
		ex_handler_run(quick[i], NULL, 0);
}

EX_EXPORT int __cxa_at_quick_exit(void (*fn)(void *), void *dso)
{
	ex_image_ready();
	if (!ex_real.__cxa_at_quick_exit)
		return -1;
	struct ex_handler *h = NULL;
	if (quick_count < QUICK)
		h = ex_handler_new(EX_handler_QUICK_EXIT, (uintptr_t)fn, NULL, dso, CALLER);
	if (!h)
		return ex_real.__cxa_at_quick_exit(fn, dso);
	int i = __atomic_fetch_add(&quick_count, 1, __ATOMIC_ACQ_REL);
	quick[i] = h;
	int error = ex_real.__cxa_at_quick_exit(run_quick, dso);
	if (error)
		__atomic_fetch_sub(&quick_count, 1, __ATOMIC_ACQ_REL);
	return error;
}

void ex_handler_forget_quick(void *dso)
{
	int kept = 0, count = quick_count;
	for (int i = 0; dso && i < count; i++)
		if (quick[i]->dso != dso)
			quick[kept++] = quick[i];
	if (dso && kept < count)
		quick_count = kept;
}

static void run_tls(void *arg)
{
	struct ex_handler *h = arg;
	if (ex_handler_run(h, h->arg, 0) != EX_outcome_of_handler_DEFERRED)
		ex_handler_free(h); /* one record for each object of each thread: used again */
}

EX_EXPORT int __cxa_thread_atexit_impl(void (*fn)(void *), void *obj, void *dso)
{
	ex_image_ready();
	if (!ex_real.__cxa_thread_atexit_impl)
		return -1; /* glibc before 2.18 has none; libstdc++ then falls back to a key of its own */
	struct ex_handler *h = ex_handler_new(EX_handler_TLS_DTOR, (uintptr_t)fn, obj, dso, CALLER);
	return h ? ex_real.__cxa_thread_atexit_impl(run_tls, h, dso) : ex_real.__cxa_thread_atexit_impl(fn, obj, dso);
}

#define NO_KEY ~0u

/* a key's destructor is told the value and not the key, so each gets an entry point of its own */
static struct {
	struct ex_handler *handler;
	unsigned key; /* NO_KEY while it is not certain */
	int is_taken;
} keys[EX_KEY_THUNKS] EX_TABLE;

void ex_key_run(void *value, unsigned index)
{
	struct ex_handler *h = keys[index].handler;
	if (h)
		ex_handler_run(h, value, 0);
}

EX_EXPORT int pthread_key_create(unsigned *key, void (*fn)(void *))
{
	ex_image_ready();
	if (!ex_real.pthread_key_create)
		ex_real_find_late();
	if (!ex_real.pthread_key_create)
		return EAGAIN_; /* glibc before 2.34 without libpthread: only a weak reference can bring a caller here */
	unsigned i = 0;
	while (fn && i < EX_KEY_THUNKS && __atomic_exchange_n(&keys[i].is_taken, 1, __ATOMIC_ACQ_REL))
		i++;
	struct ex_handler *h = NULL;
	if (fn && i < EX_KEY_THUNKS)
		h = ex_handler_new(EX_handler_KEY_DTOR, (uintptr_t)fn, NULL, NULL, CALLER);
	if (!h)
		return ex_real.pthread_key_create(key, fn);
	keys[i].key = NO_KEY;
	keys[i].handler = h;
	int error = ex_real.pthread_key_create(key, (void (*)(void *))(ex_key_thunks + i * EX_THUNK_BYTES));
	if (!error)
		keys[i].key = *key;
	else
		__atomic_store_n(&keys[i].is_taken, 0, __ATOMIC_RELEASE);
	return error;
}

EX_EXPORT int pthread_key_delete(unsigned key)
{
	if (!ex_real.pthread_key_delete)
		return EAGAIN_;
	/* looked for first: once it is deleted, another thread may get the same number with another slot */
	unsigned i = 0;
	while (i < EX_KEY_THUNKS && !(keys[i].is_taken && keys[i].key == key))
		i++;
	int error = ex_real.pthread_key_delete(key);
	if (!error && i < EX_KEY_THUNKS) {
		keys[i].key = NO_KEY; /* the record stays: a thread may be on its way into the destructor */
		__atomic_store_n(&keys[i].is_taken, 0, __ATOMIC_RELEASE);
	}
	return error;
}

EX_EXPORT char *getenv(const char *name)
{
	static const char asked[] = "LLVM_VP_MAX_NUM_VALS_PER_SITE";
	ex_image_ready();
	/* read in the runtime's initializer, right before it registers its writer: lprofSetupValueProfiler, 14 to 22 */
	if (name && name[0] == 'L' && ex_same(name, asked))
		ex_self.asked_for_sites = 1;
	/* its first question, also where it will not register a writer (%c: the file is mapped) */
	if (name && name[0] == 'L' && ex_same(name, "LLVM_PROFILE_FILE") && ex_enter()) {
		ex_writer_image(CALLER);
		ex_leave();
	}
	return ex_real.getenv ? ex_real.getenv(name) : NULL;
}
