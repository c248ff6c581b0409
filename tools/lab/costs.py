"""What an exchange costs a server: its own CPU time, user and system, by the exchanges completed.

Beside it stands the same as a multiple of the floor's, a program that answers without deciding
anything (bench/floor.cpp), of the same round: a ratio means the same on a busy machine as on an
idle one.
"""

from __future__ import annotations

import re
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import contenders, lab, partners, progress
from .comparison_page import Section, spread
from .contenders import Contender
from .testers import Tester, start

MOST_UNANSWERED = 0.01  # of a server's questions: beyond, it was not the same work for all
TRACED_RATE = 500  # so slow that each question is its own turn, also of a server that is traced
TRACED_SECONDS = 2


@dataclass
class Load:
    """What is asked of each server of a service, and by what."""

    title: str
    unit: str
    rate: int
    seconds: int
    clients: int
    tool: str
    tester: Tester


@dataclass
class Run:
    exchanges: int
    unanswered: int
    microseconds: float  # CPU per exchange


@dataclass
class Costs:
    load: Load
    runs: dict[str, list[Run]] = field(default_factory=dict)
    system_calls: dict[str, float] = field(default_factory=dict)  # per exchange, when not in a hurry

    def microseconds(self, name: str) -> list[float]:
        return [run.microseconds for run in self.runs[name]]

    def ratios(self, name: str, to: str = "floor") -> list[float]:
        """Of runs in the same round."""
        return [one / other for one, other in
                zip(self.microseconds(name), self.microseconds(to), strict=True)]  # fmt: skip

    def unanswered(self, name: str) -> float:
        runs = self.runs[name]
        lost = sum(run.unanswered for run in runs)
        return lost / max(1, lost + sum(run.exchanges for run in runs))

    # --- what is said of it ---

    def heading(self) -> str:
        load, rounds = self.load, len(self.runs["floor"])
        return (f"{load.title}, made by {load.tool}: {load.rate}/s for {load.seconds} s, "
                f"{load.clients} hosts, {rounds} rounds: median (least to most)")  # fmt: skip

    def columns(self) -> list[str]:
        return ["", f"CPU per {self.load.unit}, µs", "multiple of the floor", "berthd / it",
                "system calls", "unanswered"]  # fmt: skip

    def rows(self) -> list[list[str]]:
        return [[name, spread(self.microseconds(name)), spread(self.ratios(name)),
                 spread(self.ratios("berthd", name)), f"{self.system_calls[name]:.1f}",
                 f"{self.unanswered(name):.2%}"] for name in self.runs]  # fmt: skip

    def sentence(self) -> str:
        """Who costs least, in words."""
        others = [name for name in self.runs if name not in ("berthd", "floor")]
        ours = statistics.median(self.ratios("berthd"))
        text = (f"berthd spends {ours:.2f} times the CPU time of a program that only receives and "
                f"sends; that program's share is the kernel's, which no server can save.")  # fmt: skip
        if others:
            share = {name: statistics.median(self.ratios("berthd", name)) for name in others}
            nearest = max(share, key=lambda name: share[name])
            text += (f" The nearest of the others is {nearest}: berthd spends "
                     f"{share[nearest]:.2f} times what it does, with {self.system_calls['berthd']:.1f} "
                     f"system calls for each {self.load.unit} beside "
                     f"{self.system_calls[nearest]:.1f}.")  # fmt: skip
        return text

    def section(self) -> Section:
        return Section(
            self.load.title, self.sentence(),
            f"{self.heading()}. System calls were counted apart, at a rate where each message comes "
            "by itself.",
            [(name, self.microseconds(name)) for name in self.runs], " µs", 2,
            self.columns(), self.rows(),
        )  # fmt: skip

    def complaints(self) -> list[str]:
        """Servers that left so much undone that their CPU time says nothing."""
        return [f"{name} left {share:.1%} unanswered: no fair comparison; try a lower rate"
                for name in self.runs if (share := self.unanswered(name)) > MOST_UNANSWERED]  # fmt: skip


def measure(server: Contender, load: Load, guest: lab.Guest) -> Run:
    pid = start(server)
    try:
        # What is done once, as finding the way to the tester.
        load.tester(guest, load.rate, 1, load.clients)
        before = contenders.cpu_seconds(pid)
        counts = load.tester(guest, load.rate, load.seconds, load.clients)
        spent = contenders.cpu_seconds(pid) - before
    finally:
        server.stop()
    if counts.exchanges == 0:
        raise lab.LabError(f"{server.name} completed nothing, and left {counts.unanswered} unanswered")
    return Run(counts.exchanges, counts.unanswered, spent * 1e6 / counts.exchanges)


def trace(server: Contender, load: Load, guest: lab.Guest) -> float:
    """System calls per exchange."""
    pid = start(server)
    summary = server.directory / "strace"
    try:
        load.tester(guest, TRACED_RATE, 1, load.clients)
        argv = [*partners.command("strace", "usr/bin/strace"), "-f", "-c", "-U", "calls,name",
                "-o", str(summary), *(f"--attach={one}" for one in contenders.family(pid))]  # fmt: skip
        tracer = server.host.start(argv, stderr=subprocess.DEVNULL)
        lab.wait_for("strace to be attached", lambda: is_traced(pid))
        counts = load.tester(guest, TRACED_RATE, TRACED_SECONDS, load.clients)
        lab.stop(tracer)
    finally:
        server.stop()
    total = re.search(r"^ *(\d+) total$", summary.read_text(), re.M)
    if not total:
        raise lab.LabError(f"strace told nothing of {server.name}\n{summary.read_text()}")
    return int(total[1]) / counts.exchanges


def is_traced(pid: int) -> bool:
    return "TracerPid:\t0" not in Path(f"/proc/{pid}/status").read_text()


def measure_all(load: Load, servers: Sequence[Contender], guest: lab.Guest, rounds: int) -> Costs:
    costs = Costs(load, {server.name: [] for server in servers})
    for server in servers:
        costs.system_calls[server.name] = trace(server, load, guest)
    for number in range(rounds):
        for server in servers:
            costs.runs[server.name].append(measure(server, load, guest))
        progress.show(f"{load.title}, by {load.tool}", number + 1, rounds)
    progress.end()
    return costs
