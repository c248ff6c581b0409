"""Runs ctest and fuzz targets, and says at the end what came of them.

Usage: ctest.py [--fuzz SECONDS FOLDER] BUILD_FOLDER [--] [CTEST_ARGUMENT…]
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml
from concurrent import futures
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RESULT = re.compile(r"^ *(\d+)/(\d+) Test +#\d+: (\S+) \.*(?: +|\*\*\*)(\w+(?: [A-Z]\w+)?)")
SHOWN_LINES = 60  # of a failure's output


@dataclasses.dataclass
class Results:
    passed: int = 0
    failed: dict[str, str] = dataclasses.field(default_factory=dict)  # name: output
    skipped: dict[str, str] = dataclasses.field(default_factory=dict)

    def count(self, name: str, failed: bool, skipped: bool, output: str) -> None:
        if failed:
            self.failed[name] = output
        elif skipped:
            self.skipped[name] = output
        else:
            self.passed += 1


def progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def run_ctest(folder: Path, arguments: list[str], results: Results) -> None:
    report = folder.resolve() / "Testing/results.xml"
    report.unlink(missing_ok=True)
    command = ["ctest", "--test-dir", str(folder), "--no-tests=error", "--output-junit", str(report)]
    with subprocess.Popen([*command, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace") as ctest:  # fmt: skip
        assert ctest.stdout
        lines = []
        endings = {}
        for line in ctest.stdout:
            lines.append(line)
            if match := RESULT.match(line):
                endings[match[3]] = match[4]
                progress(f"  testing, {match[1]} of {match[2]}: {match[3]}")
    progress("")
    if not report.exists() or any("No tests were found" in line for line in lines):
        results.failed["ctest"] = "".join(lines)
        return
    for case in xml.parse(report).getroot().iter("testcase"):
        failed = case.find("failure") is not None or case.get("status") == "fail"
        skipped = case.get("status") in ("notrun", "disabled")
        name = case.get("name", "")
        output = case.findtext("system-out") or f"({endings.get(name, 'no output')})"
        # What could not be run at all is no skip.
        missing = skipped and "SKIP" not in str(
            [child.get("message") for child in case.findall("skipped")]
        )
        results.count(name, failed or missing, skipped, output)


def run_fuzzer(target: Path, seconds: int) -> subprocess.CompletedProcess[str]:
    """From its corpus; what it finds new is not kept, what breaks it is, beside it."""
    corpus = ROOT / "tests/fuzz/corpus" / target.name.removeprefix("fuzz_")
    words = Path(f"{target}.dict")
    with tempfile.TemporaryDirectory() as grown:
        return subprocess.run(
            [str(target), f"-max_total_time={seconds}", "-print_final_stats=1",
             *([f"-dict={words}"] if words.exists() else []),
             f"-artifact_prefix={target.parent}/", grown, str(corpus)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace",
        )  # fmt: skip


def run_fuzzers(folder: Path, seconds: int, results: Results) -> None:
    """Each target for a while, as many at once as there are processors."""
    targets = sorted(path for path in folder.rglob("fuzz_*") if path.is_file() and os.access(path, os.X_OK))
    if not targets:
        results.failed["fuzz"] = f"no fuzz targets in {folder}"
    progress(f"  fuzzing for {seconds} s each: {len(targets)} targets")
    with futures.ThreadPoolExecutor(os.cpu_count()) as workers:
        runs = workers.map(lambda target: run_fuzzer(target, seconds), targets)
        for target, run in zip(targets, runs):
            results.count(target.name, run.returncode != 0, False, run.stdout)
    progress("")


def skip_reason(output: str) -> str:
    """As unittest says it, on the line of the test, or GoogleTest, below a line with the place."""
    lines = output.splitlines()
    for line, following in zip(lines, [*lines[1:], ""]):
        if line.endswith(": Skipped"):
            return following.strip()
        if "skipped " in line:
            return line.split("skipped ", 1)[1]
    return "no reason given"


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fuzz", nargs=2, metavar=("SECONDS", "FOLDER"))
    parser.add_argument("rest", nargs="*")
    arguments = parser.parse_args()
    results = Results()
    started = time.monotonic()
    run_ctest(arguments.folder, arguments.rest, results)
    if arguments.fuzz:
        run_fuzzers(Path(arguments.fuzz[1]), int(arguments.fuzz[0]), results)

    for name, output in results.failed.items():
        tail = output.rstrip().splitlines()[-SHOWN_LINES:]
        print(f"FAILED  {name}\n" + "\n".join(f"    {line}" for line in tail) + "\n")
    for name, output in results.skipped.items():
        print(f"SKIPPED {name}: {skip_reason(output)}")
    ci = os.environ.get("CI") == "true"
    if results.skipped and ci:
        print("A skipped test counts as a failure here, because CI=true.")
    print(f"{arguments.folder.name}: {time.monotonic() - started:.0f} s")
    print(f"{results.passed} passed, {len(results.failed)} failed, {len(results.skipped)} skipped")
    return 1 if results.failed or (results.skipped and ci) else 0


if __name__ == "__main__":
    sys.exit(main())
