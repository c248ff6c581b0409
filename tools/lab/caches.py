"""Foreign names that a server has in its cache: what one costs, and how many it answers a second.

Each server stands in turn, several times over, in front of the same one, which is asked once for
every name, before the measurement, and never during it.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from . import berthd, contenders, lab, partners, progress, unbound, upstreams
from .comparison_page import Section, spread
from .contenders import LINK, SERVER, SUBNET, Contender
from .testers import core, limited, report_of, start

OUTSIDE = "10.99.0.53"
ZONE = "foreign"
AT_ONCE = 100  # questions in flight when it goes as fast as it can
MOST_UNANSWERED = 0.01


class Berthd(Contender):
    name, service = "berthd", "cache"

    def start(self) -> int:
        plan = f"networks: {{load: {{subnet: {SUBNET}}}}}\ndns: {{upstream: {OUTSIDE}}}\n"
        self.server = berthd.Berthd(self.host, plan)
        self.server.start()
        self.server.wait_log(r"endpoint\.bound service=dns")
        assert self.server.process
        return self.server.process.pid

    def stop(self) -> None:
        self.server.stop()


class Dnsmasq(Contender):
    name, service = "dnsmasq", "cache"

    def prepare(self) -> None:
        self.write("dnsmasq.conf", f"""
interface={LINK}
bind-interfaces
no-resolv
no-hosts
server={OUTSIDE}
cache-size=10000
user=root
pid-file
""")

    def command(self) -> list[str]:
        return [*partners.command("dnsmasq-base", "usr/sbin/dnsmasq"), "--keep-in-foreground",
                f"--conf-file={self.directory / 'dnsmasq.conf'}"]  # fmt: skip


class Unbound(Contender):
    name, service = "unbound", "cache"

    def prepare(self) -> None:
        forward = f'forward-zone:\n    name: "."\n    forward-addr: {OUTSIDE}\n'
        self.write("unbound.conf", unbound.configuration(self.directory, SERVER, "    verbosity: 0\n", forward))

    def command(self) -> list[str]:
        return unbound.command(self.directory / "unbound.conf")


CACHES: tuple[type[Contender], ...] = (Berthd, Dnsmasq, Unbound)


@dataclass
class Run:
    microseconds: float  # CPU per query, at the fixed rate
    unanswered: float  # share of these
    rate: float  # answers a second, as fast as it goes
    is_testers: bool  # that rate


@dataclass
class Caches:
    names: int
    rate: int
    seconds: int
    runs: dict[str, list[Run]] = field(default_factory=dict)

    def values(self, name: str, what: str) -> list[float]:
        return [getattr(run, what) for run in self.runs[name]]

    def ratios(self, name: str, what: str) -> list[float]:
        """Of berthd to it, in the same round."""
        return [ours / theirs for ours, theirs in
                zip(self.values("berthd", what), self.values(name, what), strict=True)]  # fmt: skip

    def is_testers(self, name: str) -> bool:
        return sum(run.is_testers for run in self.runs[name]) * 2 > len(self.runs[name])

    # --- what is said of it ---

    def heading(self) -> str:
        return (f"{self.names} foreign names from the cache, by berth load: {self.rate}/s for {self.seconds} s; "
                f"then {AT_ONCE} at once, as fast as it goes; {len(self.runs['berthd'])} rounds: "
                "median (least to most)")  # fmt: skip

    def columns(self) -> list[str]:
        return ["", "CPU per query, µs", "berthd / it", "unanswered", "answers a second", "berthd / it",
                "limited by"]  # fmt: skip

    def rows(self) -> list[list[str]]:
        return [[name, spread(self.values(name, "microseconds")), spread(self.ratios(name, "microseconds")),
                 f"{statistics.mean(self.values(name, 'unanswered')):.2%}", spread(self.values(name, "rate"), 0),
                 spread(self.ratios(name, "rate")), "the tester" if self.is_testers(name) else "the server"]
                for name in self.runs]  # fmt: skip

    def sentence(self) -> str:
        text = ""
        for name in self.runs:
            if name != "berthd":
                text += (f"For a name that it knows, berthd spends {statistics.median(self.ratios(name, 'microseconds')):.2f} "
                         f"times the CPU time of {name}, and answers {statistics.median(self.ratios(name, 'rate')):.2f} "
                         "times as many a second. ")  # fmt: skip
        return text.rstrip()

    def section(self) -> Section:
        return Section("Foreign names from the cache", self.sentence(), self.heading() + ".",
                       [(name, self.values(name, "microseconds")) for name in self.runs], " µs", 2,
                       self.columns(), self.rows())  # fmt: skip

    def complaints(self) -> list[str]:
        """Servers that left so much undone that what they did says nothing."""
        return [*limited({name: runs for name, runs in self.runs.items() if name != "berthd"}),
                *(f"{name} left {share:.1%} unanswered: no fair comparison; try a lower rate" for name in self.runs
                  if (share := statistics.mean(self.values(name, "unanswered"))) > MOST_UNANSWERED)]  # fmt: skip


class Outside:
    """The server behind them, on a link of its own."""

    def __init__(self, world: lab.Lab, host: lab.Namespace, names: Sequence[str]) -> None:
        wan = lab.Link(host, "wan0", "10.99.0.1/24")
        wan.create()
        outside = world.guest("outside", "52:54:00:ff:ff:fd", wan)
        outside.ip(f"address add {OUTSIDE}/24 dev eth0")
        records = [f"{name}. 86400 A 203.0.113.{i % 250 + 1}" for i, name in enumerate(names)]
        self.server = upstreams.Unbound(outside, OUTSIDE, ZONE, records).start()

    def asked(self) -> int:
        """How often it was asked for anything."""
        return (self.server.directory / "log").read_text().count(f".{ZONE}. A IN")


def measure(server: Contender, caches: Caches, guest: lab.Guest, queries: str, outside: Outside) -> Run:
    def load(*arguments: str) -> dict[str, Any]:
        with core(1):
            return report_of(guest, "dns", "--server", SERVER, "--queries", queries, *arguments)

    pid = start(server)
    try:
        before = outside.asked()
        load("--at-once", "20", "--count", f"{caches.names}")
        known = outside.asked()
        if known - before < caches.names:
            raise lab.LabError(f"{server.name} asked for {known - before} of the names")
        spent = contenders.cpu_seconds(pid)
        steady = load("--rate", f"{caches.rate}", "--duration", f"{caches.seconds}s")
        spent = contenders.cpu_seconds(pid) - spent
        fast = load("--at-once", f"{AT_ONCE}", "--duration", f"{caches.seconds}s")
        if outside.asked() != known:
            raise lab.LabError(f"{server.name} did not keep what it was told")
    finally:
        server.stop()
    query = steady["exchanges"]["query"]
    return Run(spent * 1e6 / max(1, query["received"]), query["loss"], fast["completed_rate"],
               fast["limited_by"] == "tester")  # fmt: skip


def measure_all(world: lab.Lab, host: lab.Namespace, guest: lab.Guest, caches: Caches, rounds: int) -> Caches:
    names = [f"n{number}.{ZONE}" for number in range(caches.names)]
    queries = guest.directory / "foreign-queries"
    queries.write_text("".join(f"{name} A\n" for name in names))
    outside = Outside(world, host, names)
    servers = [kind(host, 0) for kind in CACHES]
    caches.runs = {server.name: [] for server in servers}
    for number in range(rounds):
        for server in servers:
            caches.runs[server.name].append(measure(server, caches, guest, str(queries), outside))
        progress.show("foreign names from the cache", number + 1, rounds)
    progress.end()
    return caches
