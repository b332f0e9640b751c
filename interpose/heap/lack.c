/*
 * lack.c: what stands in for a function that no object behind us has. Of C's only those that an old libc lacks matter.
 * Operators are missing until a C++ runtime comes (a plugin brings it), and for a program that only asks whether they are
 * there (weak references): then they do what the standard says that the default ones do.
 */
#include "real.h"
#include "table.h"

#define ENOMEM_ 12

static void *none(void)
{
	*ex_errno() = ENOMEM_;
	return NULL;
}

/* every libc has these, and what asks for them is linked with one */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#define NO_MEMORY(name, params)                                                                                        \
	void *ex_lack_##name params                                                                                    \
	{                                                                                                              \
		return none();                                                                                         \
	}
NO_MEMORY(malloc, (size_t bytes))
NO_MEMORY(calloc, (size_t count, size_t bytes))
NO_MEMORY(realloc, (void *block, size_t bytes))
NO_MEMORY(aligned_alloc, (size_t alignment, size_t bytes))
NO_MEMORY(memalign, (size_t alignment, size_t bytes))
NO_MEMORY(valloc, (size_t bytes))
NO_MEMORY(pvalloc, (size_t bytes))

int ex_lack_posix_memalign(void **block, size_t alignment, size_t bytes)
{
	return ENOMEM_;
}

size_t ex_lack_malloc_usable_size(void *block)
{
	return 0;
}

void ex_lack_free(void *block)
{
}
#pragma GCC diagnostic pop

void ex_lack_cfree(void *block)
{
	ex_wrap_free(block);
}

/* glibc before 2.26 */
void *ex_lack_reallocarray(void *block, size_t count, size_t bytes)
{
	size_t all;
	return __builtin_mul_overflow(count, bytes, &all) ? none() : ex_wrap_realloc(block, all);
}

/* the forms that throw must not return NULL, and without a C++ runtime nobody can throw */
static void *not_null(void *block)
{
	if (!block)
		abort();
	return block;
}

static void *aligned(size_t bytes, size_t alignment)
{
	void *block;
	return ex_wrap_posix_memalign(&block, alignment < sizeof(block) ? sizeof(block) : alignment, bytes) ? NULL
													    : block;
}

/* the real one if it has come by now, else what the default one does */
#define LATE(name, args, instead)                                                                                      \
	{                                                                                                              \
		ex_heap_find_late();                                                                                   \
		return ex_heap_real.p_##name != ex_lack_##name ? ex_heap_real.p_##name args : (instead);               \
	}

void *ex_lack__Znwm(size_t bytes) LATE(_Znwm, (bytes), not_null(ex_wrap_malloc(bytes ? bytes : 1))) void *ex_lack__Znam(
	size_t bytes) LATE(_Znam, (bytes), ex_wrap__Znwm(bytes)) void *ex_lack__ZnwmRKSt9nothrow_t(size_t bytes,
												   const void *nothrow)
	LATE(_ZnwmRKSt9nothrow_t, (bytes, nothrow), ex_wrap_malloc(bytes ? bytes : 1)) void *ex_lack__ZnamRKSt9nothrow_t(
		size_t bytes,
		const void *nothrow) LATE(_ZnamRKSt9nothrow_t, (bytes, nothrow),
					  ex_wrap__ZnwmRKSt9nothrow_t(
						  bytes, nothrow)) void *ex_lack__ZnwmSt11align_val_t(size_t bytes,
												      size_t alignment)
		LATE(_ZnwmSt11align_val_t, (bytes, alignment), not_null(aligned(bytes, alignment))) void *ex_lack__ZnamSt11align_val_t(size_t bytes, size_t alignment) LATE(
			_ZnamSt11align_val_t, (bytes, alignment),
			ex_wrap__ZnwmSt11align_val_t(
				bytes,
				alignment)) void *ex_lack__ZnwmSt11align_val_tRKSt9nothrow_t(size_t bytes, size_t alignment,
											     const void *nothrow)
			LATE(_ZnwmSt11align_val_tRKSt9nothrow_t, (bytes, alignment, nothrow), aligned(bytes, alignment)) void *ex_lack__ZnamSt11align_val_tRKSt9nothrow_t(
				size_t bytes, size_t alignment,
				const void *nothrow) LATE(_ZnamSt11align_val_tRKSt9nothrow_t,
							  (bytes, alignment, nothrow),
							  ex_wrap__ZnwmSt11align_val_tRKSt9nothrow_t(
								  bytes, alignment, nothrow))

				void ex_lack__ZdlPv(void *block) LATE(_ZdlPv, (block), ex_wrap_free(block)) void ex_lack__ZdaPv(void *block) LATE(
					_ZdaPv,
					(block),
					ex_wrap__ZdlPv(block)) void ex_lack__ZdlPvm(void *block,
										    size_t bytes) LATE(_ZdlPvm,
												       (block, bytes),
												       ex_wrap__ZdlPv(
													       block)) void ex_lack__ZdaPvm(void *block, size_t bytes)
					LATE(_ZdaPvm, (block, bytes), ex_wrap__ZdaPv(block)) void ex_lack__ZdlPvRKSt9nothrow_t(
						void *block,
						const void *
							nothrow) LATE(_ZdlPvRKSt9nothrow_t, (block, nothrow),
								      ex_wrap__ZdlPv(
									      block)) void ex_lack__ZdaPvRKSt9nothrow_t(void *block, const void *nothrow)
						LATE(_ZdaPvRKSt9nothrow_t, (block, nothrow), ex_wrap__ZdaPv(block)) void ex_lack__ZdlPvSt11align_val_t(
							void *block,
							size_t alignment) LATE(_ZdlPvSt11align_val_t,
									       (block, alignment),
									       ex_wrap_free(
										       block)) void ex_lack__ZdaPvSt11align_val_t(void *block,
																  size_t alignment)
							LATE(_ZdaPvSt11align_val_t, (block, alignment),
							     ex_wrap__ZdlPvSt11align_val_t(
								     block,
								     alignment)) void ex_lack__ZdlPvmSt11align_val_t(void *block,
														     size_t bytes,
														     size_t alignment)
								LATE(_ZdlPvmSt11align_val_t, (block, bytes, alignment),
								     ex_wrap__ZdlPvSt11align_val_t(
									     block,
									     alignment)) void ex_lack__ZdaPvmSt11align_val_t(void *block,
															     size_t bytes,
															     size_t alignment)
									LATE(_ZdaPvmSt11align_val_t,
									     (block, bytes, alignment),
									     ex_wrap__ZdaPvSt11align_val_t(
										     block,
										     alignment)) void ex_lack__ZdlPvSt11align_val_tRKSt9nothrow_t(void *block,
																		  size_t alignment,
																		  const void
																			  *nothrow)
										LATE(_ZdlPvSt11align_val_tRKSt9nothrow_t,
										     (block, alignment, nothrow),
										     ex_wrap__ZdlPvSt11align_val_t(
											     block,
											     alignment)) void ex_lack__ZdaPvSt11align_val_tRKSt9nothrow_t(void *block,
																			  size_t alignment,
																			  const void
																				  *nothrow)
											LATE(_ZdaPvSt11align_val_tRKSt9nothrow_t,
											     (block, alignment,
											      nothrow),
											     ex_wrap__ZdaPvSt11align_val_t(
												     block, alignment))
