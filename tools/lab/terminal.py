"""What a show prints: steps that are marked when they are done, tables, colours on a terminal."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

COLOUR = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
GREEN, RED, BOLD, DIM = "32", "31", "1", "2"


def paint(text: str, *codes: str) -> str:
    return f"\033[{';'.join(codes)}m{text}\033[0m" if COLOUR and codes else text


class Step:
    """One line: what is going on, then how it went."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.detail = ""
        self.right = True

    def show(self) -> None:
        mark = paint("✓", GREEN) if self.right else paint("✗", RED)
        print(f"{self._start()}  {mark} {self.what:<46}{paint(self.detail, DIM)}", flush=True)

    def announce(self) -> None:
        if COLOUR:
            print(f"  {paint('·', DIM)} {self.what} …", end="", flush=True)

    @staticmethod
    def _start() -> str:
        return "\r\033[K" if COLOUR else ""


@contextlib.contextmanager
def step(what: str) -> Iterator[Step]:
    line = Step(what)
    line.announce()
    try:
        yield line
    except BaseException:
        line.right = False
        line.show()
        raise
    line.show()


def cells(row: tuple[str, ...], widths: list[int], names: int) -> str:
    """The first `names` to the left, figures to the right."""
    aligned = (f"{c:<{w}}" if i < names else f"{c:>{w}}" for i, (c, w) in enumerate(zip(row, widths)))
    return "  ".join(aligned).rstrip()


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
