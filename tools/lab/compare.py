"""What a DHCP exchange costs a server, berthd's CPU time against dnsmasq's in one run.

Both get the same plan, in turn, several times over, on an isolated link; perfdhcp is the load: a
relay agent with many clients at a fixed rate. The figure is the server's own CPU time, user and
system, divided by the handshakes that it completed: a ratio of two of them means the same on a busy
machine as on an idle one.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab import berthd, lab, partners  # noqa: E402: found through the line above

SERVER = "172.30.0.1"
RELAY = "172.30.255.2"
FIRST_MAC = 0x525400100000
FIRST_HOST = 0x0100  # 172.30.1.0: host number of the first client
PERFDHCP_RAN = (0, 3)  # its exit codes for a run to the end: all answered, or not all
MOST_UNANSWERED = 0.01  # of a server's requests: beyond, it was not the same work for both


def mac(number: int) -> str:
    digits = f"{FIRST_MAC + number:012x}"
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2))


def address(number: int) -> str:
    host = FIRST_HOST + number
    return f"172.30.{host >> 8}.{host & 255}"


class Berthd:
    name = "berthd"

    def __init__(self, host: lab.Namespace, clients: int) -> None:
        lines = ["networks:", "  load:", "    subnet: 172.30.0.0/16", "    hosts:"]
        for i in range(clients):
            lines.append(f"      h{i}: {{mac: '{mac(i)}', address: {address(i)}}}")
        self.server = berthd.Berthd(host, "\n".join(lines) + "\n")

    def start(self) -> int:
        self.server.start()
        self.server.wait_log(r"endpoint\.bound service=dhcp")
        assert self.server.process
        return self.server.process.pid

    def stop(self) -> None:
        self.server.stop()


class Dnsmasq:
    name = "dnsmasq"

    def __init__(self, host: lab.Namespace, clients: int) -> None:
        self.host = host
        hosts = host.directory / "dnsmasq-hosts"
        hosts.write_text("".join(f"{mac(i)},{address(i)},h{i}\n" for i in range(clients)))
        # At its fastest: no lease file, no name service, no log.
        self.argv = [
            *partners.command("dnsmasq-base", "usr/sbin/dnsmasq"), "--keep-in-foreground", "--conf-file=/dev/null", "--port=0",
            "--interface=br0", "--bind-interfaces", "--leasefile-ro", "--quiet-dhcp", "--user=root",
            "--dhcp-authoritative", "--no-ping", "--dhcp-lease-max=100000", "--pid-file",
            "--dhcp-range=172.30.0.0,static,255.255.0.0,12h", f"--dhcp-hostsfile={hosts}",
        ]  # fmt: skip

    def start(self) -> int:
        log = (self.host.directory / "dnsmasq.log").open("wb")
        self.process = self.host.start(self.argv, stdout=log, stderr=log)
        # Bound when the kernel lists port 67 in this namespace.
        lab.wait_for("dnsmasq on port 67", lambda: ":67 " in self.host.run(["ss", "-lun"]).stdout)
        return self.process.pid

    def stop(self) -> None:
        lab.stop(self.process)


@dataclass
class Run:
    exchanges: int
    dropped: int
    microseconds: float  # CPU per exchange


def perfdhcp(guest: lab.Guest, rate: int, seconds: int, clients: int) -> tuple[int, int]:
    """Runs the load; returns the handshakes completed and the requests unanswered."""
    argv = [
        *partners.command("kea-admin", "usr/sbin/perfdhcp"), "-4", "-r", str(rate),
        "-R", str(clients), "-p", str(seconds), "-b", f"mac={mac(0)}", "-l", RELAY, SERVER,
    ]  # fmt: skip
    result = guest.run(argv, timeout=seconds + 30)
    received = [int(number) for number in re.findall(r"received packets: (\d+)", result.stdout)]
    drops = [int(number) for number in re.findall(r"^drops: (\d+)", result.stdout, re.M)]
    if result.returncode not in PERFDHCP_RAN or len(received) < 2 or len(drops) < 2:
        raise lab.LabError(
            f"perfdhcp ended with exit code {result.returncode}\n{result.stdout}{result.stderr}"
        )
    return received[1], sum(drops[:2])


def measure(server: Berthd | Dnsmasq, guest: lab.Guest, arguments: argparse.Namespace) -> Run:
    pid = server.start()
    try:
        before = berthd.cpu_seconds(pid)
        exchanges, dropped = perfdhcp(guest, arguments.rate, arguments.seconds, arguments.clients)
        spent = berthd.cpu_seconds(pid) - before
    finally:
        server.stop()
    if exchanges == 0:
        raise lab.LabError(f"{server.name} completed no handshake, and left {dropped} unanswered")
    return Run(exchanges, dropped, spent * 1e6 / exchanges)


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):7.2f} ({min(values):.2f} to {max(values):.2f})"


Runs = dict[str, list[Run]]


def measure_all(arguments: argparse.Namespace) -> Runs:
    with lab.Lab() as world:
        host = world.host("server")
        link = lab.Link(host, "br0", f"{SERVER}/16")
        guest = world.guest("relay", "52:54:00:ff:ff:fe", link)
        link.create()
        guest.ip(f"address add {RELAY}/16 dev eth0")
        servers = [Berthd(host, arguments.clients), Dnsmasq(host, arguments.clients)]
        runs: Runs = {server.name: [] for server in servers}
        for pair in range(arguments.pairs):
            for server in servers:
                runs[server.name].append(measure(server, guest, arguments))
            print(f"\r  pair {pair + 1} of {arguments.pairs}", end="", file=sys.stderr, flush=True)
        print("\r\033[K" if sys.stderr.isatty() else "", end="", file=sys.stderr)
    return runs


def report(runs: Runs, arguments: argparse.Namespace) -> None:
    print(f"DHCP, relayed, {arguments.rate}/s for {arguments.seconds} s, {arguments.clients} hosts, "
          f"{arguments.pairs} interleaved pairs: median (least to most)\n")
    for name, results in runs.items():
        print(f"{name:8} CPU per 4-way exchange, µs {spread([r.microseconds for r in results])}   "
              f"handshakes {sum(r.exchanges for r in results)}, "
              f"unanswered {sum(r.dropped for r in results)}")
    ratios = [
        ours.microseconds / theirs.microseconds
        for ours, theirs in zip(runs["berthd"], runs["dnsmasq"], strict=True)
    ]
    print(f"{'ratio':8} berthd / dnsmasq           {spread(ratios)}")


def judge(runs: Runs) -> int:
    """1 when a server left so much undone that its CPU time says nothing."""
    code = 0
    for name, results in runs.items():
        dropped = sum(run.dropped for run in results)
        share = dropped / (dropped + sum(run.exchanges for run in results))
        if share > MOST_UNANSWERED:
            print(f"{name} left {share:.1%} unanswered: no fair comparison; try a lower --rate",
                  file=sys.stderr)  # fmt: skip
            code = 1
    return code


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools/compare", description=__doc__)
    parser.add_argument("--rate", type=int, default=4000, help="handshakes a second (4000)")
    parser.add_argument("--seconds", type=int, default=4, help="of load in each run (4)")
    parser.add_argument("--clients", type=int, default=200, help="hosts of the plan (200)")
    parser.add_argument("--pairs", type=int, default=11, help="runs of each server (11)")
    arguments = parser.parse_args()
    lab.enter()
    try:
        runs = measure_all(arguments)
    except lab.LabError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    report(runs, arguments)
    return judge(runs)


if __name__ == "__main__":
    sys.exit(main())
