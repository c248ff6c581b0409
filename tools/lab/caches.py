"""Foreign names that a server has in its cache: what one costs, and how many it answers a second.

berthd, dnsmasq and Unbound in turn, several times over, each in front of the same server, which is
asked once for every name, before the measurement, and never during it. Server and tester have a core
each where there are two. Rounds go through all of them, so that a ratio is of runs close together.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab import berthd, contenders, lab, partners, upstreams  # noqa: E402: through the line above
from lab.contenders import LINK, RELAY, SERVER, SUBNET, Contender  # noqa: E402
from lab.testers import BERTH, core, start  # noqa: E402

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
        self.write("unbound.conf", f"""
server:
    num-threads: 1
    interface: {SERVER}
    access-control: {SUBNET} allow
    do-daemonize: no
    username: ""
    chroot: ""
    directory: "{self.directory}"
    pidfile: ""
    use-syslog: no
    verbosity: 0
    module-config: "iterator"
forward-zone:
    name: "."
    forward-addr: {OUTSIDE}
remote-control:
    control-enable: no
""")

    def command(self) -> list[str]:
        return [*partners.command("unbound", "usr/sbin/unbound"), "-d", "-p",
                "-c", str(self.directory / "unbound.conf")]  # fmt: skip


SERVERS: tuple[type[Contender], ...] = (Berthd, Dnsmasq, Unbound)


@dataclass
class Run:
    microseconds: float  # CPU per query, at the fixed rate
    unanswered: float  # share of these
    rate: float  # answers a second, as fast as it goes
    lost: float  # share of the questions of that time
    tester: float  # share of that time in which the tester was at work


class Measurement:
    def __init__(self, world: lab.Lab, arguments: argparse.Namespace) -> None:
        self.arguments = arguments
        self.host = world.host("server")
        link = lab.Link(self.host, LINK, f"{SERVER}/16")
        self.guest = world.guest("asker", "52:54:00:ff:ff:fe", link)
        link.create()
        self.guest.ip(f"address add {RELAY}/16 dev eth0")
        wan = lab.Link(self.host, "wan0", "10.99.0.1/24")
        wan.create()
        outside = world.guest("outside", "52:54:00:ff:ff:fd", wan)
        outside.ip(f"address add {OUTSIDE}/24 dev eth0")
        names = [f"n{number}.{ZONE}" for number in range(arguments.names)]
        records = [f"{name}. 86400 A 203.0.113.{i % 250 + 1}" for i, name in enumerate(names)]
        self.upstream = upstreams.Unbound(outside, OUTSIDE, ZONE, records).start()
        self.queries = self.guest.directory / "queries"
        self.queries.write_text("".join(f"{name} A\n" for name in names))
        self.servers = [kind(self.host, 0) for kind in SERVERS]

    def asked(self) -> int:
        """How often the server outside was asked for anything."""
        return (self.upstream.directory / "log").read_text().count(f".{ZONE}. A IN")

    def dnsperf(self, *options: str) -> tuple[int, int]:
        """Queries answered and lost."""
        argv = [*partners.command("dnsperf", "usr/bin/dnsperf"), "-s", SERVER, "-d", str(self.queries),
                "-t", "1", *options]  # fmt: skip
        with core(1):
            output = self.guest.run(argv, timeout=self.arguments.seconds + 60).stdout
        found = [re.search(rf"Queries {what}: +(\d+)", output) for what in ("completed", "lost")]
        if not found[0] or not found[1]:
            raise lab.LabError(f"dnsperf failed\n{output}")
        return int(found[0][1]), int(found[1][1])

    def as_fast_as_it_goes(self) -> tuple[float, float, float]:
        """By `berth load`, which spends less on a query than a server; see Run."""
        argv = [str(BERTH), "load", "dns", "--json", "--server", SERVER, "--queries", str(self.queries),
                "--at-once", str(AT_ONCE), "--duration", f"{self.arguments.seconds}s"]  # fmt: skip
        with core(1):
            result = self.guest.run(argv, timeout=self.arguments.seconds + 60)
        if result.returncode != 0:
            raise lab.LabError(f"berth load failed\n{result.stdout}{result.stderr}")
        told = json.loads(result.stdout)
        return told["completed_rate"], told["exchanges"]["query"]["loss"], told["tester"]["busy_share"]

    def run(self, server: Contender) -> Run:
        seconds = str(self.arguments.seconds)
        pid = start(server)
        try:
            before = self.asked()
            completed, _ = self.dnsperf("-n", "1", "-q", "20")
            known = self.asked()
            if completed < self.arguments.names or known - before < self.arguments.names:
                raise lab.LabError(f"{server.name} answered {completed} of the names, and asked for "
                                   f"{known - before}")  # fmt: skip
            spent = contenders.cpu_seconds(pid)
            completed, lost = self.dnsperf("-Q", str(self.arguments.rate), "-l", seconds, "-q", "1000")
            spent = contenders.cpu_seconds(pid) - spent
            rate, late, tester = self.as_fast_as_it_goes()
            if self.asked() != known:
                raise lab.LabError(f"{server.name} did not keep what it was told")
        finally:
            server.stop()
        return Run(spent * 1e6 / max(1, completed), lost / max(1, completed + lost), rate, late, tester)

    def runs(self) -> dict[str, list[Run]]:
        found: dict[str, list[Run]] = {server.name: [] for server in self.servers}
        for _ in range(self.arguments.rounds):
            for server in self.servers:
                found[server.name].append(self.run(server))
        return found


def spread(values: list[float], digits: int) -> str:
    return (f"{statistics.median(values):,.{digits}f} "
            f"({min(values):,.{digits}f} to {max(values):,.{digits}f})")  # fmt: skip


def report(runs: dict[str, list[Run]], arguments: argparse.Namespace) -> None:
    print(f"{arguments.names} foreign names from the cache: {arguments.rate}/s for {arguments.seconds} s, by "
          f"dnsperf; then as fast as it goes, by berth load\n{arguments.rounds} rounds: median (least to "
          f"most)\n")  # fmt: skip
    print(f"{'':9}{'CPU per query, µs':26}{'berthd / it':21}{'unanswered':12}{'answers a second':31}"
          f"{'berthd / it':21}tester at work")  # fmt: skip
    ours = runs["berthd"]
    for name, theirs in runs.items():
        costs = [our.microseconds / their.microseconds for our, their in zip(ours, theirs)]
        rates = [our.rate / their.rate for our, their in zip(ours, theirs)]
        unanswered = statistics.mean(run.unanswered for run in theirs)
        print(f"{name:9}{spread([run.microseconds for run in theirs], 2):26}{spread(costs, 2):21}"
              f"{f'{unanswered:.2%}':12}{spread([run.rate for run in theirs], 0):31}{spread(rates, 2):21}"
              f"{statistics.median(run.tester for run in theirs):.0%}")  # fmt: skip
    print("\nWhere the tester was at work nearly all the time, the server could do more.")


def complaints(runs: dict[str, list[Run]]) -> list[str]:
    """Servers that left so much undone that what they did says nothing."""
    found = []
    for name, theirs in runs.items():
        if statistics.mean(run.unanswered for run in theirs) > MOST_UNANSWERED:
            found.append(f"{name} left too much unanswered: no fair comparison; try a lower rate")
        if (lost := statistics.mean(run.lost for run in theirs)) > MOST_UNANSWERED:
            found.append(f"{name} lost {lost:.1%} as fast as it goes: its rate is no fair comparison")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools/compare --cached", description=__doc__)
    parser.add_argument("--names", type=int, default=1000, help="that are asked for (1000)")
    parser.add_argument("--rate", type=int, default=20_000, help="queries a second (20000)")
    parser.add_argument("--seconds", type=int, default=2, help="of either load in each run (2)")
    parser.add_argument("--rounds", type=int, default=7, help="runs of each server (7)")
    arguments = parser.parse_args()
    lab.enter()
    try:
        with lab.Lab() as world:
            runs = Measurement(world, arguments).runs()
    except lab.LabError as error:
        print(error, file=sys.stderr)
        return 1
    report(runs, arguments)
    told = complaints(runs)
    for complaint in told:
        print(complaint, file=sys.stderr)
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
