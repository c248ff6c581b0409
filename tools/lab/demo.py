"""The demo behind tools/demo: the embedded plan, seven real clients, a link that comes and goes, a
resolver outside that does so too, and other servers that were first on the ports."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab import berthd, clients, lab, squatter, upstreams, wire  # noqa: E402: found through the line above
from lab.terminal import BOLD, DIM, GREEN, RED, cells, milliseconds, paint, step  # noqa: E402

PID_FILE = lab.ROOT / "build/demo.pid"
DOMAIN = berthd.DEFAULT_DOMAIN
KUBERNETES = "192.168.200.11"
RESOLVER = "10.99.0.53"
# What the resolver outside knows; one answer may be kept for a second only.
FOREIGN = {"www.example": "203.0.113.1", "moment.example": "203.0.113.2", "new.example": "203.0.113.3"}


# --- the show -------------------------------------------------------------------------------------


@dataclasses.dataclass
class Seen:
    """One guest: what the plan says and what came of it."""

    name: str
    mac: str
    expected: str
    guest: lab.Guest
    client: clients.Client
    started: float = 0.0  # time.time()
    lease: clients.Lease | None = None
    right_names: int = 0
    asked_names: int = 0
    wrong: list[str] = dataclasses.field(default_factory=list)
    asked_again: float = 0.0
    renewed: clients.Lease | None = None

    def milliseconds(self) -> float:
        return (self.lease.at - self.started) * 1000 if self.lease else 0.0

    def milliseconds_renewed(self) -> float:
        return (self.renewed.at - self.asked_again) * 1000 if self.renewed else 0.0

    def right(self) -> bool:
        addresses = [lease.address for lease in (self.lease, self.renewed) if lease]
        return addresses == [self.expected] * 2 and self.right_names == self.asked_names > 0


# Apple's servers hold the same ports in other ways.
ON_MACOS = """\
  Linux lets nobody pass a holder of *:53 that does not share it (SO_REUSEADDR), so other-dns does.
  On macOS the system's DNS proxy has *:53 without sharing, and a socket on one address stands beside
  it; bootpd's *:67 is shared, and frames are read there in any case.\
"""


class Demo:
    def __init__(self, world: lab.Lab) -> None:
        self.host = world.host("vmhost")
        self.link = lab.Link(self.host, "berth0", berthd.DEFAULT_LINK)
        self.server = berthd.Berthd(self.host)
        wan = lab.Link(self.host, "wan0", "10.99.0.1/24")
        wan.create()
        outside = world.guest("outside", "52:52:52:99:00:01", wan)
        outside.ip(f"address add {RESOLVER}/24 dev eth0")
        records = [f"{name}. {1 if name == 'moment.example' else 300} A {address}"
                   for name, address in FOREIGN.items()]  # fmt: skip
        self.resolver = upstreams.Unbound(outside, RESOLVER, "example", records)
        self.seen: list[Seen] = []
        for number, (name, (mac, address)) in enumerate(berthd.DEFAULT_HOSTS.items()):
            guest = world.guest(name, mac, self.link)
            program = (clients.Udhcpc, clients.Dhclient)[number % 2]
            self.seen.append(Seen(name, mac, address, guest, program(guest)))
        self.first_offers: list[float] = []

    def run(self) -> None:
        with step("berthd starts; there is no link yet") as line:
            before = time.monotonic()
            self.server.start()
            line.detail = f"ready after {milliseconds(time.monotonic() - before)}, waits for 192.168.200.1"
        with step("the link appears") as line:
            line.detail = self.make_link()
        with step("seven guests ask for an address") as line:
            self.lease_all()
            line.detail = f"{self.right_leases()} of {len(self.seen)} got the one planned for it"
            line.right = self.right_leases() == len(self.seen)
        with step("each looks up all the others") as line:
            right, asked = self.ask_names()
            line.detail = f"{right} of {asked} answers right; kubernetes is {KUBERNETES}"
            line.right = right == asked
        self.foreign_names()
        with step("the link is destroyed and made again") as line:
            old = self.link.index
            self.link.destroy()
            line.detail = f"{self.make_link()}; index {old} became {self.link.index}"
        with step("seven guests renew") as line:
            self.renew_all()
            right = sum(e.renewed is not None and e.renewed.address == e.expected for e in self.seen)
            line.detail = f"{right} of {len(self.seen)} keep their address"
            line.right = right == len(self.seen)

    def foreign_names(self) -> None:
        """Through the host's own resolver, which comes and goes outside."""
        with step("each looks up foreign names") as line:
            self.resolver.start()
            self.host.resolv_conf.write_text(f"nameserver {RESOLVER}\n")
            self.server.wait_log(rf"upstream\.servers servers={RESOLVER}")
            line.detail, line.right = self.ask_foreign("www.example", "moment.example")
            line.detail += ", of the host's own resolver"
        with step("their resolver outside is stopped") as line:
            self.resolver.stop()
            guest = self.seen[0].guest
            lab.wait_for("an answer to be out of date",
                         lambda: clients.dig_one(guest, "moment.example").answer[0].ttl == 30)  # fmt: skip
            line.detail, line.right = self.ask_foreign("www.example", "moment.example")
            line.detail += ", from what is known; one is out of date"
        with step("it is started again") as line:
            self.resolver.start()
            before = time.monotonic()
            lab.wait_for("the resolver to be asked",
                         lambda: clients.dig_one(self.seen[0].guest, "new.example").answer)  # fmt: skip
            after = time.monotonic() - before
            line.detail, line.right = self.ask_foreign("new.example")
            line.detail += f", of a new name; the first after {milliseconds(after)}"

    def ask_foreign(self, *names: str) -> tuple[str, bool]:
        right = 0
        for each in self.seen:
            for name, response in zip(names, clients.dig(each.guest, *names)):
                right += response.data() == [FOREIGN[name]]
        asked = len(self.seen) * len(names)
        return f"{right} of {asked} answers right", right == asked

    def make_link(self) -> str:
        with wire.Wire(self.seen[0].guest) as probe:
            appeared = self.link.create()
            self.first_offers.append(probe.first_offer() - appeared)
        return f"first offer {milliseconds(self.first_offers[-1])} after its address"

    def lease_all(self) -> None:
        for each in self.seen:
            each.started = time.time()
            each.client.start()
        for each in self.seen:
            with contextlib.suppress(lab.LabError):
                each.lease = each.client.lease()

    def right_leases(self) -> int:
        return sum(each.lease is not None and each.lease.address == each.expected for each in self.seen)

    def ask_names(self) -> tuple[int, int]:
        """How many answers were right, and of how many."""
        questions = [(["kubernetes"], KUBERNETES), ([f"kubernetes.{DOMAIN}"], KUBERNETES),
                     (["-x", KUBERNETES], f"kubernetes.{DOMAIN}.")]  # fmt: skip
        for name, (_, address) in berthd.DEFAULT_HOSTS.items():
            questions += [([name], address), ([f"{name}.{DOMAIN}"], address),
                          (["-x", address], f"{name}.{DOMAIN}.")]  # fmt: skip
        arguments = [word for words, _ in questions for word in words]
        for each in self.seen:
            each.asked_names, each.right_names = len(questions), 0
            if each.lease is None:
                continue
            responses = clients.dig(each.guest, *arguments)
            for (words, expected), response in zip(questions, responses):
                if response.data() == [expected]:
                    each.right_names += 1
                else:
                    each.wrong.append(f"{' '.join(words)}: {response.status} {response.data()}")
        return (sum(each.right_names for each in self.seen),
                sum(each.asked_names for each in self.seen))  # fmt: skip

    def renew_all(self) -> None:
        for each in self.seen:
            if each.lease is not None:
                each.asked_again = time.time()
                each.client.renew()
        for each in self.seen:
            with contextlib.suppress(lab.LabError):
                each.renewed = each.client.lease(2) if each.lease else None

    def beside_others(self) -> bool:
        """Everything again where a DNS and a DHCP server were first; True when all is as planned."""
        print("\n" + paint("Other servers hold the ports", BOLD) + "\n")
        with step("others are started before berthd") as line:
            self.server.stop()
            for each in self.seen:
                each.client.stop()
                each.guest.ip("address flush dev eth0")
            dns = squatter.start(self.host, "0.0.0.0", 53, "udp", "reuse", name="other-dns")
            dhcp = squatter.start(self.host, "0.0.0.0", 67, "udp", name="other-dhcp")
            line.detail = "other-dns has *:53 and shares it, other-dhcp has *:67 and does not"
        with step("berthd starts and names both") as line:
            self.server.skip_log()
            self.server.start()
            past = rf"service=dhcp .*serving=yes .*holder=other-dhcp pid={dhcp.pid}\b"
            self.server.wait_log(rf"endpoint\.conflict {past}")
            self.server.mark = 0
            self.server.wait_log(rf"endpoint\.bound service=dns .*serving=yes .*other-dns \(pid {dns.pid}\)")
            line.detail = "DHCP frame by frame, past the holder; DNS on its own address"
        with step("seven guests boot again") as line:
            right_leases = self.lease_again()
            line.detail = f"{right_leases} of {len(self.seen)} got the one planned for it"
            line.right = right_leases == len(self.seen)
        with step("each looks up all the others") as line:
            right, asked = self.ask_names()
            assert dns.stdout
            robbed = bool(select.select([dns.stdout], [], [], 0)[0])
            line.detail = f"{right} of {asked} answers right; " + (
                "other-dns got some questions" if robbed else "other-dns got no question")  # fmt: skip
            line.right = right == asked and not robbed
        print(paint("\n" + ON_MACOS + "\n  Who is in the way of what, and why: berthd --explain-bind", DIM))
        for process in (dns, dhcp):
            lab.stop(process)
        return line.right and right_leases == len(self.seen)

    def lease_again(self) -> int:
        """How many got the address of the plan."""
        before = [len(each.client.leases()) for each in self.seen]
        for each in self.seen:
            each.client.start()
        right = 0
        for each, number in zip(self.seen, before):
            with contextlib.suppress(lab.LabError):
                right += each.client.lease(number + 1).address == each.expected
        return right

    def summary(self) -> bool:
        """Prints the table; True when all is as planned."""
        heads = ("host", "MAC", "planned", "got", "client", "lease", "names", "renewed")
        rows = [self.row(each) for each in self.seen]
        widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
        print("\n  " + paint(cells(heads, widths, 5), BOLD))
        for each, row in zip(self.seen, rows):
            print("  " + paint(cells(row, widths, 5), *([] if each.right() else [RED])))
            for wrong in each.wrong:
                print(paint(f"    {wrong}", RED))
        fine = sum(each.right() for each in self.seen)
        offers = " and ".join(milliseconds(seconds) for seconds in self.first_offers)
        print(f"\n  Address appears → first offer: {offers}.")
        print("  " + paint(f"{fine} of {len(self.seen)} hosts as planned.", BOLD,
                           GREEN if fine == len(self.seen) else RED))  # fmt: skip
        return fine == len(self.seen)

    @staticmethod
    def row(each: Seen) -> tuple[str, ...]:
        return (
            each.name, each.mac, each.expected, each.lease.address if each.lease else "–",
            each.client.program, f"{each.milliseconds():.0f} ms" if each.lease else "–",
            f"{each.right_names}/{each.asked_names}",
            f"{each.milliseconds_renewed():.0f} ms" if each.renewed else "–",
        )  # fmt: skip


# --- a demo that was kept -------------------------------------------------------------------------


def kept() -> int | None:
    """The keeper of the kept demo's world, or None."""
    try:
        pid = int(PID_FILE.read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return None
    return pid if b"tools/lab/demo.py" in command and b"--keep" in command else None


def end() -> int:
    pid = kept()
    PID_FILE.unlink(missing_ok=True)
    if pid is None:
        print("No demo is running.")
        return 1
    os.kill(pid, signal.SIGKILL)  # the kernel then ends all that is inside
    lab.wait_for("the demo to end", lambda: not Path(f"/proc/{pid}").exists())
    print("The demo has ended; nothing is left of it.")
    return 0


def go_in(host: str, command: list[str]) -> int:
    pid = kept()
    if pid is None:
        print("No demo is running; start one by tools/demo --keep.", file=sys.stderr)
        return 1
    leader = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]
    here = ["nsenter", "--target", leader, "--mount", "--pid", "--net", "--uts", "--ipc", "--"]
    places = subprocess.run([*here, "sh", "-c", f"echo /run/lab-*/{host}"],
                            stdout=subprocess.PIPE, text=True, check=True).stdout  # fmt: skip
    if "*" in places:
        print(f"There is no {host}; there are vmhost, {', '.join(berthd.DEFAULT_HOSTS)}.",
              file=sys.stderr)  # fmt: skip
        return 2
    bind = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
    resolver = f"{places.strip()}/resolv.conf"
    shell = ["env", f"PS1={host}# ", "sh", "-i"]
    os.execvp("nsenter", [*here, "ip", "netns", "exec", host, "sh", "-c", bind, resolver,
                          *(command or shell)])  # fmt: skip


def show(keep: bool) -> int:
    print(paint("Berth: seven guests on 192.168.200.0/24, in network namespaces of their own", BOLD) + "\n")
    with lab.Lab() as world:
        demo = Demo(world)
        try:
            demo.run()
        except lab.LabError as error:
            print(f"\n{error}", file=sys.stderr)
            return 1
        right = demo.summary()
        right &= demo.beside_others()
        if keep:
            print(
                "\n  It goes on running. Look around, then end it:\n\n"
                "    tools/demo --in worker0 dig +short kubernetes\n"
                "    tools/demo --in control1 getent hosts worker0\n"
                "    tools/demo --in gateway               a shell on the guest\n"
                f"    tools/demo --in vmhost cat {demo.server.log_file}\n"
                "    tools/demo --end"
            )
            lab.stay(0 if right else 1)
        demo.server.stop()
    return 0 if right else 1


def main() -> int:
    mode, *rest = sys.argv[1:] or [""]
    if mode == "--end":
        return end()
    if mode == "--in":
        if not rest:
            sys.exit("tools/demo --in HOST [COMMAND…]")
        return go_in(rest[0], rest[1:])
    if mode == "--keep":
        if kept():
            sys.exit("A demo is running already; end it by tools/demo --end.")
        lab.enter(PID_FILE)
    else:
        lab.enter()
    return show(mode == "--keep")


if __name__ == "__main__":
    sys.exit(main())
