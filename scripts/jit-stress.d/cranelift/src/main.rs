//! cranelift-stress MODE [PROVIDER [THREADS [MODULES [DELAY_MS]]]]: threads that each make modules of one function with
//! cranelift-jit, and one function whose module goes while its pointer lives on.
//!
//! PROVIDER: system (cranelift-jit's default), arena. MODE, of the one module:
//!   stale    freed (`free_memory`) by a thread of its own while the others make theirs, then called
//!   result   freed, then one more module is made, then called: that one has the address, if the provider lets it
//!   dropped  only dropped: cranelift-jit keeps the memory, and all is well
//!   kept     neither
//!   inside   freed while another thread runs in it, and no thread makes any
//! The last line is what the function returned, 42 if all is well, and the end is 0 in any case.
use cranelift_codegen::ir::{condcodes::IntCC, types, AbiParam, InstBuilder};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_jit::{ArenaMemoryProvider, JITBuilder, JITModule};
use cranelift_module::{default_libcall_names, Linkage, Module};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, process, thread, time::Duration};

type Function = extern "C" fn(i64) -> i64;
const ARENA_BYTES: usize = 1 << 20;

/// fn(n) { while n > 0 { n -= 1 } return result + n }
fn compile(arena: bool, result: i64) -> (JITModule, Function) {
    let mut flags = settings::builder();
    flags.set("opt_level", "none").unwrap();
    let isa = cranelift_native::builder().unwrap().finish(settings::Flags::new(flags)).unwrap();
    let mut builder = JITBuilder::with_isa(isa, default_libcall_names());
    if arena {
        builder.memory_provider(Box::new(ArenaMemoryProvider::new_with_size(ARENA_BYTES).unwrap()));
    }
    let mut module = JITModule::new(builder);
    let mut context = module.make_context();
    context.func.signature.params.push(AbiParam::new(types::I64));
    context.func.signature.returns.push(AbiParam::new(types::I64));
    let mut shared = FunctionBuilderContext::new();
    let mut code = FunctionBuilder::new(&mut context.func, &mut shared);
    let (entry, again, end) = (code.create_block(), code.create_block(), code.create_block());
    code.append_block_params_for_function_params(entry);
    let left = code.append_block_param(again, types::I64);
    code.switch_to_block(entry);
    let count = code.block_params(entry)[0];
    code.ins().jump(again, &[count.into()]);
    code.switch_to_block(again);
    let (minus, zero) = (code.ins().iconst(types::I64, -1), code.ins().iconst(types::I64, 0));
    let next = code.ins().iadd(left, minus);
    let more = code.ins().icmp(IntCC::SignedGreaterThan, left, zero);
    code.ins().brif(more, again, &[next.into()], end, &[]);
    code.switch_to_block(end);
    let value = code.ins().iconst(types::I64, result);
    code.ins().return_(&[value]);
    code.seal_all_blocks();
    #[cfg(feature = "before-0-130")]
    code.finalize();
    #[cfg(not(feature = "before-0-130"))]
    code.finalize(module.target_config());
    let id = module.declare_function("f", Linkage::Export, &context.func.signature).unwrap();
    module.define_function(id, &mut context).unwrap();
    module.finalize_definitions().unwrap();
    let pointer = module.get_finalized_function(id);
    (module, unsafe { std::mem::transmute::<*const u8, Function>(pointer) })
}

/// what threads do meanwhile; the modules live on
fn compile_many(arena: bool, thread: usize, modules: usize) {
    for number in 0..modules {
        let result = (1000 * (thread + 1) + number) as i64;
        let (module, function) = compile(arena, result);
        if function(3) != result {
            println!("thread {thread}: module {number} returned another function's result");
        }
        std::mem::forget(module);
    }
}

#[inline(never)]
fn end_module(module: JITModule, mode: &str) {
    match mode {
        "dropped" => drop(module),
        "kept" => std::mem::forget(module),
        _ => unsafe { module.free_memory() },
    }
}

#[inline(never)]
fn call_old(function: usize, count: i64) -> i64 {
    let function: Function = unsafe { std::mem::transmute(function) };
    std::hint::black_box(function(count))
}

fn main() {
    let words: Vec<String> = env::args().collect();
    let word = |n: usize, other: &str| words.get(n).cloned().unwrap_or(other.to_string());
    let number = |n: usize, other: &str| word(n, other).parse::<usize>().unwrap_or_else(|_| usage());
    let (mode, arena) = (word(1, ""), word(2, "system") == "arena");
    let (threads, modules, delay) = (number(3, "4"), number(4, "20"), number(5, "5") as u64);
    if !["stale", "result", "dropped", "kept", "inside"].contains(&mode.as_str()) || words.len() > 6 {
        usage();
    }
    let (module, function) = compile(arena, 42);
    assert_eq!(function(3), 42);
    let old = function as usize;
    let ended = AtomicUsize::new(0);
    let result = thread::scope(|scope| {
        let inside = (mode == "inside").then(|| scope.spawn(move || call_old(old, 1 << 30)));
        if mode == "result" {
            end_module(module, &mode);
            std::mem::forget(compile(arena, 7));
            return call_old(old, 3);
        }
        for thread in 0..if mode == "inside" { 0 } else { threads } {
            scope.spawn(move || compile_many(arena, thread, modules));
        }
        let (ended, mode) = (&ended, &mode);
        scope.spawn(move || {
            thread::sleep(Duration::from_millis(delay));
            end_module(module, mode);
            ended.store(1, Ordering::Release);
        });
        while ended.load(Ordering::Acquire) == 0 {
            thread::yield_now();
        }
        inside.map(|thread| thread.join().unwrap()).unwrap_or_else(|| call_old(old, 3))
    });
    println!("the old function returned {result}");
}

fn usage() -> ! {
    eprintln!("usage: cranelift-stress stale|result|dropped|kept|inside [system|arena [THREADS [MODULES [DELAY_MS]]]]");
    process::exit(2)
}
