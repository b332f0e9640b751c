/*
 * orc.c: functions made by LLVM's LLJIT, through its C interface; each has a resource tracker, and goes with it. See stress.h.
 */
#include "stress.h"

#include <llvm-c/Core.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/Orc.h>
#include <llvm-c/Target.h>
#include <stdio.h>
#include <stdlib.h>

static LLVMOrcLLJITRef jit;

static void check(LLVMErrorRef error)
{
	if (!error)
		return;
	fprintf(stderr, "orc: %s\n", LLVMGetErrorMessage(error));
	exit(99);
}

static LLVMModuleRef module_of(LLVMContextRef context, const char *name, long result)
{
	LLVMModuleRef module = LLVMModuleCreateWithNameInContext(name, context);
	LLVMTypeRef type = LLVMInt64TypeInContext(context);
	LLVMValueRef f = LLVMAddFunction(module, name, LLVMFunctionType(type, &type, 1, 0));
	LLVMBasicBlockRef entry = LLVMAppendBasicBlockInContext(context, f, "entry");
	LLVMBasicBlockRef again = LLVMAppendBasicBlockInContext(context, f, "again");
	LLVMBasicBlockRef end = LLVMAppendBasicBlockInContext(context, f, "end");
	LLVMBuilderRef builder = LLVMCreateBuilderInContext(context);
	LLVMPositionBuilderAtEnd(builder, entry);
	LLVMBuildBr(builder, again);
	LLVMPositionBuilderAtEnd(builder, again);
	LLVMValueRef left = LLVMBuildPhi(builder, type, "left");
	LLVMValueRef next = LLVMBuildSub(builder, left, LLVMConstInt(type, 1, 0), "next");
	LLVMValueRef more = LLVMBuildICmp(builder, LLVMIntSGT, next, LLVMConstInt(type, 0, 0), "more");
	LLVMBuildCondBr(builder, more, again, end);
	LLVMAddIncoming(left, (LLVMValueRef[]){LLVMGetParam(f, 0), next}, (LLVMBasicBlockRef[]){entry, again}, 2);
	LLVMPositionBuilderAtEnd(builder, end);
	LLVMBuildRet(builder, LLVMConstInt(type, (unsigned long long)result, 1));
	LLVMDisposeBuilder(builder);
	return module;
}

function *compile(long result, void **code)
{
	static int count;
	char name[32];
	LLVMOrcExecutorAddress address;
	if (!jit) {
		LLVMInitializeNativeTarget();
		LLVMInitializeNativeAsmPrinter();
		check(LLVMOrcCreateLLJIT(&jit, LLVMOrcCreateLLJITBuilder()));
	}
	snprintf(name, sizeof(name), "f%d", ++count);
	LLVMOrcThreadSafeContextRef context = LLVMOrcCreateNewThreadSafeContext();
	LLVMModuleRef module = module_of(LLVMOrcThreadSafeContextGetContext(context), name, result);
	LLVMOrcThreadSafeModuleRef safe = LLVMOrcCreateNewThreadSafeModule(module, context);
	LLVMOrcDisposeThreadSafeContext(context);
	LLVMOrcResourceTrackerRef tracker = LLVMOrcJITDylibCreateResourceTracker(LLVMOrcLLJITGetMainJITDylib(jit));
	check(LLVMOrcLLJITAddLLVMIRModuleWithRT(jit, tracker, safe));
	check(LLVMOrcLLJITLookup(jit, &address, name));
	*code = tracker;
	return (function *)address;
}

void release(void *code)
{
	check(LLVMOrcResourceTrackerRemove(code));
}

void drop(void *code)
{
	LLVMOrcReleaseResourceTracker(code);
}
