"""`berth schema`: what the loader takes is valid, and what both can know to be wrong is not."""

import json
import re
import unittest
from pathlib import Path
from typing import Any

import jsonschema
import yaml
from case import BERTH, LAB, ROOT, CommandTest


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2's core schema, as editors read it: `on` is text and 52:52:52:00:00:00 no number."""


CoreLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^[-+]?[0-9]+$", list("-+0123456789")),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", list("-+.0123456789")),
]:
    kind = f"tag:yaml.org,2002:{tag}"
    CoreLoader.add_implicit_resolver(kind, re.compile(pattern), first)
CoreLoader.add_constructor(
    "tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node))
)

NETWORK = LAB + "    "
BAD = {
    "no networks": "log: {level: info}\n",
    "no network": "networks: {}\n",
    "networks are a list": "networks: [a]\n",
    "a list": "- a\n",
    "a network without a subnet": "networks: {lab: {domain: lab}}\n",
    "a network that is empty": "networks: {lab: }\n",
    "a network's name": "networks: {my_lab: {subnet: 10.0.0.0/8}}\n",
    "subnet too large": "networks: {lab: {subnet: 10.0.0.0/7}}\n",
    "subnet too small": "networks: {lab: {subnet: 10.0.0.0/31}}\n",
    "subnet without length": "networks: {lab: {subnet: 10.0.0.0}}\n",
    "subnet is no prefix": "networks: {lab: {subnet: 10.0.0.256/24}}\n",
    "unknown key at the top": LAB + "networx: 1\n",
    "unknown key of a network": NETWORK + "gateway: 1\n",
    "unknown key of a host": LAB + "      a: {mac: 2:0:0:0:0:2, address: 5, adress: 5}\n",
    "unknown key of dns": LAB + "dns: {servers: 1.1.1.1}\n",
    "host without mac": LAB + "      a: {address: 5}\n",
    "host that is empty": LAB + "      a:\n",
    "host's name": LAB + "      a_b: {mac: 2:0:0:0:0:2, address: 5}\n",
    "mac too short": LAB + "      a: {mac: 2:0:0:0:0, address: 5}\n",
    "mac with two separators": LAB + "      a: {mac: 2:0-0:0:0:1, address: 5}\n",
    "no mac in the list": LAB + "      a: {mac: [], address: 5}\n",
    "address is a list": LAB + "      a: {mac: 2:0:0:0:0:2, address: [5]}\n",
    "address is a word": LAB + "      a: {mac: 2:0:0:0:0:2, address: five}\n",
    "address is negative": LAB + "      a: {mac: 2:0:0:0:0:2, address: -5}\n",
    "address with a leading zero": LAB + "      a: {mac: 2:0:0:0:0:2, address: '05'}\n",
    "boot without file": LAB + "      a: {mac: 2:0:0:0:0:2, address: 5, boot: {server: 1}}\n",
    "interface too long": NETWORK + "interface: abcdefghijklmnop\n",
    "interface with a slash": NETWORK + "interface: a/b\n",
    "lease without unit": NETWORK + "lease: 3600\n",
    "lease of weeks": NETWORK + "lease: 12w\n",
    "lease too short": NETWORK + "lease: 9s\n",
    "infinite ttl": NETWORK + "ttl: infinite\n",
    "dhcp is yes": NETWORK + "dhcp: yes\n",
    "authoritative": NETWORK + "authoritative: al\n",
    "domain": NETWORK + "domain: lab_1\n",
    "no router": NETWORK + "router: []\n",
    "relay": NETWORK + "relays: [a]\n",
    "names": NETWORK + "names: {a_b: 1}\n",
    "record": NETWORK + "records: [a]\n",
    "unknown option": NETWORK + "options: {mtuu: 1500}\n",
    "option of the server": NETWORK + "options: {subnet-mask: 255.0.0.0}\n",
    "option code": NETWORK + "options: {code-255: 00}\n",
    "mtu too large": NETWORK + "options: {mtu: 65536}\n",
    "option's address": NETWORK + "options: {routers: here}\n",
    "empty option": NETWORK + "options: {ntp-servers: []}\n",
    "pool without range": NETWORK + "pool: {lease: 1h}\n",
    "port": LAB + "listen: {dns-port: 65536}\n",
    "log level": LAB + "log: {level: warn}\n",
    "log is text": LAB + "log: debug\n",
    "state": LAB + "state: here\n",
    "upstream": LAB + "dns: {upstream: [1.1.1]}\n",
    "upstream without any": LAB + "dns: {upstream: []}\n",
    "upstream's word": LAB + "dns: {upstream: host}\n",
    "upstream's interface": LAB + "dns: {upstream: 'fe80::1%'}\n",
    "listen": LAB + "dns: {listen: everywhere}\n",
    "rebind protection": LAB + "dns: {rebind-protection: {allow: [a_b]}}\n",
    "filter": LAB + "dns: {filter: a}\n",
    "http": LAB + "http: everywhere\n",
}
# What a plan may look like without looking like the shipped ones.
GOOD = {
    "numbers as text": LAB + "    address: '2'\nlisten: {dns-port: '53'}\n",
    "names that are numbers": LAB + "    domain: 10\n    names: {11: 12}\n",
    "nothing": "networks: {lab: {subnet: 10.0.0.0/8, hosts: , names: , options: , records: }}\ndns:\n",
    "words": NETWORK + "dhcp: off\n    dns: true\n    router: none\n    interface: br-0.1\n",
    "off": NETWORK + "authoritative: off\n    ttl: 0s\n    lease: 10s\n",
    "raw options": NETWORK + "options: {code-224: 0a0b, code-43: 1234, uuid-guid: 00}\n",
    "maps": NETWORK + "options: {classless-static-routes: {10.0.0.0/16: 4}}\n",
    "single values": NETWORK + "records: 'a A 7'\n    relays: 7\n    dns-servers: 9.9.9.9\n",
    "servers": LAB
    + "dns: {upstream: [1.1.1.1, '9.9.9.9:54', '[2620:fe::fe]:53', 'fe80::1%eth0'],"
    " forward: {a.example: 10.0.0.1}, listen: on, rebind-protection: {allow: a.example}}\n",
    "nobody": LAB + "dns: {upstream: none, listen: ['[::1]:54'], rebind-protection: on, filter: aaaa}\n",
    "macs": LAB + "      b: {mac: [2-0-0-0-0-1, 02:AB:cd:0:0:1], address: 5, aliases: 1}\n",
}


class Schema(CommandTest):
    def setUp(self) -> None:
        super().setUp()
        self.schema = json.loads(self.berth("schema").stdout)
        self.validator = jsonschema.Draft202012Validator(self.schema)

    def mistakes(self, text: str) -> list[str]:
        document = yaml.load(text, CoreLoader)
        return [error.message for error in self.validator.iter_errors(document)]

    def check(self, text: str) -> list[dict[str, Any]]:
        name = self.write("plan.yaml", text)
        done = self.run_program(BERTH, "check", "--json", name)
        return list(json.loads(done.stdout)["mistakes"])

    def refused(self, text: str) -> bool:
        """Whether the loader finds more than keys that this version does not act on."""
        return any("does not act on" not in mistake["message"] for mistake in self.check(text))

    def test_it_is_a_schema(self) -> None:
        jsonschema.Draft202012Validator.check_schema(self.schema)

    def test_the_shipped_plans_are_valid(self) -> None:
        for name in ("berth.yaml", "default.yaml"):
            self.assertEqual(self.mistakes((ROOT / "config" / name).read_text()), [], name)

    def test_the_example_names_its_schema(self) -> None:
        text = (ROOT / "config/berth.yaml").read_text()
        self.assertIn("yaml-language-server: $schema=berth.schema.json", text.splitlines()[0])

    def test_what_loads_is_valid(self) -> None:
        seen = 0
        for path in sorted(Path(ROOT / "tests/fuzz/corpus/config").glob("*.yaml")):
            text = path.read_text(errors="replace")
            if self.refused(text):
                continue
            seen += 1
            self.assertEqual(self.mistakes(text), [], path)
        self.assertGreaterEqual(seen, 3)
        for name, text in GOOD.items():
            with self.subTest(name):
                self.assertFalse(self.refused(text), self.check(text))
                self.assertEqual(self.mistakes(text), [])

    def test_what_is_wrong_is_refused_by_both(self) -> None:
        for name, text in BAD.items():
            with self.subTest(name):
                self.assertTrue(self.refused(text))
                self.assertTrue(self.mistakes(text))


if __name__ == "__main__":
    unittest.main()
