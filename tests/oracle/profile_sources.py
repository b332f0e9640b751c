"""profile_sources.py: random C, C++ and Rust for profile_programs.py, and how each is compiled. Never run: only their profile
records matter, so a function is a handful of branches, loops, indirect calls and copies of unknown length."""

# instrumentation by what understands it
OF_ALL = (["-fprofile-generate"], ["-fprofile-generate"], ["-fprofile-instr-generate"],
          ["-fprofile-instr-generate", "-fcoverage-mapping"], ["-fcs-profile-generate"],
          ["-fprofile-generate", "-mllvm", "-vp-static-alloc=false"], ["-fprofile-generate", "-mllvm", "-disable-vp=true"],
          ["-fprofile-generate", "-mllvm", "-enable-name-compression=false"], ["-fprofile-generate", "-fprofile-update=atomic"],
          ["-fprofile-instr-generate", "-mllvm", "-runtime-counter-relocation"])
OF_NEWER = (["-fprofile-instr-generate", "-fcoverage-mapping", "-fcoverage-mcdc"],
            ["-fprofile-instr-generate", "-fcoverage-mapping", "-fcoverage-mcdc"],
            ["-fprofile-generate", "-mllvm", "-pgo-temporal-instrumentation"],
            ["-fprofile-generate", "-mllvm", "-enable-vtable-value-profiling"],
            ["-fprofile-generate", "-mllvm", "-sampled-instrumentation"])
BYTES_OF_ALL = (["-fprofile-generate", "-mllvm", "-pgo-function-entry-coverage"],)
BYTES_OF_NEWER = (["-fprofile-generate", "-mllvm", "-pgo-block-coverage"],
                  ["-fprofile-instr-generate", "-fcoverage-mapping", "-mllvm", "-enable-single-byte-coverage"])
# no records: gcc's own instrumentation, and what LLVM keeps in debug information only
NONE_OF_GCC = ([], [], ["--coverage"])
NONE_OF_CLANG = ([], ["-fprofile-instr-generate", "-g", "-mllvm", "-profile-correlate=debug-info"])

HEAD = """typedef unsigned long size_t;
extern volatile int {p}_sink;
volatile int {p}_sink;
extern char {p}_from[4096], {p}_to[4096];
char {p}_from[4096], {p}_to[4096];
static int {p}_plus(int x) {{ return x + 1; }}
static int {p}_minus(int x) {{ return x ? x - 1 : 9; }}
int (*volatile {p}_calls[2])(int) = {{{p}_plus, {p}_minus}};
"""


def statement(rng, prefix, depth):
    kind = rng.randrange(7 if depth < 2 else 4)
    inner = lambda: "".join(statement(rng, prefix, depth + 1) for _ in range(rng.randint(1, 2)))
    if kind == 0:
        return f"{prefix}_sink += x * {rng.randrange(99)};"
    if kind == 1:
        return f"x += {prefix}_calls[x & 1](x);"
    if kind == 2:
        return f"__builtin_memcpy({prefix}_to, {prefix}_from, (size_t)(x & {rng.choice((7, 63, 1023))}));"
    if kind == 3:
        return f"x = x > {rng.randrange(99)} ? x ^ {rng.randrange(99)} : {prefix}_sink;"
    if kind == 4:
        test = rng.choice((f"x & {1 << rng.randrange(5)}", f"(x > {rng.randrange(9)} && y < {rng.randrange(9)}) || {prefix}_sink"))
        return f"if ({test}) {{ {inner()} }}" + (f" else {{ {inner()} }}" if rng.randrange(2) else "")
    if kind == 5:
        return f"for (int i = 0; i < (x & 15); i++) {{ {inner()} }}"
    cases = "".join(f"case {n}: {prefix}_sink += {n}; break;" for n in range(rng.randint(1, 9)))
    return f"switch (x % 11) {{ {cases} default: {inner()} }}"


def c_unit(rng, prefix, functions, is_cxx):
    text = HEAD.format(p=prefix)
    symbols = []
    linkage = 'extern "C" ' if is_cxx else ""
    shared = sorted(rng.sample(range(40), rng.randint(0, 8))) if is_cxx else []
    # the same in every C++ object, whoever compiled it: the linker keeps one
    for n in shared:
        text += f"inline int shared_{n}(int x) {{ for (int i = 0; i < {n}; i++) if (x & i) x ^= {n}; return x; }}\n"
        text += f"template <int N> int counted_{n}(int x) {{ return x > N ? counted_{n}<(N > 0 ? N - 1 : 0)>(x - 1) : x; }}\n"
    for n in range(functions):
        body = "".join(statement(rng, prefix, 0) for _ in range(rng.choice((0, 1)) if functions > 300 else rng.randint(0, 4)))
        if n and functions <= 40 and rng.randrange(3) == 0:
            body += f"x += {prefix}_f{rng.randrange(n)}(x, y);"
        if shared and rng.randrange(2) == 0:
            body += f"x += shared_{rng.choice(shared)}(x) + counted_{rng.choice(shared)}<{rng.randrange(3)}>(y);"
        storage = rng.choice(("", "", "", "static inline " if not is_cxx else "static ", "__attribute__((weak)) "))
        if not storage.startswith("static"):
            symbols.append(f"{prefix}_f{n}")
            storage = linkage + storage
        text += f"{storage}int {prefix}_f{n}(int x, int y)\n{{ (void)y; {body} return x; }}\n"
    return text, symbols


def rust_functions(rng, prefix, functions):
    text, symbols = "", []
    for n in range(functions):
        lines = [f"let mut x = x; static mut S{n}: u32 = 0;"]
        for _ in range(rng.randint(0, 5)):
            k = rng.randrange(1, 99)
            lines.append(rng.choice((
                f"if x & {k} == {k} {{ x = x.wrapping_mul({k}); }} else {{ x ^= {k}; }}",
                f"let mut i = 0u32; while i < (x & 7) {{ x = x.wrapping_add(i ^ {k}); i = i.wrapping_add(1); }}",
                f"x = match x & 3 {{ 0 => {k}, 1 => x >> 1, _ => !x }};",
                f"unsafe {{ S{n} = S{n}.wrapping_add(x); }}",
                f"x = generic(x, {k}u{rng.choice((8, 16, 32, 64))});")))
        text += f"#[no_mangle] pub extern \"C\" fn {prefix}_f{n}(x: u32) -> u32 {{ {' '.join(lines)} x }}\n"
        symbols.append(f"{prefix}_f{n}")
    text += "fn generic<T: Copy + PartialEq>(x: u32, t: T) -> u32 { let u = t; if u == t { x.rotate_left(3) } else { 1 } }\n"
    return text, symbols


def rust_program(rng):
    functions = rng.randint(1, 30)
    text, symbols = rust_functions(rng, "own", functions)
    calls = "".join(f"x = {symbol}(x);" for symbol in symbols)
    return f"#![allow(warnings)]\n{text}fn main() {{ let mut x = 1u32; {calls} println!(\"{{}}\", vec![x; 3].iter().sum::<u32>()); }}\n"


def unit(rng, number, compiler, is_byte, functions):
    prefix = f"o{number}"
    out = {"compiler": compiler, "object": f"pool/{prefix}.o", "is_byte": is_byte, "is_pic": True, "functions": functions,
           "is_big": functions > 300, "is_instrumented": compiler != "gcc"}
    level = rng.choice(("0", "1", "2", "3") if functions < 100 else ("0", "1"))  # inlining would take its time
    if compiler == "rustc":
        text, out["symbols"] = rust_functions(rng, prefix, functions)
        out["text"] = f"#![no_std]\n#![allow(warnings)]\n{text}"
        out["source"] = f"pool/{prefix}.rs"
        out["command"] = ["rustc", "--crate-type=lib", "--emit=obj", "-Cpanic=abort", f"-Copt-level={level}", "-Ccodegen-units=1",
                          f"-Cmetadata={number}", *rng.choice((["-Cprofile-generate=."], ["-Cinstrument-coverage"], ["-Cprofile-generate=.", "-g"])),
                          "-o", out["object"], out["source"]]
        return out
    is_cxx = rng.randrange(3) == 0
    text, out["symbols"] = c_unit(rng, prefix, functions, is_cxx)
    out["text"], out["source"] = text, f"pool/{prefix}.{'cc' if is_cxx else 'c'}"
    out["is_pic"] = is_byte or rng.randrange(6) != 0
    if compiler == "gcc":
        flags = rng.choice(NONE_OF_GCC)
    elif functions == 0:
        flags, out["is_instrumented"] = rng.choice(NONE_OF_CLANG if compiler != "clang-14" else NONE_OF_CLANG[:1]), False
    elif is_byte:
        flags = rng.choice(BYTES_OF_ALL if compiler == "clang-14" else BYTES_OF_ALL + BYTES_OF_NEWER)
    else:
        flags = rng.choice(OF_ALL if compiler == "clang-14" else OF_ALL + OF_NEWER)
    if "-fcs-profile-generate" in flags and level == "0":
        level = "1"  # that pass runs behind the inliner only
    more = [flag for flag, odds in (("-g", 3), ("-ffunction-sections", 2), ("-fdata-sections", 4), ("-fno-asynchronous-unwind-tables", 6))
            if rng.randrange(odds) == 0]
    out["command"] = [compiler.replace("gcc", "g++" if is_cxx else "gcc"), "-w", "-c", f"-O{level}", "-fPIC" if out["is_pic"] else "-fno-pic",
                      *(["-fno-exceptions", "-fno-rtti"] if is_cxx else []), *flags, *more, "-o", out["object"], out["source"]]
    return out


def units(rng, compilers):
    out = []
    for compiler in compilers:
        sizes = [1] * 6 + [rng.randint(2, 30) for _ in range(30 if compiler != "gcc" else 10)]
        sizes += [rng.randint(40, 200) for _ in range(5)] + [rng.randint(800, 2500) for _ in range(2)] if compiler != "gcc" else []
        for functions in sizes:
            out.append(unit(rng, len(out), compiler, False, functions))
        if compiler.startswith("clang"):
            for functions in [1] * 2 + [rng.randint(2, 30) for _ in range(10)]:
                out.append(unit(rng, len(out), compiler, True, functions))
            for _ in range(5):
                out.append(unit(rng, len(out), compiler, False, 0))
    return out
