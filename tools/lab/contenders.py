"""The servers that are compared, each with the same plan and as fast as its manual says it can be.

A subnet whose hosts have a MAC and an address each, and their names in the domain `load`. None
writes a lease file that it could do without, asks whether an address is in use, or logs each
message. All but the floor answer the same questions with the same addresses.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from . import berthd, lab, partners, unbound

SERVER = "172.30.0.1"
RELAY = "172.30.255.2"
SUBNET = "172.30.0.0/16"
LINK = "br0"
FIRST_MAC = 0x525400100000
FIRST_HOST = 0x0100  # 172.30.1.0: host number of the first client


def mac(number: int) -> str:
    digits = f"{FIRST_MAC + number:012x}"
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2))


def address(number: int) -> str:
    host = FIRST_HOST + number
    return f"172.30.{host >> 8}.{host & 255}"


class Contender:
    """A server that can be started and stopped in a host's namespace, again and again."""

    name = ""
    service = "dhcp"
    crowd = 20_000  # hosts with which it is still itself, where many are needed

    def __init__(self, host: lab.Namespace, clients: int) -> None:
        self.host = host
        self.clients = clients
        self.directory = host.directory / f"{self.name}-{self.service}-{clients}"
        self.directory.mkdir(exist_ok=True)
        self.process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Writes its configuration."""

    def command(self) -> list[str]:
        raise NotImplementedError

    def start(self) -> int:
        """Returns the pid when its port is bound, and whatever it loads is loaded."""
        if not any(self.directory.iterdir()):
            self.prepare()
        log = (self.directory / "log").open("wb")
        self.process = self.host.start(self.command(), stdout=log, stderr=log)
        lab.wait_for(f"{self.name} on its port", self.is_bound)
        return self.process.pid

    def stop(self) -> None:
        assert self.process
        lab.stop(self.process)

    def is_bound(self) -> bool:
        assert self.process
        if self.process.poll() is not None:
            raise lab.LabError(f"{self.name} ended\n{(self.directory / 'log').read_text()}")
        port = 67 if self.service == "dhcp" else 53
        return f":{port} " in self.host.run(["ss", "-lun"]).stdout

    def write(self, name: str, text: str) -> str:
        path = self.directory / name
        path.write_text(text)
        return str(path)

    def hosts(self) -> range:
        return range(self.clients)


class Floor(Contender):
    name = "floor"

    def command(self) -> list[str]:
        return [str(lab.ROOT / "build/release/bench/floor"), self.service, SERVER]


class Berthd(Contender):
    name = "berthd"

    def start(self) -> int:
        lines = ["networks:", "  load:", f"    subnet: {SUBNET}", "    hosts:"]
        for i in self.hosts():
            lines.append(f"      h{i}: {{mac: '{mac(i)}', address: {address(i)}}}")
        self.server = berthd.Berthd(self.host, "\n".join(lines) + "\n")
        self.server.start()
        self.server.wait_log(rf"endpoint\.bound service={self.service}")
        assert self.server.process
        return self.server.process.pid

    def stop(self) -> None:
        self.server.stop()


class Dnsmasq(Contender):
    name = "dnsmasq"
    crowd = 2000  # it looks through its list of hosts from one end

    def prepare(self) -> None:
        self.write("hosts", "".join(f"{mac(i)},{address(i)},h{i}\n" for i in self.hosts()))

    def command(self) -> list[str]:
        return [
            *partners.command("dnsmasq-base", "usr/sbin/dnsmasq"), "--keep-in-foreground",
            "--conf-file=/dev/null", "--port=0", f"--interface={LINK}", "--bind-interfaces",
            "--leasefile-ro", "--quiet-dhcp", "--user=root", "--dhcp-authoritative", "--no-ping",
            "--dhcp-lease-max=100000", "--pid-file",
            "--dhcp-range=172.30.0.0,static,255.255.0.0,12h",
            f"--dhcp-hostsfile={self.directory / 'hosts'}",
        ]  # fmt: skip


class Kea(Contender):
    name = "kea"

    def prepare(self) -> None:
        reservations = [{"hw-address": mac(i), "ip-address": address(i)} for i in self.hosts()]
        subnet = {
            "id": 1, "subnet": SUBNET, "reservations": reservations,
            "reservations-in-subnet": True, "reservations-out-of-pool": True,
        }  # fmt: skip
        self.write("kea.json", json.dumps({"Dhcp4": {
            "interfaces-config": {"interfaces": [LINK], "dhcp-socket-type": "udp"},
            "lease-database": {"type": "memfile", "persist": False},
            "valid-lifetime": 43200, "subnet4": [subnet],
            "host-reservation-identifiers": ["hw-address"],
            "multi-threading": {"enable-multi-threading": False},
            "loggers": [{"name": "kea-dhcp4", "severity": "ERROR",
                         "output_options": [{"output": "stderr"}]}],
        }}))  # fmt: skip

    def command(self) -> list[str]:
        place = str(self.directory)
        return ["env", f"KEA_PIDFILE_DIR={place}", f"KEA_LOCKFILE_DIR={place}",
                *partners.command("kea-dhcp4-server", "usr/sbin/kea-dhcp4"),
                "-c", str(self.directory / "kea.json")]  # fmt: skip


class Dhcpd(Contender):
    name = "dhcpd"

    def prepare(self) -> None:
        hosts = "".join(
            f"host h{i} {{ hardware ethernet {mac(i)}; fixed-address {address(i)}; }}\n"
            for i in self.hosts()
        )
        self.write("dhcpd.conf", "authoritative; default-lease-time 43200; max-lease-time 43200;\n"
                   f"subnet 172.30.0.0 netmask 255.255.0.0 {{ }}\n{hosts}")  # fmt: skip
        self.write("leases", "")

    def command(self) -> list[str]:
        return [*partners.command("isc-dhcp-server", "usr/sbin/dhcpd"), "-4", "-f", "-q", "--no-pid",
                "-cf", str(self.directory / "dhcpd.conf"), "-lf", str(self.directory / "leases"),
                LINK]  # fmt: skip


# --- the same hosts by name -----------------------------------------------------------------------


class FloorDns(Floor):
    service = "dns"


class BerthdDns(Berthd):
    service = "dns"


class DnsmasqDns(Dnsmasq):
    service = "dns"

    def prepare(self) -> None:
        self.write("hosts", "".join(f"{address(i)} h{i}.load\n" for i in self.hosts()))

    def command(self) -> list[str]:
        return [
            *partners.command("dnsmasq-base", "usr/sbin/dnsmasq"), "--keep-in-foreground",
            "--conf-file=/dev/null", f"--interface={LINK}", "--bind-interfaces", "--no-resolv",
            "--no-hosts", "--local=/load/", "--local-ttl=60", "--user=root", "--pid-file",
            f"--addn-hosts={self.directory / 'hosts'}",
        ]  # fmt: skip


class Zone(Contender):
    """A server of zones, which this one reads from a file."""

    service = "dns"

    def zone(self) -> str:
        lines = ["$ORIGIN load.", "$TTL 60", "@ SOA ns hostmaster 1 3600 600 86400 60", "@ NS ns",
                 f"ns A {SERVER}"]  # fmt: skip
        return self.write("load.zone", "\n".join(
            [*lines, *(f"h{i} A {address(i)}" for i in self.hosts())]) + "\n")  # fmt: skip


class Knot(Zone):
    name = "knot"

    def prepare(self) -> None:
        self.write("knot.conf", f"""
server:
    listen: {SERVER}@53
    rundir: {self.directory}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: {self.directory}
log:
  - target: stderr
    any: error
zone:
  - domain: load
    file: {self.zone()}
    zonefile-load: whole
    journal-content: none
""")  # fmt: skip

    def command(self) -> list[str]:
        return [*partners.command("knot", "usr/sbin/knotd"), "-c", str(self.directory / "knot.conf")]


class Nsd(Zone):
    name = "nsd"

    def prepare(self) -> None:
        self.write("nsd.conf", f"""
server:
    server-count: 1
    ip-address: {SERVER}
    username: ""
    zonesdir: "{self.directory}"
    pidfile: ""
    database: ""
    xfrdfile: ""
    zonelistfile: "{self.directory}/zone.list"
    xfrdir: "{self.directory}"
    verbosity: 0
remote-control:
    control-enable: no
zone:
    name: load
    zonefile: {self.zone()}
""")

    def command(self) -> list[str]:
        return [*partners.command("nsd", "usr/sbin/nsd"), "-d", "-c", str(self.directory / "nsd.conf")]


class Unbound(Contender):
    name = "unbound"
    service = "dns"

    def prepare(self) -> None:
        data = "".join(f'    local-data: "h{i}.load. 60 A {address(i)}"\n' for i in self.hosts())
        self.write("unbound.conf", unbound.configuration(
            self.directory, SERVER, f'    verbosity: 0\n    local-zone: "load." static\n{data}'))  # fmt: skip

    def command(self) -> list[str]:
        return unbound.command(self.directory / "unbound.conf")


DHCP: tuple[type[Contender], ...] = (Berthd, Floor, Dnsmasq, Dhcpd, Kea)
DNS: tuple[type[Contender], ...] = (BerthdDns, FloorDns, Knot, Nsd, Unbound, DnsmasqDns)


def family(pid: int) -> list[int]:
    """A process and all below it: nsd answers in a child."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += family(int(child))
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time of all of them."""
    return sum(berthd.cpu_seconds(one) for one in family(pid))
