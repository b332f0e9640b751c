/*
 * materialize FILE.bc [THREADS [ROUNDS]]: what Julia does when it writes a system or package image with several
 * threads (add_output in its aotcompile.cpp), without Julia. Each thread reads the same bitcode into a context of its
 * own, lazily, and then materializes every function. Nothing is freed before all have finished, as there, where each
 * still has to optimize and emit its module.
 *
 * All it does is malloc: small blocks, in as many arenas of glibc as there are threads.
 */
#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/Error.h>
#include <llvm/Support/MemoryBuffer.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

struct Part {
	std::unique_ptr<llvm::LLVMContext> context;
	std::unique_ptr<llvm::Module> module; // goes before its context
};

static size_t materialize(llvm::MemoryBufferRef bitcode, unsigned rounds, std::vector<Part> &parts)
{
	size_t instructions = 0;
	for (unsigned n = 0; n < rounds; n++) {
		Part part;
		part.context = std::make_unique<llvm::LLVMContext>();
		part.context->setDiscardValueNames(true);
		part.module = llvm::cantFail(llvm::getLazyBitcodeModule(bitcode, *part.context));
		llvm::cantFail(part.module->materializeAll());
		instructions += part.module->getInstructionCount();
		parts.push_back(std::move(part));
	}
	return instructions;
}

int main(int argc, char **argv)
{
	unsigned thread_count = argc > 2 ? atoi(argv[2]) : 8, rounds = argc > 3 ? atoi(argv[3]) : 1;
	if (argc < 2 || argc > 4 || !thread_count || !rounds) {
		fputs("usage: materialize FILE.bc [THREADS [ROUNDS]]\n", stderr);
		return 2;
	}
	auto file = llvm::MemoryBuffer::getFile(argv[1]);
	if (!file) {
		fprintf(stderr, "materialize: %s: %s\n", argv[1], file.getError().message().c_str());
		return 1;
	}
	std::vector<std::vector<Part>> parts(thread_count);
	std::vector<size_t> counts(thread_count);
	std::vector<std::thread> threads;
	for (unsigned n = 0; n < thread_count; n++)
		threads.emplace_back([&, n] { counts[n] = materialize((*file)->getMemBufferRef(), rounds, parts[n]); });
	for (auto &thread : threads)
		thread.join();
	size_t sum = 0;
	for (size_t count : counts)
		sum += count;
	printf("%zu instructions in %u threads\n", sum, thread_count);
	return 0;
}
