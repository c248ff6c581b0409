"""Checks tables that say which tests show what: each row names tests, and each test exists.

Usage: check_tables.py CTEST BUILD_FOLDER TABLE [--rows PREFIX=COUNT…]

A row is one of a Markdown table whose last column has tests in backquotes, by their ctest names, or
says `none: ` and why. With --rows, the first column has all ids from PREFIX1 on, and each of a row's
tests has the id in its name or in the file that has the test.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent


def existing(ctest: str, folder: str) -> set[str]:
    """The tests' names, without what GoogleTest says of a parameter's octets."""
    output = subprocess.run([ctest, "--test-dir", folder, "-N"], capture_output=True, text=True,
                            errors="replace", check=True).stdout  # fmt: skip
    lines = re.findall(r"^ *Test +#\d+: (.*)$", output, re.M)
    return {line.partition("  # GetParam()")[0].strip() for line in lines}


def rows(table: Path) -> list[tuple[int, list[str]]]:
    """Line number and cells, without the heads of the tables."""
    found = []
    lines = table.read_text().splitlines()
    for number, line in enumerate(lines, 1):
        is_head = number < len(lines) and lines[number].startswith("| ---")
        if line.startswith("| ") and not line.startswith("| ---") and not is_head:
            found.append((number, [cell.strip() for cell in line.strip("| ").split(" | ")]))
    return found


def in_sources(row: str, test: str, sources: dict[Path, str]) -> bool:
    """Whether the row's id stands in the test's name, or in a file that has the test."""
    word = re.compile(rf"(?<![A-Za-z0-9]){row}(?![0-9])")
    if word.search(test):
        return True
    parts = re.split(r"[./]", test)
    return any(
        word.search(text) and any(re.search(rf"\b{part}\b", text) for part in parts[-2:])
        for text in sources.values()
    )


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("ctest")
    parser.add_argument("folder")
    parser.add_argument("table", type=Path)
    parser.add_argument("--rows", nargs="+", default=[])
    arguments = parser.parse_args()
    tests = existing(arguments.ctest, arguments.folder)
    has_net = any(test.startswith("net.") for test in tests)  # not on every system
    found = rows(arguments.table)
    sources = {path: path.read_text() for suffix in ("*.cpp", "*.py") for path in TESTS.rglob(suffix)}
    mistakes = [] if found else [f"{arguments.table}: no rows"]

    for number, cells in found:
        named = re.findall(r"`([^`]+)`", cells[-1])
        place = f"{arguments.table}:{number}: "
        if cells[-1].startswith("none: "):
            continue
        if not named:
            mistakes.append(f"{place}names no test, and no reason why none")
        for test in named:
            if test not in tests and (has_net or not test.startswith(("net.", "vm."))):
                mistakes.append(f"{place}there is no test {test}")
            elif arguments.rows and not in_sources(cells[0], test, sources):
                mistakes.append(f"{place}{cells[0]} is not in the name or the file of {test}")

    ids = [cells[0] for _, cells in found]
    for rule in arguments.rows:
        prefix, count = rule.split("=")
        for row in (f"{prefix}{number}" for number in range(1, int(count) + 1)):
            if ids.count(row) != 1:
                mistakes.append(f"{arguments.table}: {ids.count(row)} rows {row}")
    print("\n".join(mistakes) or f"{len(found)} rows")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
