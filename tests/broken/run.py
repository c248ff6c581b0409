#!/usr/bin/env python3
"""Breaks the rules in rules.py one at a time and says which breakages no unit test noticed.

  tests/broken/run.py BUILD_FOLDER [--only TEXT] [--list]

Works on a copy of the sources in BUILD_FOLDER. Exits with 1 when a breakage went unnoticed, or does
not fit the sources any more. Takes a quarter of an hour on two cores: for `tools/test --long`.
"""

import argparse
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from rules import BREAKAGES, DNS, Breakage  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ["CMakeLists.txt", "config", "protocol", "server", "tests", "tools", "bench", "README.md",
           "LICENSE", "CHANGELOG.md"]
TESTS = {"dhcp": ["test_dhcp_server"], "dns": ["test_dns_responder", "test_dns_forwarder"]}


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


def build(folder: Path, targets: list[str]) -> subprocess.CompletedProcess:
    return quietly("cmake", "--build", folder, "--target", *targets)


def passes(folder: Path, test: str) -> bool:
    (program,) = (path for path in folder.rglob(test) if path.is_file())
    try:
        return quietly(program, "--gtest_brief=1", "--gtest_fail_fast", timeout=60).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def judge(breakage: Breakage, source: Path, folder: Path) -> str:
    """What is wrong with the tests, or with the breakage; empty when a test failed."""
    path = source / breakage.file
    whole = path.read_text()
    if whole.count(breakage.text) != 1:
        return f"the text stands {whole.count(breakage.text)} times in {breakage.file}"
    tests = TESTS["dns" if breakage.file.startswith(DNS) else "dhcp"]
    path.write_text(whole.replace(breakage.text, breakage.broken))
    try:
        built = build(folder, tests)
        if built.returncode != 0:
            errors = [line for line in built.stdout.splitlines() if "error" in line]
            return f"does not compile: {errors[0] if errors else built.stdout[-300:]}"
        return "NOT NOTICED" if all(passes(folder, test) for test in tests) else ""
    finally:
        path.write_text(whole)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where to copy and build")
    parser.add_argument("--only", default="", help="only rules whose words contain this")
    parser.add_argument("--list", action="store_true", help="the rules, and nothing is built")
    arguments = parser.parse_args()
    chosen = [one for one in BREAKAGES if arguments.only in one.rule]
    if arguments.list:
        for breakage in chosen:
            print(f"{breakage.file}: {breakage.rule}")
        return 0

    source = arguments.folder.resolve() / "source"
    folder = arguments.folder.resolve() / "build"
    copy_sources(source)
    configured = quietly("cmake", "-G", "Ninja", "-S", source, "-B", folder,
                         "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0")
    every_test = sorted({test for tests in TESTS.values() for test in tests})
    built = build(folder, every_test) if configured.returncode == 0 else configured
    if built.returncode != 0:
        print(built.stdout[-2000:], file=sys.stderr)
        return 1
    for test in every_test:
        if not passes(folder, test):
            print(f"{test} fails as it is", file=sys.stderr)
            return 1

    wrong = 0
    for breakage in chosen:
        since = time.monotonic()
        trouble = judge(breakage, source, folder)
        wrong += bool(trouble)
        seconds = time.monotonic() - since
        print(f"{trouble or 'noticed'}: {breakage.rule} ({seconds:.0f} s)", flush=True)
    print(f"{len(chosen)} rules broken, {wrong} of them for nothing")
    return 1 if wrong or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
