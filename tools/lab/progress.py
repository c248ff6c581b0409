"""The one line on a terminal that tells how far a long measurement has come."""

from __future__ import annotations

import sys


def show(what: str, number: int, of: int) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K  {what}: round {number} of {of}", end="", file=sys.stderr, flush=True)


def end() -> None:
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
