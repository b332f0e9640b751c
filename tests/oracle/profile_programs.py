#!/usr/bin/env python3
"""profile_programs.py [--seed N] [--count N] [--plain N] DIR: random programs whose profile records are known.

Some hundred objects are compiled once, by several compilers and in many ways; each program is a random choice of them,
linked in one of many ways. DIR/truth.json says of each program how many records of which size it has: what the linker's map
says of each object's share of __llvm_prf_data, by the size that the object's compiler is known to write. Nothing of a record
is looked at. The seed is printed, and the same seed gives the same programs."""
import argparse
import concurrent.futures
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys

import profile_sources
import profraw

RECORD_BYTES = {"clang-14": 48, "clang-19": 64, "clang-22": 64, "rustc": 64}
SECTION = "__llvm_prf_data"
# one place in a map: ld.bfd and gold name the section first, lld last
BFD_PLACE = re.compile(r"^ __llvm_prf_data\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+(\S.*)$", re.M)
LLD_PLACE = re.compile(r"^\s*[0-9a-f]+\s+[0-9a-f]+\s+([0-9a-f]+)\s+\d+\s+(\S.*):\(__llvm_prf_data\)$", re.M)

NOT_BFD = ("-Wl,--icf=all", "-Wl,--pack-dyn-relocs=relr", "-Wl,--apply-dynamic-relocs", "-Wl,-z,rodynamic")
NOT_GOLD = ("-Wl,-z,separate-code",)


def runtime_of(compiler):
    found = subprocess.run([compiler, "-print-file-name=libclang_rt.profile-x86_64.a"], stdout=subprocess.PIPE, text=True, check=True)
    return found.stdout.strip() if os.path.exists(found.stdout.strip()) else next(
        str(path) for path in pathlib.Path(subprocess.run([compiler, "-print-resource-dir"], stdout=subprocess.PIPE, text=True,
                                                          check=True).stdout.strip()).rglob("libclang_rt.profile-x86_64.a"))


def linkers():
    """what there is of them; lld under one of its names, or the one that rustc brings"""
    found = {"bfd": [] if shutil.which("ld.bfd") else None, "gold": [] if shutil.which("ld.gold") else None, "lld": None}
    for version in ("", "-22", "-19", "-14"):
        path = shutil.which(f"ld.lld{version}")
        if path and found["lld"] is None:
            found["lld"] = [path]
    return {name: more for name, more in found.items() if more is not None}


class Build:
    def __init__(self, arguments):
        self.folder = pathlib.Path(arguments.folder)
        self.pool_folder = self.folder / "pool"
        self.pool_folder.mkdir(parents=True, exist_ok=True)
        self.random = random.Random(arguments.seed)
        self.compilers = [name for name in ("clang-14", "clang-19", "clang-22", "gcc", "rustc") if shutil.which(name)]
        self.clangs = [name for name in self.compilers if name.startswith("clang")]
        self.runtimes = [runtime_of(name) for name in self.clangs]
        self.linkers = linkers()
        self.truth = {}
        self.run_in(["gcc", "-c", "-fPIC", "-xc", "-", "-o", "pool/main.o"], text="int main(void) { return 0; }\n")
        if "lld" in self.linkers:
            (self.pool_folder / "ld.lld").symlink_to(self.linkers["lld"][0])

    def run_in(self, command, text=None):
        done = subprocess.run(command, cwd=self.folder, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", check=False)
        if done.returncode:
            raise SystemExit(f"profile_programs.py: {' '.join(command)}\n{done.stdout[-2000:]}")
        return done.stdout

    def each(self, work, items):
        with concurrent.futures.ThreadPoolExecutor(2) as threads:
            return list(threads.map(work, items))

    def compile(self, unit):
        if unit.get("text"):
            (self.folder / unit["source"]).write_text(unit["text"])
        self.run_in(unit["command"])
        return unit

    def compile_pool(self):
        units = profile_sources.units(self.random, self.compilers)
        self.pool = self.each(self.compile, units)
        self.owner = {pathlib.Path(unit["object"]).name: unit["compiler"] for unit in self.pool}

    def choose(self, rng, kind):
        """the objects of one program, in link order"""
        fits = [unit for unit in self.pool if unit["is_byte"] == kind.get("is_byte", False) and
                (unit["is_pic"] or kind["is_fixed"])]
        by_size = {size: [unit for unit in fits if unit["is_instrumented"] and RECORD_BYTES[unit["compiler"]] == size]
                   for size in (48, 64)}
        none = [unit for unit in fits if not unit["is_instrumented"]]
        if kind["mix"] == "healthy":
            chosen = rng.sample(by_size[rng.choice((48, 64))], rng.randint(1, 10))
        elif kind["mix"] == "one":
            # one object, a record or a few, among as many as there are
            few, many = rng.sample((48, 64), 2)
            small = sorted(by_size[few], key=lambda unit: unit["functions"])
            chosen = [rng.choice(small[:8])] + rng.sample([unit for unit in by_size[many] if unit["is_big"]] or by_size[many], 1)
            chosen += rng.sample(by_size[many], rng.randint(1, 10))
        elif kind["mix"] == "mixed":
            chosen = rng.sample(by_size[48], rng.randint(1, 8)) + rng.sample(by_size[64], rng.randint(1, 8))
        else:
            chosen = []
        chosen = list({unit["object"]: unit for unit in chosen}.values())
        chosen += rng.sample(none, min(len(none), rng.randint(0, 3) if chosen else rng.randint(1, 6)))
        rng.shuffle(chosen)
        return chosen

    def link_command(self, rng, name, kind, chosen):
        linker = rng.choice(sorted(self.linkers))
        command = ["gcc", "-o", name, f"-Wl,-Map={name}.map", f"-fuse-ld={linker}", "-Bpool"]
        shape = kind["shape"]
        command += {"pie": ["-pie"], "fixed": ["-no-pie"], "shared": ["-shared"], "static": ["-static"]}[shape]
        # nobody calls into these objects, and Rust's want more of core than is there
        command += ["-Wl,--unresolved-symbols=ignore-all"]
        for flag, odds in (("-Wl,--gc-sections", 2), ("-Wl,--build-id=none", 4), ("-Wl,-z,now", 4), ("-Wl,-z,norelro", 6),
                           ("-Wl,-s", 6), ("-Wl,-S", 6), ("-Wl,--build-id=sha1", 4), ("-Wl,-z,separate-code", 6)):
            if rng.randrange(odds) == 0 and (linker != "gold" or flag not in NOT_GOLD):
                command.append(flag)
        if linker != "bfd" and rng.randrange(4) == 0:
            command.append("-Wl,--icf=all")
        if linker == "lld" and shape != "static" and rng.randrange(4) == 0:
            command.append(rng.choice(("-Wl,--pack-dyn-relocs=relr", "-Wl,--apply-dynamic-relocs", "-Wl,-z,rodynamic")))
        # what garbage collection leaves: a random part of the functions
        roots = [symbol for unit in chosen for symbol in unit["symbols"]]
        command += [f"-Wl,-u,{symbol}" for symbol in rng.sample(roots, min(len(roots), rng.randint(0, 12)))]
        objects = [unit["object"] for unit in chosen]
        if len(objects) > 2 and rng.randrange(5) == 0:
            archive, cut = f"{name}.a", rng.randint(1, len(objects) - 1)
            self.run_in(["ar", rng.choice(("rcsD", "rcsDT")), archive, *objects[cut:]])
            objects = objects[:cut] + ["-Wl,--whole-archive", archive, "-Wl,--no-whole-archive"]
        place = rng.randint(0, len(objects))
        command += ([] if shape == "shared" else ["pool/main.o"]) + objects[:place]
        has_runtime = any(unit["is_instrumented"] for unit in chosen) or rng.randrange(4) == 0
        if has_runtime and self.runtimes and rng.randrange(10):
            command += ["-Wl,-u,__llvm_profile_runtime", rng.choice(self.runtimes)]
        return command + objects[place:]

    def places(self, name):
        """of the section in the file: [(object, bytes)]"""
        text = (self.folder / f"{name}.map").read_text(errors="replace")
        os.unlink(self.folder / f"{name}.map")
        if " Out     In      Symbol" in text.split("\n", 1)[0]:
            return [(origin, int(size, 16)) for size, origin in LLD_PLACE.findall(text)]
        head = max(text.find("\nLinker script and memory map"), text.find("\nMemory map"))
        return [(origin, int(size, 16)) for _, size, origin in BFD_PLACE.findall(text, max(head, 0))]

    def note_truth(self, name, command):
        records, total = {48: 0, 64: 0, 72: 0}, 0
        for origin, size in self.places(name):
            member = re.fullmatch(r".*\((.*)\)", origin)
            owner = self.owner.get(pathlib.Path(member[1] if member else origin).name, "rustc")
            if size % RECORD_BYTES[owner]:
                raise SystemExit(f"profile_programs.py: {origin}: {size} bytes are no records of {owner}")
            records[RECORD_BYTES[owner]] += size // RECORD_BYTES[owner]
            total += size
        there = profraw.Elf((self.folder / name).read_bytes()).section_bytes(SECTION)
        if there < total or there > total + 64 * 64:
            raise SystemExit(f"profile_programs.py: {name}: the map has {total} bytes of records, the file {there}")
        self.truth[name] = {"records": records, "unparsed": there - total, "command": " ".join(command)}

    def link(self, item):
        name, kind, seed = item
        rng = random.Random(seed)
        if kind["mix"] == "rust":
            command = self.rust_command(rng, name)
        else:
            command = self.link_command(rng, name, kind, self.choose(rng, kind))
        try:
            self.run_in(command)
        except SystemExit:
            # gold will not have what other compilers put in one COMDAT group, nor lld all that bfd lets pass
            if "-fuse-ld=gold" not in command and "-fuse-ld=lld" not in command:
                raise
            command = ["-fuse-ld=bfd" if word.startswith("-fuse") else word for word in command if word not in NOT_BFD]
            self.run_in(command)
        self.note_truth(name, command)
        strip = rng.choice((None, None, "-s", "-g", "--strip-unneeded"))
        if strip:
            self.run_in(["strip", strip, name])

    def rust_command(self, rng, name):
        """a whole Rust program, with records of its own, and C in an archive, as cargo links them"""
        (self.folder / f"{name}.rs").write_text(profile_sources.rust_program(rng))
        kind = {"is_fixed": False, "mix": rng.choice(("mixed", "healthy", "plain", "one"))}
        chosen = [unit for unit in self.choose(rng, kind) if unit["compiler"] != "rustc"] or [self.pool[0]]
        self.run_in(["ar", "rcsD", f"lib{name}.a", *[unit["object"] for unit in chosen]])
        command = ["rustc", "-o", name, f"-Copt-level={rng.randint(0, 3)}", f"-Clink-arg=-Wl,-Map={name}.map", "-L", ".",
                   f"-lstatic:+whole-archive={name}", "-Clink-arg=-Wl,--unresolved-symbols=ignore-all", f"{name}.rs"]
        command += rng.choice((["-Cprofile-generate=profiles"], ["-Cprofile-generate=profiles"], ["-Cinstrument-coverage"], []))
        command += rng.choice(([], ["-Cstrip=symbols"], ["-Cstrip=debuginfo"], ["-g"]))
        return command + rng.choice(([], ["-Clink-arg=-fuse-ld=bfd"], ["-Crelocation-model=static"]))

    def programs(self, count, plain):
        kinds = []
        for n in range(count):
            shape = self.random.choice(("pie", "pie", "fixed", "shared", "static"))
            mix = self.random.choice(("healthy", "healthy", "mixed", "mixed", "one"))
            kind = {"shape": shape, "mix": mix, "is_fixed": shape in ("fixed", "static"), "is_byte": self.random.randrange(12) == 0}
            if "rustc" in self.compilers and n % 25 == 24:
                kind = {"mix": "rust"}
            kinds.append((f"p{n}", kind))
        for n in range(plain):
            shape = self.random.choice(("pie", "fixed", "shared", "static"))
            kinds.append((f"plain{n}", {"shape": shape, "mix": "plain", "is_fixed": shape in ("fixed", "static")}))
        self.each(self.link, [(name, kind, self.random.getrandbits(64)) for name, kind in kinds])


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 31)))
    arguments.add_argument("--count", type=int, default=1000)
    arguments.add_argument("--plain", type=int, default=100)
    arguments.add_argument("folder")
    arguments = arguments.parse_args()
    print(f"SEED={arguments.seed}", flush=True)
    build = Build(arguments)
    build.compile_pool()
    build.programs(arguments.count, arguments.plain)
    truth = dict(sorted(build.truth.items()))
    (build.folder / "truth.json").write_text(json.dumps({"seed": arguments.seed, "files": truth}, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
