"""perfdhcp as a relay agent with many clients: at moderate rates nothing is lost or refused."""

from __future__ import annotations

import re

from case import LONG, NetTest, lab, main, partners
from lab import contenders

CLIENTS = 5000 if LONG else 500
SECONDS = 30 if LONG else 3
# A sanitizer's berthd, and two busy cores, still keep up with this.
RATE = 100


class Load(NetTest):
    def setUp(self) -> None:
        super().setUp()
        hosts = "".join(
            f"      h{i}: {{mac: '{contenders.mac(i)}', address: {contenders.address(i)}}}\n"
            for i in range(CLIENTS)
        )
        self.server = self.serve(f"networks:\n  load:\n    subnet: 172.30.0.0/16\n    hosts:\n{hosts}")
        link = lab.Link(self.host, "br0", f"{contenders.SERVER}/16")
        self.relay = self.world.guest("relay", "52:54:00:ff:ff:fe", link)
        link.create()
        self.relay.ip(f"address add {contenders.RELAY}/16 dev eth0")
        self.server.wait_log(r"endpoint\.bound service=dhcp")

    def run_load(self, *arguments: str) -> tuple[dict[str, dict[str, int]], str]:
        """What perfdhcp counted, by exchange, and all it said; that it found nothing wrong."""
        result = self.relay.run([
            *partners.command("kea-admin", "usr/sbin/perfdhcp"), "-4", *arguments, "-R", str(CLIENTS),
            "-b", f"mac={contenders.mac(0)}", "-l", contenders.RELAY, contenders.SERVER,
        ], timeout=SECONDS + 60)  # fmt: skip
        output = result.stdout
        self.assertIn("Malformed packets: 0\n", output, output + result.stderr)
        found = {}
        for part in output.split("***Statistics for: ")[1:]:
            name, _, counts = part.partition("***")
            found[name] = {key: int(value)
                           for key, value in re.findall(r"^([a-z ]+): (\d+)$", counts, re.M)}  # fmt: skip
            if name != "RELEASE":  # which nobody answers
                self.assertEqual((found[name]["drops"], found[name]["rejected leases"],
                                  found[name]["non unique addresses"]), (0, 0, 0), output)  # fmt: skip
                self.assertEqual(found[name]["received packets"], found[name]["sent packets"])
        self.assertGreater(found["REQUEST-ACK"]["received packets"], 0)
        return found, output

    def assert_all_answered(self, received: int, released: int = 0) -> None:
        counters = self.server.counters()
        self.assertEqual(counters["dhcp.kernel_drops"], 0)
        self.assertEqual(counters["dhcp.received"], received)
        self.assertEqual(counters["dhcp.replied"], received - released)
        self.assertEqual(counters["dhcp.drops.released"], released)

    def test_basic(self) -> None:
        found, _ = self.run_load("-r", str(RATE), "-p", str(SECONDS))
        self.assert_all_answered(sum(each["sent packets"] for each in found.values()))

    def test_renewals_and_releases(self) -> None:
        found, _ = self.run_load("-r", str(RATE), "-p", str(SECONDS), "-f", "50", "-F", "20")
        self.assertGreater(found["REQUEST-ACK (renewal)"]["received packets"], 0)
        self.assertGreater(found["RELEASE"]["sent packets"], 0)
        self.assert_all_answered(sum(each["sent packets"] for each in found.values()),
                                 found["RELEASE"]["sent packets"])  # fmt: skip

    def test_avalanche(self) -> None:
        """All of them at once, as after a power cut; perfdhcp loses some of the answers itself, and
        asks again, until each client has its lease."""
        found, output = self.run_load("--scenario", "avalanche")
        self.assertEqual(found["REQUEST-ACK"]["received packets"], CLIENTS)
        sent = re.search(r"Requests sent \+ resent: (\d+)", output)
        assert sent
        self.assert_all_answered(int(sent[1]))


if __name__ == "__main__":
    main()
