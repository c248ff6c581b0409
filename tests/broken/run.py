#!/usr/bin/env python3
"""Breaks the rules in rules.py one at a time and says which breakages no unit test noticed.

  tests/broken/run.py BUILD_FOLDER [--only TEXT] [--list] [--fit]

Works on copies of the sources in BUILD_FOLDER, one for each core. Exits with 1 when a breakage went
unnoticed, or does not fit the sources any more. Takes half an hour on two cores: for
`tools/test --long`.
"""

import argparse
import concurrent.futures
import os
import queue
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))
from rules import BREAKAGES, DNS, Breakage  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ["CMakeLists.txt", "config", "protocol", "server", "tests", "tools", "bench", "README.md",
           "LICENSE", "CHANGELOG.md"]
TESTS = {"dhcp": ["test_dhcp_server"], "dns": ["test_dns_responder", "test_dns_forwarder"]}


class Copy(NamedTuple):
    """Of the sources, with the tests that are built of it."""

    source: Path
    build: Path


def copy_sources(to: Path) -> None:
    """Only what differs is written, so that a second run builds little."""
    for source in SOURCES:
        for path in sorted([ROOT / source, *(ROOT / source).rglob("*")]):
            target = to / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                target.mkdir(exist_ok=True)
            elif not target.exists() or target.read_bytes() != path.read_bytes():
                shutil.copyfile(path, target)


def quietly(*command: str | Path, timeout: float = 1800) -> subprocess.CompletedProcess:
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", timeout=timeout, check=False)


def build(copy: Copy, targets: list[str]) -> subprocess.CompletedProcess:
    return quietly("cmake", "--build", copy.build, "--target", *targets)


def passes(copy: Copy, test: str) -> bool:
    (program,) = (path for path in copy.build.rglob(test) if path.is_file())
    try:
        return quietly(program, "--gtest_brief=1", "--gtest_fail_fast", timeout=60).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def prepare(copy: Copy) -> str:
    """Builds the tests, which pass; else what is wrong."""
    every_test = sorted({test for tests in TESTS.values() for test in tests})
    copy_sources(copy.source)
    configured = quietly("cmake", "-G", "Ninja", "-S", copy.source, "-B", copy.build,
                         "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0")
    built = build(copy, every_test) if configured.returncode == 0 else configured
    if built.returncode != 0:
        return built.stdout[-2000:]
    failed = [test for test in every_test if not passes(copy, test)]
    return f"fails as it is: {' '.join(failed)}" if failed else ""


def misfit_of(breakage: Breakage, whole: str) -> str:
    """Why it cannot be broken in this file; else empty."""
    times = whole.count(breakage.text)
    return "" if times == 1 else f"the text stands {times} times in {breakage.file}"


def misfits(chosen: list[Breakage]) -> int:
    """Says which do not fit the sources any more."""
    found = [(breakage, misfit) for breakage in chosen
             if (misfit := misfit_of(breakage, (ROOT / breakage.file).read_text()))]  # fmt: skip
    for breakage, misfit in found:
        print(f"{misfit}: {breakage.rule}")
    return len(found)


def judge(breakage: Breakage, copy: Copy) -> str:
    """What is wrong with the tests, or with the breakage; empty when a test failed."""
    path = copy.source / breakage.file
    whole = path.read_text()
    if misfit := misfit_of(breakage, whole):
        return misfit
    tests = TESTS["dns" if breakage.file.startswith(DNS) else "dhcp"]
    path.write_text(whole.replace(breakage.text, breakage.broken))
    try:
        built = build(copy, tests)
        if built.returncode != 0:
            errors = [line for line in built.stdout.splitlines() if "error" in line]
            return f"does not compile: {errors[0] if errors else built.stdout[-300:]}"
        return "NOT NOTICED" if all(passes(copy, test) for test in tests) else ""
    finally:
        path.write_text(whole)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where to copy and build")
    parser.add_argument("--only", default="", help="only rules whose words contain this")
    parser.add_argument("--list", action="store_true", help="the rules, and nothing is built")
    parser.add_argument("--fit", action="store_true",
                        help="only whether each fits the sources, and nothing is built")  # fmt: skip
    arguments = parser.parse_args()
    chosen = [one for one in BREAKAGES if arguments.only in one.rule]
    if arguments.list:
        for breakage in chosen:
            print(f"{breakage.file}: {breakage.rule}")
        return 0
    if arguments.fit:
        return 1 if misfits(chosen) else 0

    folders = [arguments.folder.resolve() / str(number) for number in range(os.cpu_count() or 1)]
    copies = [Copy(folder / "source", folder / "build") for folder in folders]
    with concurrent.futures.ThreadPoolExecutor(len(copies)) as pool:
        for trouble in pool.map(prepare, copies):
            if trouble:
                print(trouble, file=sys.stderr)
                return 1
        free: queue.SimpleQueue[Copy] = queue.SimpleQueue()
        for copy in copies:
            free.put(copy)

        def attempt(breakage: Breakage) -> bool:
            copy = free.get()
            since = time.monotonic()
            try:
                trouble = judge(breakage, copy)
            finally:
                free.put(copy)
            seconds = time.monotonic() - since
            print(f"{trouble or 'noticed'}: {breakage.rule} ({seconds:.0f} s)", flush=True)
            return bool(trouble)

        wrong = sum(pool.map(attempt, chosen))
    print(f"{len(chosen)} rules broken, {wrong} of them for nothing")
    return 1 if wrong or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
