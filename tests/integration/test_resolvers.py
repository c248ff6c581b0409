"""Names asked for by programs other than dig: kdig, drill, the C library, c-ares, systemd-resolved,
nmap."""

from __future__ import annotations

import json
import re
from pathlib import Path

from case import PLAN, RECORDS, NetTest, berthd, clients, lab, main, systemd

MANY = [f"192.168.200.{number}" for number in range(100, 160)]  # more than 512 octets
CONFIG = PLAN + RECORDS + f"    names: {{kubernetes: 11, many: [{', '.join(MANY)}]}}\n"
# name, type: status and data. What every program must say.
ANSWERS = {
    ("worker0.kubenet", "A"): ("NOERROR", ["192.168.200.7"]),
    ("WoRkEr0.KuBeNeT", "A"): ("NOERROR", ["192.168.200.7"]),
    ("kubernetes.kubenet", "A"): ("NOERROR", ["192.168.200.11"]),
    ("any.apps.kubenet", "A"): ("NOERROR", ["192.168.200.11"]),
    ("registry.kubenet", "A"): ("NOERROR", ["worker0.kubenet.", "192.168.200.7"]),
    ("_etcd._tcp.kubenet", "SRV"): ("NOERROR", ["0 10 2379 control0.kubenet."]),
    ("note.kubenet", "TXT"): ("NOERROR", ['"hello" "world; with a semicolon"']),
    ("mail.kubenet", "MX"): ("NOERROR", ["10 worker1.kubenet."]),
    ("7.200.168.192.in-addr.arpa", "PTR"): ("NOERROR", ["worker0.kubenet."]),
    ("worker0.kubenet", "AAAA"): ("NOERROR", []),
    ("nobody.kubenet", "A"): ("NXDOMAIN", []),
    ("99.200.168.192.in-addr.arpa", "PTR"): ("NXDOMAIN", []),
    ("www.example.com", "A"): ("REFUSED", []),
}
RESOLVED_CONF = """
[Resolve]
DNS=192.168.200.1
FallbackDNS=
Domains=kubenet
LLMNR=no
MulticastDNS=no
DNSSEC=no
Cache=no
ReadEtcHosts=no
"""


class Resolvers(NetTest):
    def setUp(self) -> None:
        super().setUp()
        self.server = self.serve(CONFIG)
        self.asker = self.addressed_guest(self.link())

    def run_program(self, *argv: str) -> str:
        result = self.asker.run(argv)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return result.stdout

    def parsed(self, output: str) -> tuple[str, set[str], list[str]]:
        """Status, flags and the answer section's data, of kdig and drill, which differ in detail."""
        head = re.search(r"(?:status|rcode): (\w+)", output)
        flags = re.search(r"^;; flags: ([\w ]*);", output, re.M | re.I)
        assert head and flags, output
        section = re.search(r"^;; ANSWER SECTION:\n((?:[^;\n].*\n)*)", output, re.M)
        lines = section[1].splitlines() if section else []
        return head[1], set(flags[1].split()), [line.split(None, 4)[4] for line in lines]

    def assert_answers(self, *argv: str) -> None:
        for (name, kind), (status, data) in ANSWERS.items():
            with self.subTest(program=argv, name=name, type=kind):
                found, flags, records = self.parsed(self.run_program(*argv, name, kind))
                self.assertEqual((found, records), (status, data))
                self.assertEqual("aa" in flags, status != "REFUSED")
                self.assertNotIn("ra", flags)

    def test_kdig(self) -> None:
        for options in ((), ("+tcp",), ("+edns", "+dnssec", "+nsid", "+cookie"),
                        ("+edns=0", "+bufsize=512", "+padding=128")):  # fmt: skip
            self.assert_answers("kdig", "@192.168.200.1", *options)

    def test_kdig_asks_several_over_one_connection(self) -> None:
        """RFC 7766 6.2.1."""
        names = [f"{name}.kubenet" for name in berthd.DEFAULT_HOSTS]
        output = self.run_program("kdig", "@192.168.200.1", "+tcp", "+keepopen", *names)
        found = re.findall(r"^\w+\.kubenet\.\s+90\s+IN\s+A\s+(\S+)$", output, re.M)
        self.assertEqual(found, [address for _, address in berthd.DEFAULT_HOSTS.values()])

    def test_kdig_and_a_version_that_does_not_exist(self) -> None:
        """RFC 6891 6.1.3."""
        output = self.run_program("kdig", "@192.168.200.1", "+edns=1", "+norec", "kubenet", "SOA")
        self.assertIn("ext-rcode: BADVERS", output)
        self.assertRegex(output, r"(?i)version: 0;")

    def test_drill(self) -> None:
        for options in ((), ("-t",), ("-a",), ("-D",)):
            self.assert_answers("drill", *options, "@192.168.200.1")

    def test_the_c_library(self) -> None:
        """getaddrinfo() asks for A and AAAA at once, through the guest's own resolv.conf."""
        program = (
            "import socket\n"
            "def addresses(name):\n"
            "    try: return sorted({a[4][0] for a in socket.getaddrinfo(name, 80)})\n"
            "    except socket.gaierror as error: return error.errno in (socket.EAI_NONAME, socket.EAI_NODATA)\n"
            "print([addresses(n) for n in ('worker0', 'worker0.kubenet', 'registry', 'x.apps',\n"
            "                              'nobody', 'nobody.kubenet.')],\n"
            "      socket.gethostbyaddr('192.168.200.7')[0], socket.getfqdn('worker0'))\n"
        )
        worker0 = ["192.168.200.7"]
        expected = [worker0, worker0, worker0, ["192.168.200.11"], True, True]
        self.assertEqual(self.run_program("python3", "-c", program),
                         f"{expected} worker0.kubenet worker0.kubenet\n")  # fmt: skip

    def ares(self, *questions: tuple[str, str]) -> list[list[str]]:
        program = str(Path(lab.__file__).with_name("ares.py"))
        arguments = [word for question in questions for word in question]
        lines = self.run_program("/usr/bin/python3", "-B", program, *arguments).splitlines()
        return [json.loads(line) for line in lines]

    def test_c_ares(self) -> None:
        """It gives no aliases, joins texts, and follows TC over TCP."""
        expected = {}
        for question, (status, records) in ANSWERS.items():
            if status == "NOERROR":
                status = "ARES_SUCCESS" if records else "ARES_ENODATA"
            else:
                status = {"NXDOMAIN": "ARES_ENOTFOUND", "REFUSED": "ARES_EREFUSED"}[status]
            if question[1] == "TXT":
                records = ["".join(re.findall(r'"(.*?)"', records[0]))]
            expected[question] = [status, *records[-1:]]
        found = dict(zip(expected, self.ares(*expected)))
        for answer in found.values():
            # It leaves a server that refuses for the next, and some versions say no more in the end
            # than that there is none.
            answer[0] = answer[0].replace("ARES_ECONNREFUSED", "ARES_EREFUSED")
        self.assertEqual(found, expected)
        self.assertEqual(self.ares(("worker0", "A")), [["ARES_SUCCESS", "192.168.200.7"]])
        self.assertEqual(self.server.counters()["dns.tcp.replied"], 0)
        self.assertEqual(self.ares(("many.kubenet", "A")), [["ARES_SUCCESS", *MANY]])
        self.assertEqual(self.server.counters()["dns.tcp.replied"], 1)

    def test_nmap_finds_what_a_client_would(self) -> None:
        output = self.run_program("nmap", "-sU", "-p67", "-Pn", "-n", "--script", "dhcp-discover",
                                  "192.168.200.1")  # fmt: skip
        for line in ("DHCP Message Type: DHCPACK", "Server Identifier: 192.168.200.1",
                     "Subnet Mask: 255.255.255.0", "Router: 192.168.200.1", "Hostname: worker0",
                     "Domain Name Server: 192.168.200.1", "Domain Name: kubenet"):  # fmt: skip
            self.assertIn(line, output)
        output = self.run_program("nmap", "-e", "eth0", "--script", "broadcast-dhcp-discover",
                                  "--script-args", f"broadcast-dhcp-discover.mac={self.asker.mac},"
                                  "broadcast-dhcp-discover.timeout=2")  # fmt: skip
        for line in ("Response 1 of 1:", "IP Offered: 192.168.200.7", "DHCP Message Type: DHCPOFFER",
                     "IP Address Lease Time: 12h00m00s"):  # fmt: skip
            self.assertIn(line, output)

    def test_nmap_finds_no_open_resolver(self) -> None:
        output = self.run_program(
            "nmap", "-sU", "-sT", "-pT:53,U:53", "-Pn", "-n", "--script",
            "dns-recursion,dns-nsid,dns-cache-snoop,dns-zone-transfer", "--script-args",
            "dns-zone-transfer.domain=kubenet,dns-zone-transfer.port=53", "192.168.200.1",
        )  # fmt: skip
        self.assertIn("53/tcp open", output)
        self.assertIn("53/udp open", output)
        self.assertIn("dns-cache-snoop: 0 of 100 tested domains are cached", output)
        for finding in ("Recursion appears to be enabled", "bind.version", "id.server", "SOA"):
            self.assertNotIn(finding, output)


class Resolved(NetTest):
    """systemd-resolved as a stub in a guest, with berthd as its server."""

    def setUp(self) -> None:
        super().setUp()
        self.server = self.serve(CONFIG)
        self.asker = self.addressed_guest(self.link())
        resolved = systemd.Daemon(self.asker, "resolved", "systemd-resolve", "resolve")
        (resolved.folder / "resolved.conf.d").mkdir()
        (resolved.folder / "resolved.conf.d/lab.conf").write_text(RESOLVED_CONF)
        with (self.asker.directory / "resolved.log").open("wb") as log:
            self.asker.start(resolved.argv("systemd-resolved"), stdout=log, stderr=log)
        lab.wait_for("the stub", lambda: "127.0.0.53%lo:53 " in self.asker.run(["ss", "-Hlnt"]).stdout)

    def test_its_stub_answers_what_berthd_does(self) -> None:
        for transport in ("+notcp", "+tcp"):
            for (name, kind), (status, data) in ANSWERS.items():
                with self.subTest(transport=transport, name=name, type=kind):
                    response = clients.dig_one(self.asker, "@127.0.0.53", transport, name, kind)
                    self.assertEqual((response.status, response.data()), (status, data))

    def test_it_keeps_edns(self) -> None:
        """What it asks with EDNS is answered with EDNS, so it never thinks less of berthd."""
        for _ in range(3):
            for name in ("worker0.kubenet", "worker1.kubenet"):
                clients.dig_one(self.asker, "@127.0.0.53", name)
        log = (self.asker.directory / "resolved.log").read_text()
        self.assertNotIn("degraded", log)
        self.assertEqual(self.server.counters()["dns.udp.dropped"], 0)


if __name__ == "__main__":
    main()
