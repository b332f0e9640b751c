/*
 * gcc.c: functions made by libgccjit: a shared library in the temporary folder for each, opened with dlopen. See stress.h.
 */
#include "stress.h"

#include <libgccjit.h>
#include <stdlib.h>

struct code {
	gcc_jit_context *context;
	gcc_jit_result *result;
};

function *compile(long result, void **code)
{
	struct code *made = malloc(sizeof(*made));
	gcc_jit_context *context = gcc_jit_context_acquire();
	gcc_jit_type *type = gcc_jit_context_get_type(context, GCC_JIT_TYPE_LONG);
	gcc_jit_param *param = gcc_jit_context_new_param(context, NULL, type, "count");
	gcc_jit_function *f =
		gcc_jit_context_new_function(context, NULL, GCC_JIT_FUNCTION_EXPORTED, type, "f", 1, &param, 0);
	gcc_jit_block *entry = gcc_jit_function_new_block(f, "entry"), *again = gcc_jit_function_new_block(f, "again");
	gcc_jit_block *end = gcc_jit_function_new_block(f, "end");
	gcc_jit_rvalue *zero = gcc_jit_context_zero(context, type), *left = gcc_jit_param_as_rvalue(param);
	gcc_jit_block_end_with_jump(entry, NULL, again);
	gcc_jit_block_add_assignment_op(again, NULL, gcc_jit_param_as_lvalue(param), GCC_JIT_BINARY_OP_MINUS,
					gcc_jit_context_one(context, type));
	gcc_jit_block_end_with_conditional(again, NULL,
					   gcc_jit_context_new_comparison(context, NULL, GCC_JIT_COMPARISON_GT, left,
									  zero),
					   again, end);
	gcc_jit_block_end_with_return(end, NULL, gcc_jit_context_new_rvalue_from_long(context, type, result));
	made->context = context;
	made->result = gcc_jit_context_compile(context);
	*code = made;
	function *address = made->result ? (function *)gcc_jit_result_get_code(made->result, "f") : NULL;
	if (!address)
		abort();
	return address;
}

void release(void *code)
{
	gcc_jit_result_release(((struct code *)code)->result);
}

void drop(void *code)
{
	gcc_jit_context_release(((struct code *)code)->context);
}
