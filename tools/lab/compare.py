"""berthd beside other servers, with the same plan and load, in one run.

All run in turn, several times over, on an isolated link, server and tester on a core each. Asked
for nothing else, it says what an exchange costs each of them.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab import caches, comparison_page, contenders, costs, lab, limits, overload  # noqa: E402: as above
from lab.contenders import RELAY, SERVER, Contender  # noqa: E402
from lab.testers import TESTERS  # noqa: E402

TITLES = {"dhcp": "DHCP handshakes through a relay agent", "dns": "DNS queries for hosts of the plan"}
UNITS = {"dhcp": "4-way exchange", "dns": "query"}
KINDS = {"dhcp": contenders.DHCP, "dns": contenders.DNS}
OURS = ("berthd", "floor")  # always there
Result = costs.Costs | limits.Limits | overload.Overload | caches.Caches


class Comparison:
    """The lab, and what is measured in it."""

    def __init__(self, world: lab.Lab, arguments: argparse.Namespace) -> None:
        self.world = world
        self.arguments = arguments
        self.host = world.host("server")
        link = lab.Link(self.host, contenders.LINK, f"{SERVER}/16")
        self.guest = world.guest("relay", "52:54:00:ff:ff:fe", link)
        link.create()
        self.guest.ip(f"address add {RELAY}/16 dev eth0")

    def servers(self, service: str, clients: int | None) -> list[Contender]:
        """Those that were asked for, with so many hosts, or as many as each of them is at home with."""
        wanted = self.arguments.names and {*OURS, *self.arguments.names}
        return [kind(self.host, clients or kind.crowd) for kind in KINDS[service]
                if not wanted or kind.name in wanted]  # fmt: skip

    def results(self) -> Iterator[Result]:
        wanted = self.arguments
        for service in services(wanted):
            if wanted.find_max:
                yield self.find_max(service)
            if wanted.overload and service == "dhcp":
                yield overload.measure_all(self.servers(service, wanted.clients), self.guest,
                                           wanted.seconds, wanted.rounds or 5)  # fmt: skip
            if wanted.cached and service == "dns":
                known = caches.Caches(wanted.foreign, wanted.queries, wanted.seconds)
                yield caches.measure_all(self.world, self.host, self.guest, known, wanted.rounds or 7)
            if not wanted.find_max and not wanted.overload and not wanted.cached:
                yield from self.costs(service)

    def find_max(self, service: str) -> limits.Limits:
        whole, plural = ("handshake", "handshakes") if service == "dhcp" else ("query", "queries")
        clients = self.arguments.clients or 200
        search = limits.Search(TITLES[service], service, whole, plural, clients, self.arguments.trial)
        return limits.measure_all(search, self.servers(service, clients), self.guest,
                                  self.arguments.rounds or 5)  # fmt: skip

    def costs(self, service: str) -> Iterator[costs.Costs]:
        wanted = self.arguments
        clients = wanted.clients or 200
        rate = wanted.rate if service == "dhcp" else wanted.queries
        servers = self.servers(service, clients)
        for tool, tester in TESTERS[service].items():
            if tool == "berth load" or wanted.witness:
                load = costs.Load(TITLES[service], UNITS[service], rate, wanted.seconds, clients, tool, tester)
                yield costs.measure_all(load, servers, self.guest, wanted.rounds or 11)


def machine() -> str:
    """Where figures come from, for whoever reads them later."""
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    return (f"{os.cpu_count()} cores, {model[1] if model else platform.machine()}, "
            f"Linux {platform.release()}, {time.strftime('%Y-%m-%d')}")  # fmt: skip


def services(wanted: argparse.Namespace) -> tuple[str, ...]:
    """That are measured: overload of DHCP alone, what is cached of DNS alone."""
    if wanted.service != "both":
        return (wanted.service,)
    if wanted.find_max or wanted.overload == wanted.cached:
        return ("dhcp", "dns")
    return ("dhcp",) if wanted.overload else ("dns",)


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools/compare", description=__doc__)
    parser.add_argument("--service", choices=("dhcp", "dns", "both"), default="both")
    parser.add_argument("--with", dest="names", metavar="NAME,…", default=[], type=lambda text: text.split(","),
                        help="only these beside berthd and the floor")
    parser.add_argument("--find-max", action="store_true",
                        help="instead: the highest rate that each of them bears")
    parser.add_argument("--overload", action="store_true",
                        help="instead: what each gets done when asked more than it can, of DHCP")
    parser.add_argument("--cached", action="store_true",
                        help="instead: foreign names that berthd, dnsmasq and Unbound have in their caches")
    parser.add_argument("--witness", action="store_true",
                        help="costs by perfdhcp and dnsperf too, which know nothing of Berth")
    parser.add_argument("--rate", type=int, default=4000, help="handshakes a second (4000)")
    parser.add_argument("--queries", type=int, default=20_000, help="queries a second (20000)")
    parser.add_argument("--foreign", type=int, default=1000, help="names, with --cached (1000)")
    parser.add_argument("--seconds", type=int, default=3, help="of load in each run (3)")
    parser.add_argument("--trial", default="1s", help="how long each trial of a search lasts (1s)")
    parser.add_argument("--clients", type=int,
                        help="hosts of the plan (200; under overload 20000, of dnsmasq 2000)")
    parser.add_argument("--rounds", type=int,
                        help="runs of each server (11; of searches and overload 5; of caches 7)")
    parser.add_argument("--html", metavar="FILE", help="writes a page with plots, too")
    arguments = parser.parse_args(argv)  # fmt: skip
    if arguments.overload and arguments.service == "dns":
        parser.error("--overload measures DHCP alone: --service dhcp or both")
    if arguments.cached and arguments.service == "dhcp":
        parser.error("--cached measures DNS alone: --service dns or both")
    if arguments.cached and arguments.names:
        parser.error("--cached measures berthd, dnsmasq and Unbound, and no others: no --with")
    known = {kind.name: None for service in services(arguments) for kind in KINDS[service]}
    choices = [name for name in known if name not in OURS]
    for name in arguments.names:
        if name not in known:
            parser.error(f"--with: {name!r} is not one of {', '.join(choices)}")
    return arguments


def main() -> int:
    arguments = parse()
    lab.enter()
    done: list[Result] = []
    try:
        with lab.Lab() as world:
            for result in Comparison(world, arguments).results():
                done.append(result)
                print(f"{result.heading()}\n\n{comparison_page.text(result.columns(), result.rows())}\n\n"
                      f"{result.sentence()}\n", flush=True)  # fmt: skip
    except lab.LabError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    print(machine())
    if arguments.html:
        sections = [result.section() for result in done]
        Path(arguments.html).write_text(comparison_page.page(sections, machine(), sys.argv[1:]))
    complaints = [complaint for result in done for complaint in result.complaints()]
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
