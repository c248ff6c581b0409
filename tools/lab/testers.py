"""What makes the load of a comparison: `berth load`, and two that know nothing of Berth.

Server and tester get a core each where there are two, so that neither takes the other's time, and
come before whatever else the machine does.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from . import lab, partners
from .contenders import RELAY, SERVER, Contender, mac

BERTH = lab.ROOT / "build/release/tools/berth/berth"
FIRST = -20  # nice(2)
BERTH_RAN = (0, 1)  # its exit codes for a run to the end: within its limits, or not
PERFDHCP_RAN = (0, 3)  # likewise: all answered, or not all


@dataclass
class Counts:
    """Exchanges that were completed and questions that were not answered."""

    exchanges: int
    unanswered: int


# Runs so many a second for so long, from so many clients.
Tester = Callable[[lab.Guest, int, int, int], Counts]


@contextlib.contextmanager
def core(number: int) -> Iterator[None]:
    """What is started inside stays on this one of the cores that we have, and goes first there."""
    ours, niceness = os.sched_getaffinity(0), os.getpriority(os.PRIO_PROCESS, 0)
    if len(ours) > 1:
        os.sched_setaffinity(0, {sorted(ours)[number]})
    os.setpriority(os.PRIO_PROCESS, 0, FIRST)
    put_session_first(os.getpid())
    try:
        yield
    finally:
        os.setpriority(os.PRIO_PROCESS, 0, niceness)
        os.sched_setaffinity(0, ours)


def put_session_first(pid: int) -> None:
    """sched(7): with autogroups, which a kernel may have, niceness counts inside a session only."""
    with contextlib.suppress(FileNotFoundError):
        Path(f"/proc/{pid}/autogroup").write_text(str(FIRST))


def start(server: Contender) -> int:
    """On its core; returns its pid."""
    with core(0):
        pid = server.start()
    put_session_first(pid)
    return pid


def berth_load(guest: lab.Guest, service: str, clients: int, *arguments: str) -> dict[str, Any]:
    """What `berth load --json` says."""
    if service == "dhcp":  # leases stay: the next run is by the same clients
        who = ["--relay", RELAY, "--server", SERVER, "--macs", f"{mac(0)}+{clients}", "--keep-leases"]
    else:
        who = ["--server", SERVER, "--queries", queries(guest, clients)]
    with core(1):
        return report_of(guest, service, *who, *arguments)


def ceiling(guest: lab.Guest, service: str) -> float:
    """Of `berth load` by itself, a second; it has a server of its own for that, on the other core."""
    report = report_of(guest, service, "--self-check")
    return float(report["tester"]["ceiling_rate"])


def report_of(guest: lab.Guest, *arguments: str) -> dict[str, Any]:
    result = guest.run([str(BERTH), "load", *arguments, "--json"], timeout=300)
    if result.returncode not in BERTH_RAN or not result.stdout:
        raise lab.LabError(f"berth load ended with exit code {result.returncode}\n{result.stderr}")
    return json.loads(result.stdout)  # type: ignore[no-any-return]


class Judged(Protocol):
    is_testers: bool  # rather than the server's


def limited(rounds: Mapping[str, Sequence[Judged]]) -> list[str]:
    """Complaints: servers of which some rounds say what the tester could do, not the server."""
    return [f"{name}: the tester was the limit of {count} of {len(each)} rounds"
            for name, each in rounds.items() if (count := sum(one.is_testers for one in each))]  # fmt: skip


def queries(guest: lab.Guest, clients: int) -> str:
    """The file that names each host once, as dnsperf reads it too."""
    path = guest.directory / f"queries-{clients}"
    if not path.exists():
        path.write_text("".join(f"h{i}.load A\n" for i in range(clients)))
    return str(path)


def berth(service: str, whole: str) -> Tester:
    """`berth load` at a fixed rate; `whole` is the exchange that counts."""

    def run(guest: lab.Guest, rate: int, seconds: int, clients: int) -> Counts:
        report = berth_load(guest, service, clients, "--rate", str(rate), "--duration", f"{seconds}s")
        exchange = report["exchanges"][whole]
        return Counts(exchange["received"], exchange["sent"] - exchange["received"])

    return run


def perfdhcp(guest: lab.Guest, rate: int, seconds: int, clients: int) -> Counts:
    """A relay agent with many clients."""
    argv = [
        *partners.command("kea-admin", "usr/sbin/perfdhcp"), "-4", "-r", str(rate),
        "-R", str(clients), "-p", str(seconds), "-b", f"mac={mac(0)}", "-l", RELAY, SERVER,
    ]  # fmt: skip
    with core(1):
        result = guest.run(argv, timeout=seconds + 30)
    received = [int(number) for number in re.findall(r"received packets: (\d+)", result.stdout)]
    drops = [int(number) for number in re.findall(r"^drops: (\d+)", result.stdout, re.M)]
    if result.returncode not in PERFDHCP_RAN or len(received) < 2 or len(drops) < 2:
        raise lab.LabError(
            f"perfdhcp ended with exit code {result.returncode}\n{result.stdout}{result.stderr}"
        )
    return Counts(received[1], sum(drops[:2]))


def dnsperf(guest: lab.Guest, rate: int, seconds: int, clients: int) -> Counts:
    """Addresses of hosts by name over UDP."""
    argv = [*partners.command("dnsperf", "usr/bin/dnsperf"), "-s", SERVER,
            "-d", queries(guest, clients), "-Q", str(rate), "-l", str(seconds), "-q", "1000"]  # fmt: skip
    with core(1):
        result = guest.run(argv, timeout=seconds + 30)
    found = {word: re.search(rf"Queries {word}: +(\d+)", result.stdout)
             for word in ("completed", "lost")}  # fmt: skip
    if not found["completed"] or not found["lost"]:
        raise lab.LabError(f"dnsperf failed\n{result.stdout}{result.stderr}")
    return Counts(int(found["completed"][1]), int(found["lost"][1]))


# By service: ours, and the witness.
TESTERS: dict[str, dict[str, Tester]] = {
    "dhcp": {"berth load": berth("dhcp", "handshake"), "perfdhcp": perfdhcp},
    "dns": {"berth load": berth("dns", "query"), "dnsperf": dnsperf},
}
