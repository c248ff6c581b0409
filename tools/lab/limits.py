"""The highest rate that a server bears: what `berth load --find-max` says of each, in turn.

A rate is borne when hardly any exchange is lost and hardly any waits long. Where the tester had no
more to give, the server's own limit lies higher, and the table says so.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from . import lab, progress
from .comparison_page import Section, spread
from .contenders import Contender
from .testers import berth_load, ceiling, limited, start

MOST_LOSS = "0.1"  # percent
LONGEST_P99 = "10ms"
TIMEOUT = "200ms"  # what takes longer is lost, and its client is free for the next
NEAR = 1.5  # a rate as near to what the tester can do by itself says as much about the tester


@dataclass
class Search:
    title: str
    service: str
    whole: str  # the exchange that counts, as `berth load` calls it
    plural: str
    clients: int
    trial: str  # how long each lasts


@dataclass
class Found:
    rate: float
    loss: float
    p99: float  # ms
    microseconds: float  # CPU of the server per turn
    busy: float  # the tester's share of its core
    is_testers: bool


@dataclass
class Limits:
    search: Search
    found: dict[str, list[Found]] = field(default_factory=dict)
    ceilings: list[float] = field(default_factory=list)  # the tester by itself, each round

    def rates(self, name: str) -> list[float]:
        return [each.rate for each in self.found[name]]

    def ratios(self, name: str) -> list[float]:
        """Of the same round: how many times as much berthd bears."""
        return [ours / theirs for ours, theirs in
                zip(self.rates("berthd"), self.rates(name), strict=True)]  # fmt: skip

    def median(self, name: str, what: str) -> float:
        return statistics.median(getattr(each, what) for each in self.found[name])

    def is_testers(self, name: str) -> bool:
        """Whether the tester set the result in most of the rounds."""
        return sum(each.is_testers for each in self.found[name]) * 2 > len(self.found[name])

    # --- what is said of it ---

    def heading(self) -> str:
        search, rounds = self.search, len(self.found["berthd"])
        return (f"{search.title}: the highest rate with a loss of at most {MOST_LOSS} % and a 99th "
                f"percentile of at most {LONGEST_P99}, by berth load --find-max; server and tester on "
                f"a core each, {search.clients} hosts, trials of {search.trial}, {rounds} rounds: "
                "median (least to most)")  # fmt: skip

    def columns(self) -> list[str]:
        return ["", f"{self.search.plural} a second", "berthd / it", "loss", "p99",
                "CPU each", "limited by"]  # fmt: skip

    def rows(self) -> list[list[str]]:
        return [[name, spread(self.rates(name), 0), spread(self.ratios(name)),
                 f"{self.median(name, 'loss'):.2%}", f"{self.median(name, 'p99'):.2f} ms",
                 f"{self.median(name, 'microseconds'):.1f} µs",
                 f"the tester, {self.median(name, 'busy'):.0%} busy" if self.is_testers(name)
                 else "the server"] for name in self.found]  # fmt: skip

    def sentence(self) -> str:
        """Who bears most, and why."""
        others = [name for name in self.found if name not in ("berthd", "floor")]
        text = (f"berthd bears {self.median('berthd', 'rate'):,.0f} {self.search.plural} a second; "
                f"each costs it {self.median('berthd', 'microseconds'):.1f} µs of its core.")  # fmt: skip
        for name in others:
            text += (f" {name} bears {self.median(name, 'rate'):,.0f}: it spends "
                     f"{self.median(name, 'microseconds'):.1f} µs on each.")  # fmt: skip
        limited = [name for name in self.found if self.is_testers(name)]
        if limited:
            text += (f" The tester, which can do {statistics.median(self.ceilings):,.0f} a second by itself, "
                     f"was the limit of {', '.join(limited)}: a server of these bears more than is said "
                     "here, and between two of them the rates say nothing.")  # fmt: skip
        return text

    def section(self) -> Section:
        return Section(f"{self.search.title}: the most in a second", self.sentence(), self.heading() + ".",
                       [(name, self.rates(name)) for name in self.found], "/s", 0,
                       self.columns(), self.rows())  # fmt: skip

    def complaints(self) -> list[str]:
        """Of the others: of berthd and of the floor such a rate is the least that it is."""
        return limited({name: found for name, found in self.found.items() if name not in ("berthd", "floor")})


def measure(server: Contender, search: Search, guest: lab.Guest, first: float,
            own: float) -> Found:  # fmt: skip
    start(server)
    try:
        report = berth_load(
            guest, search.service, search.clients, "--find-max", "--repeats", "1", "--trial", search.trial,
            "--rate", f"{first:.0f}", "--max-loss", MOST_LOSS, "--max-p99", LONGEST_P99, "--timeout", TIMEOUT,
            "--stay-awake",
        )  # fmt: skip
    finally:
        server.stop()
    found, tester, use = report["find_max"], report["tester"], report["server"]
    if not found["rate"]:
        raise lab.LabError(f"{server.name} bears no rate at all: {report['conclusion']}")
    if not use:
        raise lab.LabError(f"berth load did not find {server.name}'s process")
    exchange = report["exchanges"][search.whole]
    return Found(found["rate"], exchange["loss"], exchange["latency"]["p99"] / 1000, use["cpu_per_turn"],
                 tester["busy_share"], report["limited_by"] == "tester" or found["rate"] * NEAR > own)  # fmt: skip


def measure_all(search: Search, servers: Sequence[Contender], guest: lab.Guest, rounds: int) -> Limits:
    limits = Limits(search, {server.name: [] for server in servers})
    for number in range(rounds):
        limits.ceilings.append(ceiling(guest, search.service))
        for server in servers:
            known = limits.found[server.name]
            first = known[-1].rate / 2 if known else 1000.0
            known.append(measure(server, search, guest, first, limits.ceilings[-1]))
        progress.show(search.title, number + 1, rounds)
    progress.end()
    return limits
