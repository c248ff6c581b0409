"""A comparison as one page that needs nothing beside itself, and as text."""

from __future__ import annotations

import html
import shlex
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH = 720
NAMES = 90
FIGURES = 230
ROW = 34
HEIGHT = 260  # of curves
MARGIN = 46  # for the figures beside their axes
LABEL = 17  # a line of text

STYLE = """
:root { color-scheme: light dark; --ink: #1a1f26; --soft: #68727f; --page: #fff; --bar: #b4c2d3;
        --ours: #1f6feb; --line: #d5dce4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eaef; --soft: #97a3b1; --page: #14181d; --bar: #46566a; --ours: #58a6ff;
          --line: #2c353f; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 860px; margin: 2rem auto; padding: 0 1rem;
       color: var(--ink); background: var(--page); }
svg { width: 100%; height: auto; } svg text { fill: var(--ink); font-size: 14px; }
svg .soft { fill: var(--soft); } rect { fill: var(--bar); } rect.ours { fill: var(--ours); }
line { stroke: var(--ink); stroke-width: 1.5; } line.grid { stroke: var(--line); stroke-width: 1; }
polyline { fill: none; stroke: var(--bar); stroke-width: 2.5; } polyline.ours { stroke: var(--ours); } table { border-collapse: collapse; width: 100%; }
td, th { text-align: right; padding: .3rem .5rem; border-bottom: 1px solid var(--line);
         font-variant-numeric: tabular-nums; } td:first-child, th:first-child { text-align: left; }
p.soft, footer { color: var(--soft); }
"""


@dataclass
class Section:
    """What one measurement came to, made to be read."""

    title: str
    sentence: str  # who is better, and why
    note: str  # how it was measured
    bars: list[tuple[str, list[float]]]
    unit: str
    digits: int
    columns: list[str]
    rows: list[list[str]]
    # In place of the bars: the share of its peak that each has left, by how many times that is asked.
    curves: list[tuple[str, list[tuple[float, float]]]] = field(default_factory=list)


def spread(values: Sequence[float], digits: int = 2) -> str:
    return (f"{statistics.median(values):,.{digits}f} "
            f"({min(values):,.{digits}f} to {max(values):,.{digits}f})")  # fmt: skip


def text(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of a terminal: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]),
                   *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]).rstrip()
        for line in (columns, *rows))  # fmt: skip


def bars(section: Section) -> str:
    """A bar for each median, a line from the least to the most."""
    most = max(max(values) for _, values in section.bars)
    scale = (WIDTH - NAMES - FIGURES) / most
    parts = [f'<svg viewBox="0 0 {WIDTH} {ROW * len(section.bars)}" role="img">']
    for number, (name, values) in enumerate(section.bars):
        middle = ROW * number + ROW // 2
        median, least, greatest = statistics.median(values), min(values), max(values)
        ours = ' class="ours"' if name == "berthd" else ""
        digits = section.digits
        parts.append(
            f'<text x="0" y="{middle + 5}">{html.escape(name)}</text>'
            f'<rect{ours} x="{NAMES}" y="{middle - 9}" width="{median * scale:.1f}" height="18" rx="2"/>'
            f'<line x1="{NAMES + least * scale:.1f}" x2="{NAMES + greatest * scale:.1f}" '
            f'y1="{middle}" y2="{middle}"/>'
            f'<text class="soft" x="{WIDTH - FIGURES + 12}" y="{middle + 5}">'
            f"{median:,.{digits}f}{section.unit} ({least:,.{digits}f}–{greatest:,.{digits}f})</text>"
        )
    return "\n".join([*parts, "</svg>"])


def curves(section: Section) -> str:
    """A line for each, from what it was asked to what it got done; named where the line ends."""
    most = max(x for _, points in section.curves for x, _ in points)
    highest = max(1.0, *(y for _, points in section.curves for _, y in points))

    def place(x: float, y: float) -> tuple[float, float]:
        return (MARGIN + (x - 1) / (most - 1) * (WIDTH - MARGIN - NAMES),
                LABEL + (1 - y / highest) * (HEIGHT - MARGIN))  # fmt: skip

    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">']
    for share in (0, 0.25, 0.5, 0.75, 1):
        left, y = place(1, share)
        parts.append(f'<line class="grid" x1="{left}" x2="{WIDTH - NAMES}" y1="{y:.1f}" y2="{y:.1f}"/>'
                     f'<text class="soft" x="0" y="{y + 5:.1f}">{share:.0%}</text>')  # fmt: skip
    for x, _ in section.curves[0][1]:
        parts.append(f'<text class="soft" x="{place(x, 0)[0]:.1f}" y="{HEIGHT - 6}" '
                     f'text-anchor="middle">{x:g} ×</text>')  # fmt: skip
    below = 0.0  # where the next name may stand
    for name, points in sorted(section.curves, key=lambda each: -each[1][-1][1]):
        ours = ' class="ours"' if name == "berthd" else ""
        line = " ".join("{:.1f},{:.1f}".format(*place(*point)) for point in points)
        below = max(below + LABEL, place(*points[-1])[1] + 5)
        parts.append(f'<polyline{ours} points="{line}"/>'
                     f'<text x="{WIDTH - NAMES + 8}" y="{below:.1f}">{html.escape(name)}</text>')  # fmt: skip
    return "\n".join([*parts, "</svg>"])


def table(section: Section) -> str:
    def line(kind: str, cells: Sequence[str]) -> str:
        return "<tr>" + "".join(f"<{kind}>{html.escape(cell)}</{kind}>" for cell in cells) + "</tr>"

    head = line("th", ["server", *section.columns[1:]])
    return f"<table>{head}{''.join(line('td', row) for row in section.rows)}</table>"


def article(section: Section) -> str:
    return "\n".join([
        f"<h2>{html.escape(section.title)}</h2>",
        f"<p>{html.escape(section.sentence)}</p>",
        f'<p class="soft">{html.escape(section.note)}</p>',
        curves(section) if section.curves else bars(section),
        table(section),
    ])  # fmt: skip


def page(sections: Sequence[Section], machine: str, arguments: Sequence[str]) -> str:
    command = shlex.join(["tools/compare", *arguments])
    return "\n".join([
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>berthd beside other servers</title><style>{STYLE}</style></head><body>",
        "<h1>berthd beside other servers</h1>",
        "<p>All have the same hosts and are asked the same in turn. The <em>floor</em> is a program that "
        "answers without deciding anything: what it costs is the kernel's share.</p>",
        *(article(section) for section in sections),
        f"<footer><p>{html.escape(machine)}. <code>{html.escape(command)}</code></p></footer>",
        "</body></html>\n",
    ])  # fmt: skip
