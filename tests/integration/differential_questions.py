"""What test_differential asks: names of every kind, each for several types, then messages of every kind."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from case import dns

COMMON = (dns.A, dns.AAAA, dns.PTR, dns.SRV, dns.TXT, dns.MX, dns.SOA, dns.NS, dns.CNAME, dns.ANY)
FEW = (dns.A, dns.AAAA, dns.TXT, dns.SOA)
ADDRESSES = (dns.A, dns.AAAA)
REVERSE = (dns.PTR, dns.A, dns.SOA, dns.ANY)

BY_TCP = (("worker0.kubenet", dns.A), ("nobody.kubenet", dns.A), ("registry.kubenet", dns.A), ("kubenet", dns.SOA),
          ("www.example", dns.A), ("nobody.example", dns.A), ("long.example", dns.TXT), ("worker0", dns.A),
          ("7.200.168.192.in-addr.arpa", dns.PTR), ("api.cluster.local", dns.A))  # fmt: skip

ODDLY = ("worker0.kubenet", "nobody.kubenet", "www.example", "long.example", "registry.kubenet", "worker0",
         "kubenet", "7.200.168.192.in-addr.arpa", "1.0.0.10.in-addr.arpa", "localhost", "www.test",
         "api.cluster.local", "nobody.example", "")  # fmt: skip

NAMES: dict[str, tuple[str, tuple[int, ...]]] = {}  # by name: kind, types


def _add(kind: str, types: tuple[int, ...], *names: str) -> None:
    for name in names:
        NAMES[name] = (kind, types)


_add("host", (*COMMON, dns.DS, dns.HTTPS, 65400), "worker0.kubenet")
_add("host", COMMON, "node0.kubenet", "kubernetes.kubenet")
_add("host", FEW, "control0.kubenet", "GaTeWaY.KuBeNeT")
_add("record", COMMON, "_etcd._tcp.kubenet", "note.kubenet", "mail.kubenet")
_add("alias", COMMON, "registry.kubenet")
_add("wildcard", COMMON, "any.apps.kubenet")
_add("wildcard", FEW, "deep.er.apps.kubenet", "*.apps.kubenet")
_add("wildcard parent", COMMON, "apps.kubenet")
_add("non-terminal", FEW, "_tcp.kubenet")
_add("apex", (*COMMON, dns.DS), "kubenet")
_add("nobody", COMMON, "nobody.kubenet")
_add("nobody", FEW, "below.worker0.kubenet", "a.b.c.kubenet", "other._tcp.kubenet", "worker0.kubenet.kubenet",
     "x" * 63 + ".kubenet", "sp ace.kubenet", "w\xf6rker.kubenet", "wpad.kubenet")  # fmt: skip
_add("bare host", COMMON, "worker0")
_add("bare host", ADDRESSES, "node0", "kubernetes", "WORKER1", "registry", "mail")
_add("bare nobody", (*ADDRESSES, dns.TXT, dns.NS), "nobody", "wpad", "isatap")

_add("reverse host", (*COMMON, dns.DS), "7.200.168.192.in-addr.arpa")
_add("reverse host", (dns.PTR,), "11.200.168.192.in-addr.arpa", "1.200.168.192.in-addr.arpa")
_add("reverse nobody", REVERSE, "99.200.168.192.in-addr.arpa", "x.7.200.168.192.in-addr.arpa",
     "007.200.168.192.in-addr.arpa", "256.200.168.192.in-addr.arpa")  # fmt: skip
_add("reverse apex", (*REVERSE, dns.NS), "200.168.192.in-addr.arpa")
_add("reverse nobody", (dns.PTR,), "7.200.168.192.in-addr.arpa.kubenet")
_add("private reverse", REVERSE, "1.0.0.10.in-addr.arpa", "1.201.168.192.in-addr.arpa",
     "1.16.172.in-addr.arpa", "1.1.254.169.in-addr.arpa")  # fmt: skip
_add("private reverse", (dns.PTR,), "1.31.172.in-addr.arpa", "1.2.0.192.in-addr.arpa",
     "1.0.64.100.in-addr.arpa", "1.113.0.203.in-addr.arpa", "255.255.255.255.in-addr.arpa",
     "1.0.0.0.in-addr.arpa", "1" + ".0" * 23 + ".8.e.f.ip6.arpa", "1" + ".0" * 25 + ".d.f.ip6.arpa")  # fmt: skip
_add("private reverse apex", REVERSE, "10.in-addr.arpa", "168.192.in-addr.arpa")
_add("loopback reverse", REVERSE, "1.0.0.127.in-addr.arpa", "1" + ".0" * 31 + ".ip6.arpa")
_add("public reverse", REVERSE, "8.8.8.8.in-addr.arpa", "9.9.9.9.in-addr.arpa", "1.32.172.in-addr.arpa")
_add("arpa", FEW, "arpa", "in-addr.arpa", "ip6.arpa", "192.in-addr.arpa")

_add("localhost", FEW, "localhost", "www.localhost")
_add("special", FEW, "test", "www.test", "invalid", "www.invalid", "onion", "www.onion", "local", "www.local",
     "home.arpa", "www.home.arpa")  # fmt: skip
_add("resolver.arpa", (*ADDRESSES, 64, dns.SOA), "resolver.arpa", "_dns.resolver.arpa")
_add("foreign special", ADDRESSES, "ipv4only.arpa", "use-application-dns.net")

_add("foreign", (*COMMON, dns.DS, dns.HTTPS, 65400), "www.example")
_add("foreign", COMMON, "example", "alias.example", "note.example")
_add("foreign", FEW, "wWw.ExAmPlE", "nobody.example", "deep.nobody.example", "private.example",
     "worker0.kubenet.example", "host.com", "com", "xkubenet", "sp ace.example", "*.example")  # fmt: skip
_add("foreign", (dns.TXT, dns.A), "long.example")
_add("foreign", (65400, dns.A), "odd.example")
_add("foreign", (dns.SRV, dns.A), "_sip._udp.example", "_udp.example")
_add("foreign", (dns.A,), "loop.example", "lost.example", "x" * 63 + ".example",
     ".".join(["y" * 63] * 3 + ["z" * 50]) + ".example")  # fmt: skip
_add("ttl 0", (dns.A,), "moment.example")
_add("root", (dns.A, dns.NS, dns.SOA, dns.ANY, dns.DNSKEY), "")
_add("conditional", FEW, "cluster.local", "api.cluster.local", "nobody.cluster.local", "x.api.cluster.local")
_add("forwarded to nobody", FEW, "hidden.example", "www.hidden.example")
_add("forwarded to the dead", (dns.A,), "www.dead.example")


@dataclasses.dataclass(frozen=True)
class Question:
    kind: str
    name: str
    type: int = dns.A
    manner: str = ""  # what is odd about the message
    qclass: int = dns.IN
    flags: int = dns.RD
    opcode: int = 0
    count: int = 1
    edns: bytes = b""
    tcp: bool = False

    def octets(self, identifier: int) -> bytes:
        return dns.query(identifier, self.name, self.type, self.qclass, self.flags, self.opcode, self.count,
                         self.edns)  # fmt: skip

    @property
    def may_be_silent(self) -> bool:
        return self.kind in ("response", "forwarded to the dead")

    def __str__(self) -> str:
        return f"{self.name or '.'} {dns.type_name(self.type)} {self.manner}".rstrip()


def _manners() -> Iterator[tuple[str, dict[str, object]]]:
    yield "without RD", {"flags": 0}
    yield "AD", {"flags": dns.RD | dns.AD}
    yield "CD", {"flags": dns.RD | dns.CD}
    yield "Z", {"flags": dns.RD | dns.Z}
    yield "AA, TC and RA", {"flags": dns.RD | dns.AA | dns.TC | dns.RA}
    yield "EDNS", {"edns": dns.opt()}
    yield "DO", {"edns": dns.opt(flags=dns.DO)}
    yield "EDNS of 512", {"edns": dns.opt(512)}
    yield "EDNS of 0", {"edns": dns.opt(0)}
    yield "EDNS of 4096", {"edns": dns.opt(4096)}
    yield "EDNS flags", {"edns": dns.opt(flags=0x4321)}
    yield "EDNS option", {"edns": dns.opt(options=dns.option(65001, b"x"))}
    yield "NSID", {"edns": dns.opt(options=dns.option(3))}
    yield "COOKIE", {"edns": dns.opt(options=dns.option(10, b"12345678"))}
    yield "client subnet", {"edns": dns.opt(options=dns.option(8, b"\0\1\x18\0\xc6\x33\x64"))}
    yield "EDNS version 1", {"edns": dns.opt(version=1)}
    yield "EDNS version 255", {"edns": dns.opt(version=255, options=dns.option(65001, b"x"))}
    yield "class CHAOS", {"qclass": dns.CHAOS, "type": dns.TXT}
    yield "class HESIOD", {"qclass": 4}
    yield "class ANY", {"qclass": dns.ANY_CLASS}
    yield "class NONE", {"qclass": 254}
    yield "AXFR", {"type": dns.AXFR}
    yield "IXFR", {"type": dns.IXFR}
    yield "type 0", {"type": 0}
    yield "type OPT", {"type": dns.OPT}
    yield "type TKEY", {"type": 249}
    yield "type TSIG", {"type": 250}
    yield "type MAILB", {"type": 253}
    yield "two questions", {"count": 2}
    yield "no question", {"count": 0}


def questions() -> list[Question]:
    """In this order: what is asked without RD may be known by then."""
    found = [Question(kind, name, each) for name, (kind, types) in NAMES.items() for each in types]
    for manner, fields in _manners():
        for name in ODDLY:
            qtype = dns.TXT if name == "long.example" else dns.PTR if name.endswith("arpa") else dns.A
            found.append(Question(NAMES[name][0], name, manner=manner, **{"type": qtype, **fields}))
    for name, qtype in BY_TCP:
        found.append(Question(NAMES[name][0], name, qtype, "by TCP", tcp=True))
    found.append(Question("foreign", "unasked.example", manner="without RD", flags=0))
    found.append(Question("foreign", "unasked.host.com", manner="without RD", flags=0))
    for name in ("version.bind", "id.server", "hostname.bind", "authors.bind"):
        found.append(Question("chaos", name, dns.TXT, "class CHAOS", dns.CHAOS))
    for opcode in range(1, 16):
        found.append(Question("opcode", "worker0.kubenet", manner=f"opcode {opcode}", opcode=opcode))
    found.append(Question("response", "worker0.kubenet", manner="a response", flags=dns.QR | dns.RD))
    return found
