"""How berthd and dnsmasq may differ in test_differential, and why: each rule must hold somewhere."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

from case import dns
from differential_questions import Question

TTLS = (0, 5, 30, 60, 90, 300, 3600, 86400)
Seen = dict[str, str]  # what an answer says, by field


def seen(message: dns.Message | None) -> Seen:
    """What is compared of an answer; a TTL that counts down stays what it was."""
    if message is None:
        return {"rcode": "silence"}

    def is_set(flag: int) -> str:
        return "yes" if message.flags & flag else "no"

    flags = {"aa": dns.AA, "tc": dns.TC, "rd": dns.RD, "ra": dns.RA, "z": dns.Z, "ad": dns.AD, "cd": dns.CD}
    return {name: is_set(flag) for name, flag in flags.items()} | {
        "rcode": message.rcode,
        "question": message.question,
        "answer": "; ".join(f"{r.owner} {r.type} {r.data}" for r in sorted(message.answer)),
        "ttl": " ".join(sorted({str(min(t for t in TTLS if t >= r.ttl)) for r in message.answer})),
        "authority": " ".join(sorted({r.type for r in message.authority})),
        "edns": "none" if message.edns_version is None else str(message.edns_version),
    }


@dataclasses.dataclass
class Rule:
    """Where it holds, a field may differ if both answers say in it what the rule says they do: whole
    regular expressions. A field that is not named may not differ."""

    why: str
    where: Callable[[Question], bool]
    theirs: Seen
    ours: Seen

    def allows(self, question: Question, field: str, theirs: Seen, ours: Seen) -> bool:
        return (field in self.theirs and self.where(question)
                and re.fullmatch(self.theirs[field], theirs.get(field, "")) is not None
                and re.fullmatch(self.ours[field], ours.get(field, "")) is not None)  # fmt: skip


def kinds(*names: str, types: tuple[int, ...] = ()) -> Callable[[Question], bool]:
    return lambda question: question.kind in names and (not types or question.type in types)


def manner(*names: str) -> Callable[[Question], bool]:
    return lambda question: question.manner in names


def single_label(question: Question) -> bool:
    return "." not in question.name and question.type in (dns.A, dns.AAAA)


def built_in_apex(question: Question) -> bool:
    return question.kind in BUILT_IN and question.name in APEXES


OUR_ZONES = ("host", "record", "alias", "wildcard", "wildcard parent", "non-terminal", "apex", "nobody",
             "reverse host", "reverse nobody", "reverse apex")  # fmt: skip
BUILT_IN = ("localhost", "special", "private reverse", "private reverse apex", "loopback reverse")
APEXES = ("localhost", "test", "invalid", "onion", "local", "10.in-addr.arpa", "168.192.in-addr.arpa",
          "255.255.255.255.in-addr.arpa", "1" + ".0" * 31 + ".ip6.arpa")  # fmt: skip
OF_THE_ZONE = r"\S+ (SOA|NS) .*"  # what stands at an apex

RULES = [
    # --- the lab's zones ---
    Rule("RFC 2308 3, 5: a denial of ours is authoritative and brings the SOA, without which nobody may "
         "keep it; dnsmasq has names but no zone",
         kinds(*OUR_ZONES), {"aa": "no", "authority": ""}, {"aa": "yes", "authority": "SOA"}),
    Rule("RFC 1034 4.2.1: a zone has an SOA and NS at its apex",
         kinds("apex", "reverse apex", types=(dns.SOA, dns.NS, dns.ANY)),
         {"answer": "", "ttl": ""}, {"answer": OF_THE_ZONE, "ttl": "90"}),
    Rule("RFC 1034 4.2.1: the apex of the reverse zone exists, if without a PTR",
         kinds("reverse apex"), {"rcode": "NXDOMAIN"}, {"rcode": "NOERROR"}),
    Rule("RFC 4592 2.2.1: what a wildcard covers exists whatever the type; address=/apps.kubenet/ denies "
         "the name for all types but A",
         kinds("wildcard"), {"rcode": "NXDOMAIN"}, {"rcode": "NOERROR"}),
    Rule("RFC 4592 2.1.1, 2.2.2: *.apps.kubenet does not cover apps.kubenet, which exists without records; "
         "address=/apps.kubenet/ covers it",
         kinds("wildcard parent"), {"rcode": "NXDOMAIN", "answer": r"\S+ A 192\.168\.200\.11", "ttl": "90"},
         {"rcode": "NOERROR", "answer": "", "ttl": ""}),
    Rule("RFC 8482 4.1, RFC 1034 3.6.2: ANY is answered with one set, and an alias is not followed",
         kinds("alias", types=(dns.ANY,)), {"answer": r"registry\S+ CNAME \S+; worker0\S+ A \S+"},
         {"answer": r"registry\S+ CNAME \S+"}),
    Rule("RFC 2308 2.2: a name that has a PTR exists for every type; dnsmasq denies it",
         kinds("reverse host"), {"rcode": "NXDOMAIN"}, {"rcode": "NOERROR"}),
    Rule("RFC 1034 4.2.1: the server of our zone has a name, and its address that name",
         kinds("reverse host", types=(dns.PTR,)), {"answer": "", "ttl": ""},
         {"answer": r"1\.200\S+ PTR ns\.kubenet\.", "ttl": "90"}),
    Rule("RFC 1034 3.1: labels are compared as text; dnsmasq reads 007 as the number 7",
         kinds("reverse nobody"), {"rcode": "NOERROR", "answer": r"007\S+ PTR worker0\.kubenet\.", "ttl": "90"},
         {"rcode": "NXDOMAIN", "answer": "", "ttl": ""}),

    # --- single labels ---
    Rule("A and AAAA of a single label never leave the machine, and are NODATA: NXDOMAIN would deny all "
         "below it (RFC 8020 2). With AA, or glibc takes it for a broken server's",
         single_label,
         {"rcode": "NXDOMAIN", "aa": "no"}, {"rcode": "NOERROR", "aa": "yes"}),
    Rule("A bare name is that of the domain, whatever it has; expand-hosts does it for hosts alone",
         kinds("bare host", types=(dns.A, dns.AAAA)), {"answer": "", "ttl": "", "authority": ""},
         {"answer": r"registry\. CNAME worker0\.kubenet\.(; worker0\S+ A \S+)?", "ttl": "90",
          "authority": "SOA"}),
    Rule("RFC 2308 3: NODATA of a bare host has no SOA, since our zone is not above that name; dnsmasq asks "
         "its server, which has the root's",
         kinds("bare host"), {"authority": "SOA"}, {"authority": ""}),
    Rule("Other types of a single label are asked of a server, ANY too, which domain-needed keeps in",
         kinds("foreign", types=(dns.ANY,)), {"answer": "", "ttl": "", "rcode": "NXDOMAIN"},
         {"answer": r"example\. MX .*", "ttl": "300", "rcode": "NOERROR"}),

    # --- what no server of the Internet knows ---
    Rule("RFC 6303 3, RFC 6761 6: these zones are ours, with SOA, and never asked of anybody; dnsmasq "
         "denies some by itself and asks about others",
         kinds(*BUILT_IN), {"aa": "no", "authority": ""}, {"aa": "yes", "authority": "SOA"}),
    Rule("RFC 6303 3: the apex of such a zone exists",
         built_in_apex, {"rcode": "NXDOMAIN"}, {"rcode": "NOERROR"}),
    Rule("RFC 6303 3: its SOA and NS name the zone itself; Unbound's, behind dnsmasq, name localhost",
         kinds("special", "private reverse apex", "loopback reverse"),
         {"answer": r"|\S+ SOA localhost\. .*", "ttl": ""},
         {"answer": r"(\S+) (SOA \1 nobody\.invalid\. .*|NS \1)", "ttl": "86400"}),
    Rule("RFC 6761 6.3, RFC 6303 4.2: localhost is the loopback, in both directions",
         kinds("localhost", "loopback reverse"), {"answer": "", "ttl": "", "rcode": "NXDOMAIN"},
         {"rcode": "NOERROR",
          "answer": r"localhost\. A 127\.0\.0\.1|localhost\. AAAA ::1|\S+ PTR localhost\.", "ttl": "86400"}),
    Rule("RFC 1034 4.2.1: www.localhost is no apex, as it is with the Unbound behind dnsmasq",
         kinds("localhost", types=(dns.SOA,)), {"answer": r"www\.localhost\. SOA .*", "ttl": "86400"},
         {"answer": "", "ttl": ""}),
    Rule("RFC 6762 3: local is not for DNS servers: never asked, the apex answered as of any zone of ours",
         kinds("special", types=(dns.SOA,)), {"authority": "SOA"}, {"authority": ""}),

    # --- other servers ---
    Rule("RFC 1035 4.1.1: AA is for who is an authority, and never copied or made up",
         kinds("foreign", types=(dns.CNAME,)), {"aa": "yes"}, {"aa": "no"}),
    Rule("`forward: {…: none}` means that there is nobody to ask: REFUSED, where local=/…/ denies the name",
         kinds("forwarded to nobody"), {"rcode": "NXDOMAIN"}, {"rcode": "REFUSED"}),
    Rule("Whoever asks is told in time that no server answers (RFC 8914 4.23); dnsmasq leaves it waiting",
         kinds("forwarded to the dead"), {"rcode": "silence"}, {"rcode": "SERVFAIL"}),
    Rule("RFC 1034 4.3.1: without RD nobody is asked, but what is known is given; dnsmasq asks, without RD",
         manner("without RD"), {"rcode": "REFUSED", "answer": "", "ttl": "", "tc": "no", "authority": ""},
         {"rcode": "NOERROR|NXDOMAIN", "answer": r"(www\.example|api\.cluster\.local)\. A .*", "ttl": "300|60",
          "tc": "yes", "authority": "SOA"}),

    # --- messages that are odd ---
    Rule("RFC 1035 4.1.1: Z is zero in all responses", manner("Z"), {"z": "yes"}, {"z": "no"}),
    Rule("RFC 1035 4.1.1: AA, TC and RA of a query mean nothing; dnsmasq hands them on, and Unbound objects",
         manner("AA, TC and RA"), {"rcode": "FORMERR", "aa": "yes", "tc": "no"},
         {"rcode": "NOERROR", "aa": "no", "tc": "yes"}),
    Rule("RFC 6891 6.1.3: a version that is not known is BADVERS, and nothing else is answered",
         manner("EDNS version 1", "EDNS version 255"),
         {"rcode": "NOERROR|NXDOMAIN", "aa": "yes", "answer": ".+", "ttl": ".+", "tc": "yes", "authority": "SOA"},
         {"rcode": "BADVERS", "aa": "no", "answer": "", "ttl": "", "tc": "no", "authority": ""}),
    Rule("RFC 1034 3.6: in another class a name is another; all of ours are IN, and nobody is asked about "
         "others; dnsmasq answers as if the name had no data there, or asks",
         manner("class CHAOS", "class HESIOD", "class ANY", "class NONE"),
         {"rcode": "NOERROR|NXDOMAIN|NOTIMP", "aa": "yes", "answer": r"\S+ (A|PTR) .*", "ttl": "90|300|60",
          "tc": "yes", "authority": "SOA"},
         {"rcode": "REFUSED", "aa": "no", "answer": "", "ttl": "", "tc": "no", "authority": ""}),
    Rule("Who answers is told where the plan says so (`identity:`), by dnsmasq to anybody",
         kinds("chaos"), {"aa": "yes", "answer": r'\S+ TXT ".*"', "ttl": "90"},
         {"aa": "no", "answer": "", "ttl": ""}),
    Rule("RFC 5936 2.2.1: a transfer that is not allowed is REFUSED; dnsmasq says that there is no data",
         manner("AXFR", "IXFR"),
         {"rcode": "NOERROR|NXDOMAIN", "aa": "yes", "answer": r"registry\S+ CNAME .*", "ttl": "90",
          "authority": "SOA"},
         {"rcode": "REFUSED", "aa": "no", "answer": "", "ttl": "", "authority": ""}),
    Rule("RFC 6895 3.1, RFC 6891 6.1.1, RFC 8945 5: type 0 and the types of single messages can not be "
         "asked for",
         manner("type 0", "type OPT", "type TKEY", "type TSIG"),
         {"rcode": "NOERROR|NXDOMAIN", "aa": "yes", "answer": r"registry\S+ CNAME .*", "ttl": "90",
          "authority": "SOA"},
         {"rcode": "FORMERR", "aa": "no", "answer": "", "ttl": "", "authority": ""}),
    Rule("RFC 2308 2.2: a name that exists has no data of a type that nobody uses any more (RFC 1035 3.2.3)",
         manner("type MAILB"), {"rcode": "NXDOMAIN"}, {"rcode": "NOERROR"}),
    Rule("MAILB of a foreign name: dnsmasq denies the name itself, as an authority; the server asked "
         "objects, and a client is told that there was no answer",
         manner("type MAILB"), {"rcode": "NXDOMAIN", "aa": "yes", "authority": "SOA"},
         {"rcode": "SERVFAIL", "aa": "no", "authority": ""}),
    Rule("RFC 8906 3.1.4: an opcode that is not implemented is NOTIMP, NOTIFY too",
         kinds("opcode"), {"rcode": "REFUSED"}, {"rcode": "NOTIMP"}),
    Rule("RFC 9619 4, RFC 8906 3.1.4: what can not be read beyond its header is answered by a header",
         lambda question: question.manner in ("two questions", "no question") or question.kind == "opcode",
         {"question": ".+", "ra": "yes"}, {"question": "", "ra": "no"}),
]
