"""What becomes of a server that is asked more than it can do: what it still gets done, by its peak.

Offering five times what a whole core answers takes more than a core, so a program that does nothing
takes most of the server's: all that the server does takes as much longer, and the tester has room to
spare.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import lab, progress
from .comparison_page import Section, spread
from .contenders import Contender
from .testers import berth_load, core, limited, start

SHARE = 0.2  # of a core, for the server
OFFERED = (1.5, 2, 3, 5)  # times the peak
TIMEOUT = "200ms"  # an answer that takes longer is of no use
AT_ONCE = 50  # handshakes under way when the peak is measured
THIEF = Path(__file__).with_name("thief.py")


@dataclass
class Round:
    peak: float  # handshakes a second
    goodput: list[float]  # at each of OFFERED
    is_testers: bool  # it could not offer so much


@dataclass
class Overload:
    seconds: int
    hosts: dict[str, int]
    rounds: dict[str, list[Round]] = field(default_factory=dict)

    def shares(self, name: str) -> list[list[float]]:
        """Of the peak, at each of OFFERED, in each round."""
        return [[one.goodput[at] / one.peak for one in self.rounds[name]] for at in range(len(OFFERED))]

    def curve(self, name: str) -> list[tuple[float, float]]:
        """From the peak on."""
        medians = [statistics.median(each) for each in self.shares(name)]
        return [(1, 1), *zip(OFFERED, medians, strict=True)]

    def worst(self, name: str) -> list[float]:
        return min(self.shares(name), key=statistics.median)

    # --- what is said of it ---

    def heading(self) -> str:
        rounds = len(self.rounds["berthd"])
        return (f"DHCP handshakes completed within {TIMEOUT} when more are begun than can be: the server "
                f"on {SHARE:.0%} of a core, the tester on another, {self.seconds} s each, {rounds} rounds: "
                "median (least to most)")  # fmt: skip

    def columns(self) -> list[str]:
        return ["", "hosts", "peak, a second", *(f"at {times:g} ×" for times in OFFERED),
                "worst ÷ peak", "limited by"]  # fmt: skip

    def rows(self) -> list[list[str]]:
        table = []
        for name, rounds in self.rounds.items():
            limited = sum(each.is_testers for each in rounds) * 2 > len(rounds)
            table.append([name, f"{self.hosts[name]}", spread([each.peak for each in rounds], 0),
                          *(f"{statistics.median(each):.2f}" for each in self.shares(name)),
                          spread(self.worst(name)), "the tester" if limited else "the server"])  # fmt: skip
        return table

    def sentence(self) -> str:
        left = ", ".join(f"{name} {statistics.median(self.worst(name)):.2f}" for name in self.rounds)
        return ("A server that spends itself on handshakes which it cannot complete in time gets less done "
                f"than one that begins fewer. Under up to {OFFERED[-1]:g} times as much as it can do, of its "
                f"peak there remains: {left}.")  # fmt: skip

    def section(self) -> Section:
        return Section("DHCP handshakes under overload", self.sentence(), self.heading() + ".",
                       [(name, self.worst(name)) for name in self.rounds], " of peak", 2,
                       self.columns(), self.rows(), [(name, self.curve(name)) for name in self.rounds])  # fmt: skip

    def complaints(self) -> list[str]:
        """But of the floor, which can be asked for more than the tester makes."""
        return limited({name: rounds for name, rounds in self.rounds.items() if name != "floor"})


@contextlib.contextmanager
def slowed(server: Contender) -> Iterator[None]:
    """It gets SHARE of its core, by the microsecond."""
    with core(0):
        thief = server.host.start([sys.executable, str(THIEF), f"{SHARE}"])
    lab.wait_for("the thief", lambda: os.sched_getscheduler(thief.pid) == os.SCHED_FIFO)
    try:
        yield
    finally:
        lab.stop(thief)


def rate(report: dict[str, Any]) -> float:
    return float(report["completed_rate"])


def measure(server: Contender, guest: lab.Guest, seconds: int) -> Round:
    def load(*arguments: str) -> dict[str, Any]:
        return berth_load(guest, "dhcp", server.clients, *arguments, "--warm-up", "500ms", "--duration",
                          f"{seconds}s", "--timeout", TIMEOUT, "--stay-awake")  # fmt: skip

    start(server)
    try:
        with slowed(server):
            before = rate(load("--at-once", str(AT_ONCE)))
            reports = [load("--rate", f"{times * before:.0f}") for times in OFFERED]
            after = rate(load("--at-once", str(AT_ONCE)))
    finally:
        server.stop()
    return Round((before + after) / 2, [rate(report) for report in reports],
                 any(report["limited_by"] == "tester" for report in reports))  # fmt: skip


def measure_all(servers: Sequence[Contender], guest: lab.Guest, seconds: int, rounds: int) -> Overload:
    overload = Overload(seconds, {server.name: server.clients for server in servers},
                        {server.name: [] for server in servers})  # fmt: skip
    for number in range(rounds):
        for server in servers:
            overload.rounds[server.name].append(measure(server, guest, seconds))
        progress.show("overload", number + 1, rounds)
    progress.end()
    return overload
