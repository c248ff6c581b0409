"""Real clients in a guest's namespace: udhcpc, dhclient, dhcpcd, systemd-networkd and klibc's
ipconfig for addresses, dig for names.

None of them touches the machine: addresses are set in the guest, and the script they call writes
the guest's own resolv.conf.
"""

from __future__ import annotations

import contextlib
import dataclasses
import ipaddress
import re
import shutil
import signal
import subprocess
from pathlib import Path

from . import lab, systemd

# Called by udhcpc with the event as argument and by dhclient and dhcpcd with it in $reason: applies
# what was leased, then appends one block of variables to the guest's `events`.
SCRIPT = r"""#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
event=${reason:-$1}
address=${new_ip_address:-$ip}
mask=${new_subnet_mask:-$subnet}
case $event in
  bound | renew | BOUND | RENEW | REBIND | REBOOT)
    case $(ip -4 -o address show dev eth0) in
      *" $address/"*) ;;
      *) ip -4 address flush dev eth0 && ip address add "$address/$mask" dev eth0 ;;
    esac
    for via in ${new_routers:-$router}; do ip route replace default via "$via" dev eth0 && break; done
    {
      search=${new_domain_search:-${search:-${new_domain_name:-$domain}}}
      [ -z "$search" ] || echo "search $search"
      for server in ${new_domain_name_servers:-$dns}; do echo "nameserver $server"; done
    } > DIRECTORY/resolv.conf
    { echo "event=$event"; echo "at=$(date +%s.%N)"; env; echo end; } >> DIRECTORY/events
    ;;
  deconfig | PREINIT) ip link set eth0 up ;;
  EXPIRE | nak) ip -4 address flush dev eth0 ;;
esac
exit 0
"""

# What dhclient is to ask for, in place of the distribution's /etc/dhcp/dhclient.conf.
DHCLIENT_CONF = """
option classless-routes code 121 = array of unsigned integer 8;
request subnet-mask, broadcast-address, classless-routes, routers, domain-name, domain-name-servers,
  domain-search, host-name, interface-mtu, ntp-servers, dhcp-renewal-time, dhcp-rebinding-time;
retry 2;
timeout 20;
initial-interval 1;
"""

DHCPCD_CONF = """
option subnet_mask, broadcast_address, routers, domain_name, domain_name_servers, domain_search
option host_name, interface_mtu, ntp_servers, classless_static_routes
nohook resolv.conf
noipv6
"""

NETWORKD_CONF = """
[Match]
Name=eth0
[Network]
DHCP=ipv4
LinkLocalAddressing=no
IPv6AcceptRA=no
[DHCPv4]
UseMTU=yes
UseDomains=yes
"""


@dataclasses.dataclass(frozen=True)
class Lease:
    """What a client says it was given."""

    event: str
    at: float  # time.time() when the client applied it
    address: str
    mask: str
    routers: list[str]
    dns_servers: list[str]
    domain: str
    search: list[str]
    host_name: str
    server_id: str
    lease_time: int
    broadcast: str
    mtu: int = 0  # none given
    ntp_servers: list[str] = dataclasses.field(default_factory=list)
    routes: dict[str, str] = dataclasses.field(default_factory=dict)  # by destination

    @staticmethod
    def from_environment(variables: dict[str, str]) -> Lease:
        def value(dhclient: str, udhcpc: str) -> str:
            return variables.get("new_" + dhclient) or variables.get(udhcpc, "")

        return Lease(
            event=variables["event"],
            at=float(variables["at"]),
            address=value("ip_address", "ip"),
            mask=value("subnet_mask", "subnet"),
            routers=value("routers", "router").split(),
            dns_servers=value("domain_name_servers", "dns").split(),
            domain=value("domain_name", "domain"),
            search=[name.rstrip(".") for name in value("domain_search", "search").split()],
            host_name=value("host_name", "hostname"),
            server_id=value("dhcp_server_identifier", "serverid"),
            lease_time=int(value("dhcp_lease_time", "lease") or 0),
            broadcast=value("broadcast_address", "broadcast"),
            mtu=int(value("interface_mtu", "mtu") or 0),
            ntp_servers=value("ntp_servers", "ntpsrv").split(),
            routes=_routes(variables.get("new_classless_routes", ""))  # dhclient's
            or _route_pairs(value("classless_static_routes", "staticroutes").split()),
        )

    @property
    def interface(self) -> str:
        return str(ipaddress.IPv4Interface(f"{self.address}/{self.mask}"))


def _route_pairs(words: list[str]) -> dict[str, str]:
    return dict(zip(words[::2], words[1::2]))


def _routes(text: str) -> dict[str, str]:
    """RFC 3442, as the numbers of its octets."""
    octets = bytes(map(int, text.split()))
    routes = {}
    while octets:
        length = octets[0]
        end = 1 + (length + 7) // 8
        destination = ipaddress.IPv4Address(octets[1:end].ljust(4, b"\0"))
        routes[f"{destination}/{length}"] = str(ipaddress.IPv4Address(octets[end : end + 4]))
        octets = octets[end + 4 :]
    return routes


class Client:
    """A DHCP client program on a guest's eth0. Runs until stop(), renews when told."""

    program = ""

    def __init__(self, guest: lab.Guest, *options: str) -> None:
        self.guest = guest
        self.options = options  # more of the program's command line
        self.process: subprocess.Popen[bytes] | None = None
        self.log = guest.directory / f"{self.program}.log"
        self.events = guest.directory / "events"
        self.script = guest.directory / "script"
        self.script.write_text(SCRIPT.replace("DIRECTORY", str(guest.directory)))
        self.script.chmod(0o755)

    def argv(self) -> list[str]:
        raise NotImplementedError

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = self.guest.start(self.argv(), stdout=log, stderr=log)

    def stop(self) -> None:
        if self.process:
            lab.stop(self.process)
            self.process = None

    def leases(self) -> list[Lease]:
        """Every lease the script was called with so far."""
        if not self.events.exists():
            return []
        blocks = self.events.read_text(errors="replace").split("\nend\n")[:-1]
        variables = [dict(line.split("=", 1) for line in b.splitlines() if "=" in line) for b in blocks]
        return [Lease.from_environment(each) for each in variables]

    def lease(self, number: int = 1, seconds: float = 20.0) -> Lease:
        """Waits for the lease of that number, from 1."""

        def enough() -> list[Lease] | None:
            leases = self.leases()
            return leases if len(leases) >= number else None

        try:
            return lab.wait_for("a lease", enough, seconds)[number - 1]
        except lab.LabError as error:
            log = self.log.read_text(errors="replace")
            raise lab.LabError(f"{self.guest.name}, {self.program}: {error}\n{log}") from None

    def bind(self, seconds: float = 20.0) -> Lease:
        """Starts the client and waits for its first lease."""
        number = len(self.leases()) + 1
        self.start()
        return self.lease(number, seconds)

    def renew(self) -> None:
        """Makes the client ask again for what it has; it is heard of as one more lease."""
        self.stop()
        self.start()

    def release(self) -> None:
        """Makes the client give its address back."""
        raise NotImplementedError


class Udhcpc(Client):
    program = "udhcpc"

    def argv(self) -> list[str]:
        return ["udhcpc", "-i", "eth0", "-f", "-t", "10", "-T", "1", "-A", "1", "-O", "search",
                "-O", "mtu", "-O", "staticroutes", "-s", str(self.script), *self.options]  # fmt: skip

    def renew(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGUSR1)

    def release(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGUSR2)


class Dhclient(Client):
    """Started again it knows its lease and goes through INIT-REBOOT."""

    program = "dhclient"

    def __init__(self, guest: lab.Guest, *options: str) -> None:
        super().__init__(guest, *options)
        self.conf = guest.directory / "dhclient.conf"
        self.conf.write_text(DHCLIENT_CONF)
        self.kept = guest.directory / "dhclient.leases"
        # Under its own path Ubuntu's AppArmor profile lets it call no script but the system's.
        self.binary = guest.directory / "dhclient"
        shutil.copy(_program("dhclient"), self.binary)

    def argv(self) -> list[str]:
        return [str(self.binary), "-4", "-d", "-v", "-cf", str(self.conf), "-sf", str(self.script),
                "-lf", str(self.kept), "-pf", str(self.guest.directory / "dhclient.pid"),
                *self.options, "eth0"]  # fmt: skip

    def lease(self, number: int = 1, seconds: float = 20.0) -> Lease:
        """Also waits until it has written the lease down, which it does after calling the script."""
        lease = super().lease(number, seconds)
        line = f"fixed-address {lease.address};"
        lab.wait_for("the lease in its file", lambda: self.kept.exists() and line in self.kept.read_text())
        return lease

    def release(self) -> None:
        self.guest.run([*self.argv()[:-1], "-r", "eth0"])


class Dhcpcd(Client):
    """Sends an RFC 4361 client identifier."""

    program = "dhcpcd"

    def __init__(self, guest: lab.Guest, *options: str) -> None:
        super().__init__(guest, *options)
        self.conf = guest.directory / "dhcpcd.conf"
        self.conf.write_text(DHCPCD_CONF)

    def argv(self) -> list[str]:
        # It names its files after the interface, and ours are all called eth0.
        kept = self.guest.directory / "dhcpcd"
        kept.mkdir(exist_ok=True)
        private = (
            f"mkdir -p /run/dhcpcd /var/lib/dhcpcd && mount -t tmpfs tmpfs /run/dhcpcd"
            f" && mount --bind {kept} /var/lib/dhcpcd"
        )
        return ["sh", "-c", f'{private} && exec "$@"', "sh", "dhcpcd", "-4", "-d", "-B", "--noarp",
                "-A", "-f", str(self.conf), "-c", str(self.script), *self.options, "eth0"]  # fmt: skip

    def release(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGALRM)


class Networkd(Client):
    """systemd's; its lease is a file, so only the last is seen. Started again it knows nothing of
    the last one. Sends an RFC 4361 client identifier."""

    program = "networkd"

    def __init__(self, guest: lab.Guest, *options: str) -> None:
        super().__init__(guest, *options)
        self.daemon = systemd.Daemon(guest, "networkd", "systemd-network", "netif")
        for name in ("network", "netif/leases", "netif/links", "netif/lldp"):
            (self.daemon.folder / name).mkdir(exist_ok=True)
        (self.daemon.folder / "network/10-eth0.network").write_text(NETWORKD_CONF)

    def argv(self) -> list[str]:
        return [*self.daemon.argv("systemd"), *self.options]

    def leases(self) -> list[Lease]:
        found = []
        for file in (self.daemon.folder / "netif/leases").glob("[0-9]*"):
            with contextlib.suppress(FileNotFoundError):
                lines = file.read_text().splitlines()
                values = dict(line.split("=", 1) for line in lines if "=" in line)
                found.append(self._lease(values, file.stat().st_mtime))
        return found

    @staticmethod
    def _lease(values: dict[str, str], at: float) -> Lease:
        return Lease(
            event="lease", at=at, address=values["ADDRESS"], mask=values["NETMASK"],
            routers=values.get("ROUTER", "").split(), dns_servers=values.get("DNS", "").split(),
            domain=values.get("DOMAINNAME", ""),
            search=values.get("DOMAIN_SEARCH_LIST", "").split(),
            host_name=values.get("HOSTNAME", ""), server_id=values["SERVER_ADDRESS"],
            lease_time=int(values["LIFETIME"]), broadcast=values.get("BROADCAST", ""),
            mtu=int(values.get("MTU", "0")), ntp_servers=values.get("NTP", "").split(),
            routes=_route_pairs(values.get("CLASSLESS_ROUTES", "").replace(",", " ").split()),
        )  # fmt: skip

    def release(self) -> None:
        self.stop()


class Ipconfig(Client):
    """klibc's, of Debian's initramfs: asks once and ends."""

    program = "ipconfig"

    def __init__(self, guest: lab.Guest, *options: str) -> None:
        super().__init__(guest, *options)
        self.report = guest.directory / "net-eth0.conf"
        self.report.touch()

    def argv(self) -> list[str]:
        private = 'touch /run/net-eth0.conf && mount --bind "$0" /run/net-eth0.conf && exec "$@"'
        return ["sh", "-c", private, str(self.report),
                "/usr/lib/klibc/bin/ipconfig", "-t", "10", "-c", "dhcp", "-d", "eth0"]  # fmt: skip

    def leases(self) -> list[Lease]:
        if not self.process or self.process.poll() != 0:
            return []
        values = dict(re.findall(r"^(\w+)='(.*)'$", self.report.read_text(), re.M))
        servers = [values["IPV4DNS0"], values["IPV4DNS1"]]
        return [Lease(
            event="bound", at=self.report.stat().st_mtime, address=values["IPV4ADDR"],
            mask=values["IPV4NETMASK"], routers=values.get("IPV4GATEWAY", "").split(),
            dns_servers=[server for server in servers if server != "0.0.0.0"],
            domain=values["DNSDOMAIN"],
            search=[name.rstrip(".") for name in values["DOMAINSEARCH"].split()],
            host_name=values["HOSTNAME"], server_id=values["ROOTSERVER"],
            lease_time=int(values["DHCPLEASETIME"]), broadcast=values["IPV4BROADCAST"],
            routes=dict(re.findall(
                r"^IPV4ROUTE\d+SUBNET='(.*)'\nIPV4ROUTE\d+GATEWAY='(.*)'$",
                self.report.read_text(), re.M)),
        )]  # fmt: skip


PROGRAMS: dict[str, type[Client]] = {c.program: c for c in (Udhcpc, Dhclient, Dhcpcd)}


def _program(name: str) -> Path:
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if not found:
        raise lab.LabError(f"{name} is not installed; tools/install-dependencies clients")
    return Path(found)


# --- dig ------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Record:
    owner: str
    ttl: int
    type: str
    data: str


@dataclasses.dataclass
class Response:
    """One answer as dig prints it."""

    status: str
    flags: set[str]
    answer: list[Record] = dataclasses.field(default_factory=list)
    authority: list[Record] = dataclasses.field(default_factory=list)
    additional: list[Record] = dataclasses.field(default_factory=list)
    edns: str = ""  # the OPT pseudo-section's line
    over: str = ""  # UDP or TCP
    server: str = ""
    size: int = 0

    def data(self) -> list[str]:
        return [record.data for record in self.answer]


_HEADER = re.compile(r"^;; ->>HEADER<<- opcode: \w+, status: (\w+), id: \d+", re.M)


def dig(host: lab.Namespace, *arguments: str, timeout: float = 30.0) -> list[Response]:
    """Runs dig once; several questions may be given, as on its command line."""
    result = host.run(["dig", "+tries=2", "+time=2", *arguments], timeout)
    output = result.stdout
    starts = [match.start() for match in _HEADER.finditer(output)]
    if not starts:
        raise lab.LabError(f"dig {' '.join(arguments)}: no answer\n{output}{result.stderr}")
    return [
        _response(output[start:end]) for start, end in zip(starts, [*starts[1:], len(output)])
    ]


def dig_one(host: lab.Namespace, *arguments: str) -> Response:
    return dig(host, *arguments)[0]


def _response(text: str) -> Response:
    header = _HEADER.search(text)
    flags = re.search(r"^;; flags: ([\w ]*);", text, re.M)
    assert header and flags
    response = Response(header[1], set(flags[1].split()))
    sections = {"ANSWER": response.answer, "AUTHORITY": response.authority,
                "ADDITIONAL": response.additional}  # fmt: skip
    section: list[Record] = []
    for line in text.splitlines():
        if match := re.match(r"^;; (\w+) SECTION:", line):
            section = sections.get(match[1], [])
        elif line.startswith("; EDNS:"):
            response.edns = line
        elif match := re.match(r"^;; SERVER: ([\d.]+)#\d+.*?(?:\((UDP|TCP)\))?$", line):
            response.server, response.over = match[1], match[2] or ""
        elif match := re.match(r"^;; MSG SIZE +rcvd: (\d+)", line):
            response.size = int(match[1])
        elif line and not line.startswith(";"):
            owner, ttl, _, kind, data = line.split(None, 4)
            section.append(Record(owner, int(ttl), kind, data))
    return response

