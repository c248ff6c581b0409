"""`berth test`: expectations of a plan that hold, that do not, and that mean nothing."""

import unittest

from case import ROOT, CommandTest

PLAN = """networks:
  kubenet:
    subnet: 192.168.200.0/24
    lease: 12h
    hosts:
      worker0: {mac: 52:52:52:00:00:04, address: 7, aliases: [node0], options: {mtu: 1400}}
      worker1: {mac: [52:52:52:00:00:05, 52:52:52:00:01:05], address: 8, lease: 1h}
      printer: {mac: 52:52:52:00:00:99, ignore: on}
    names: {kubernetes: 11, api: [12, 11]}
    options: {mtu: 1500, domain-search: [kubenet, example.com], ntp-servers: [1, 9.9.9.9]}
    records: ['_etcd._tcp SRV 0 0 2379 worker0', 'docs CNAME worker1', 'note TXT "a b"']
  far:
    subnet: 10.77.0.0/24
    interface: none
    address: 192.168.200.1
    router: 2
    relays: [2]
    hosts: {remote: {mac: 52:52:52:00:00:21, address: 21}}
"""
MET = """plan: plans/lab.yaml
expect:
  - {mac: 52:52:52:00:00:04, address: 192.168.200.7, options: {routers: 192.168.200.1, mtu: 1400}}
  - {mac: 52:52:52:00:00:04, lease: 12h, options: {domain-name: kubenet, host-name: worker0}}
  - {mac: 52:52:52:00:01:05, address: 8, lease: 1h, options: {mtu: 1500, time-offset: none}}
  - {mac: 52:52:52:00:00:05, options: {domain-search: [kubenet, example.com], ntp-servers: [1, 9.9.9.9]}}
  - {mac: 52:52:52:00:00:99, address: none}
  - {mac: 52:52:52:00:00:aa, address: none}
  - {mac: 52:52:52:00:00:21, address: 21, options: {routers: 10.77.0.2}}
  - {mac: 52:52:52:00:00:04, network: far, address: none}
  - {name: kubernetes.kubenet, A: 192.168.200.11}
  - {name: API.kubenet., A: [11, 12]}
  - {name: worker0, A: 7}
  - {name: node0.kubenet, A: 7}
  - {name: docs.kubenet, CNAME: worker1.kubenet}
  - {name: docs.kubenet, A: 8}
  - {name: note.kubenet, TXT: '"a b"'}
  - {name: _etcd._tcp.kubenet, SRV: 0 0 2379 worker0.kubenet}
  - {ptr: 192.168.200.7, name: worker0.kubenet}
  - {ptr: 10.77.0.21, name: remote.far}
  - {ptr: 99, NXDOMAIN}
  - {name: nobody.kubenet, NXDOMAIN}
  - {name: worker0.kubenet, NODATA, type: AAAA}
  - {name: worker0.kubenet, A: 7, from: 8}
  - {name: worker0.kubenet, REFUSED, from: 10.9.9.9}
"""
FAILED = """plan: plans/lab.yaml
expect:
  - {mac: 52:52:52:00:00:04, address: 9, lease: 1h, options: {mtu: 1500, time-offset: 5}}
  - {mac: 52:52:52:00:00:04, address: none}
  - {mac: 52:52:52:00:00:aa, address: 3}
  - {mac: 52:52:52:00:00:aa, options: {routers: none}}
  - {name: worker0.kubenet, A: 8}
  - {name: worker0.kubenet, NXDOMAIN}
  - {name: nobody.kubenet, A: 7}
  - {ptr: 7, name: worker1.kubenet}
  - {name: worker0.kubenet, A: 7, from: 10.9.9.9}
"""
FAILURES = """\
FAILED  52:52:52:00:00:04 (line 3): address: expected 192.168.200.9, got 192.168.200.7; \
lease: expected 3600s, got 43200s; time-offset: expected 5, got none; \
interface-mtu: expected 1500, got 1400
FAILED  52:52:52:00:00:04 (line 4): address: expected none, got 192.168.200.7
FAILED  52:52:52:00:00:aa (line 5): address: expected 192.168.200.3, got none (unknown_client)
FAILED  52:52:52:00:00:aa (line 6): address: expected any, got none (unknown_client)
FAILED  worker0.kubenet A (line 7): answer: expected 192.168.200.8, got 192.168.200.7
FAILED  worker0.kubenet (line 8): answer: expected NXDOMAIN, got 192.168.200.7
FAILED  nobody.kubenet A (line 9): answer: expected 192.168.200.7, got NXDOMAIN
FAILED  ptr 192.168.200.7 (line 10): answer: expected worker1.kubenet., got worker0.kubenet.
FAILED  worker0.kubenet A (line 11): answer: expected 192.168.200.7, got REFUSED
bad.yaml: 9 expectations, 9 FAILED
"""
# What the one entry of a file says, and a part of what it is told.
MISTAKES = [
    ("{}", "is about a `mac`, a `name` or a `ptr`"),
    ("worker0", "expected a map such as"),
    ("{mac: 52:52}", "is not a hardware address"),
    ("{mac: 52:52:52:00:00:04, adress: 7}", "did you mean `address`?"),
    ("{mac: 52:52:52:00:00:04, address: 300}", "lies outside 192.168.200.0/24"),
    ("{mac: 52:52:52:00:00:04, network: kubnet}", "did you mean `kubenet`?"),
    ("{mac: 52:52:52:00:00:04, options: {mtuu: 1}}", "there is no such option"),
    ("{mac: 52:52:52:00:00:04, address: none, lease: 1h}", "gets no options either"),
    ("{name: worker0.kubenet}", "nothing is expected"),
    ("{name: a..b, A: 7}", "is not a domain name"),
    ("{name: worker0.kubenet, B: 7}", "expected a record type"),
    ("{name: worker0.kubenet, A: 7.7}", "is not an address"),
    ("{name: worker0.kubenet, SRV: 7}", "`7`: "),
    ("{name: worker0.kubenet, NXDOMAIN: 7}", "takes no value"),
    ("{name: worker0.kubenet, NODATA, type: B}", "is no record type"),
    ("{ptr: x, name: worker0.kubenet}", "is not an address"),
]


class Test(CommandTest):
    def setUp(self) -> None:
        super().setUp()
        (self.folder / "plans").mkdir()
        self.write("plans/lab.yaml", PLAN)

    def test_all_that_a_plan_does(self) -> None:
        done = self.berth("test", self.write("good.yaml", MET))
        lines = done.stdout.splitlines()
        self.assertEqual(lines[-1], "good.yaml: 23 expectations, all met")
        self.assertTrue(all(line.startswith("ok      ") for line in lines[:-1]), done.stdout)
        self.assertEqual(done.stderr, "")

    def test_what_a_plan_does_not(self) -> None:
        done = self.berth("test", self.write("bad.yaml", FAILED), code=1)
        self.assertEqual(done.stdout, FAILURES)

    def test_as_json(self) -> None:
        report = self.berth_json("test", self.write("good.yaml", MET))
        self.assertEqual((report["ok"], report["passed"], report["failed"]), (True, 23, 0))
        report = self.berth_json("test", self.write("bad.yaml", FAILED), code=1)
        self.assertEqual((report["ok"], report["passed"], report["failed"]), (False, 0, 9))
        self.assertEqual(report["plan"], "plans/lab.yaml")
        self.assertEqual(
            report["expectations"][4],
            {
                "line": 7,
                "subject": "worker0.kubenet A",
                "ok": False,
                "mismatches": [
                    {"what": "answer", "expected": "192.168.200.8", "got": "192.168.200.7"}
                ],
            },
        )

    def test_mistakes_in_the_file(self) -> None:
        for entry, message in MISTAKES:
            with self.subTest(entry):
                text = f"plan: plans/lab.yaml\nexpect:\n  - {entry}\n"
                done = self.berth("test", self.write("odd.yaml", text), code=3)
                self.assertIn("odd.yaml:3:", done.stderr)
                self.assertIn(message, done.stderr)
        for text in ["", "- a\n", "plan: plans/lab.yaml\n", "expect: {}\n", "expects: []\n", "a: [\n"]:
            self.assertTrue(self.berth("test", self.write("odd.yaml", text), code=3).stderr)

    def test_a_plan_with_mistakes(self) -> None:
        self.write("plans/lab.yaml", PLAN + "adress: 1\n")
        done = self.berth("test", self.write("good.yaml", MET), code=3)
        self.assertIn("plans/lab.yaml:19:1: adress: there is no such key", done.stderr)
        self.berth("test", self.write("good.yaml", "plan: none.yaml\nexpect: []\n"), code=3)
        self.berth("test", "none.yaml", code=3)
        self.berth("test", code=2)

    def test_another_plan_than_the_one_that_is_named(self) -> None:
        text = "plan: none.yaml\nexpect: [{name: kubernetes.kubenet, A: 192.168.200.11}]\n"
        name = self.write("good.yaml", text)
        self.berth("test", "--plan", str(ROOT / "config/default.yaml"), name)
        self.berth("test", name, code=3)

    def test_the_shipped_plan_keeps_its_word(self) -> None:
        text = "expect:\n" + "".join(
            f"  - {{mac: 52:52:52:00:00:0{i}, address: 192.168.200.{i + 3}}}\n" for i in range(7)
        )
        name = self.write("lab.yaml", text)
        done = self.berth("test", "--plan", str(ROOT / "config/berth.yaml"), name)
        self.assertIn("7 expectations, all met", done.stdout)


if __name__ == "__main__":
    unittest.main()
