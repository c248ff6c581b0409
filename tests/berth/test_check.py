"""The command line as a whole, `berth check` and `berth version`."""

import os
import pty
import subprocess
import unittest

from case import BERTH, BERTHD, LAB, ROOT, CommandTest

MISTAKEN = LAB + "    adress: 1\n    lease: 12\nhttp: 127.0.0.1:80\n"


class CommandLine(CommandTest):
    def test_without_a_verb_it_is_a_mistake_of_usage(self) -> None:
        for arguments in [(), ("moor",), ("check", "--fast"), ("check", "a", "b"), ("check", "")]:
            done = self.berth(*arguments, code=2)
            self.assertEqual(done.stdout, "")
            self.assertTrue(done.stderr)

    def test_a_verb_that_does_not_exist_is_named(self) -> None:
        self.assertEqual(self.berth("chekc", "--json", code=2).stderr.splitlines()[:2],
                         ["berth: there is no verb `chekc`", "    did you mean `check`?"])  # fmt: skip
        self.assertEqual(self.berth("load", "dchp", code=2).stderr.splitlines()[:2],
                         ["berth load: there is no verb `dchp`", "    did you mean `dhcp`?"])  # fmt: skip
        self.assertNotIn("mean", self.berth("moor", code=2).stderr)

    def test_an_option_that_does_not_exist_is_named(self) -> None:
        for verb, given, meant in [(("check",), "--jsn", "--json"), (("fmt",), "--chekc", "--check"),
                                   (("load", "dhcp"), "--dration=2s", "--duration")]:  # fmt: skip
            lines = self.berth(*verb, given, code=2).stderr.splitlines()
            self.assertEqual(lines[:2], [f"berth {' '.join(verb)}: there is no option `{given.split('=')[0]}`",
                                         f"    did you mean `{meant}`?"])  # fmt: skip
        self.assertIn("`--dration`", self.berth("load", "dns", "--dration", "2s", code=2).stderr)

    def test_other_mistakes_say_where_and_what(self) -> None:
        for arguments, said in (((), "berth: a verb is missing: check, schema, "),
                                (("load",), "berth load: a verb is missing: dhcp, dns"),
                                (("test",), "berth test: file is required"),
                                (("check", "a", "b"), "berth check: The following argument was not expected: b"),
                                (("load", "dhcp", "--rate", "0"),
                                 'berth load dhcp: --rate: "0" is not a number from 0.001 to 10000000'),
                                (("load", "dns", "--at-once", "x"),
                                 'berth load dns: --at-once: "x" is not a number from 1 to 1048576')):  # fmt: skip
            lines = self.berth(*arguments, code=2).stderr.splitlines()
            self.assertIn(said, lines[0])
            self.assertEqual(lines[-1], f"`{said[: said.index(':')]} --help` has examples.")

    def test_help_has_examples_of_every_verb(self) -> None:
        overview = self.berth("--help").stdout
        verbs = [
            line.split()[0]
            for line in overview.split("Subcommands:\n")[1].split("\n\n")[0].splitlines()
            if line.startswith("  ") and not line.startswith("   ")
        ]
        self.assertIn("check", verbs)
        for verb in verbs:
            text = self.berth(verb, "--help").stdout
            self.assertIn("Examples:\n  berth " + verb, text)

    def test_version(self) -> None:
        text = self.berth("version").stdout
        self.assertRegex(text, r"^berth \d+\.\d+\.\d+\n$")
        self.assertEqual(f"berth {self.berth_json('version')['version']}\n", text)
        self.assertEqual(self.berth("--version").stdout.strip(), text.split()[1])
        self.assertIn(text.split()[1], self.run_program(BERTHD, "--version").stdout)

    def test_a_full_disk_is_a_failure(self) -> None:
        with open("/dev/full", "w") as full:
            done = subprocess.run([BERTH, "version"], stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot write", done.stderr)


class Check(CommandTest):
    def test_a_good_plan(self) -> None:
        name = self.write("lab.yaml", LAB)
        done = self.berth("check", name)
        self.assertEqual(done.stdout, "lab.yaml: ok: 1 network, 1 host, 0 names\n")
        self.assertEqual(done.stderr, "")
        report = self.berth_json("check", name)
        self.assertEqual(
            report,
            {
                "berth": 1,
                "kind": "check",
                "file": "lab.yaml",
                "embedded": False,
                "ok": True,
                "mistake_count": 0,
                "mistakes": [],
                "warnings": [],
            },
        )

    def test_the_shipped_plan(self) -> None:
        self.berth("check", str(ROOT / "config/berth.yaml"))

    def test_mistakes_are_those_of_berthd(self) -> None:
        name = self.write("lab.yaml", MISTAKEN)
        done = self.berth("check", name, code=3)
        theirs = self.run_program(BERTHD, "--check", "--config", name)
        self.assertEqual(theirs.returncode, 3)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr, theirs.stderr + "lab.yaml: 3 mistakes\n")
        self.assertIn("lab.yaml:6:5: adress: there is no such key", done.stderr)

    def test_mistakes_as_json(self) -> None:
        report = self.berth_json("check", self.write("lab.yaml", MISTAKEN), code=3)
        self.assertFalse(report["ok"])
        self.assertEqual(report["mistake_count"], 3)
        self.assertEqual(
            report["mistakes"][0],
            {
                "file": "lab.yaml",
                "line": 6,
                "column": 5,
                "key": "adress",
                "message": "there is no such key",
                "suggestion": "address",
            },
        )
        self.assertEqual(report["mistakes"][1]["suggestion"], None)
        self.assertEqual([m["key"] for m in report["mistakes"]], ["adress", "lease", "http"])

    def test_warnings(self) -> None:
        name = self.write("lab.yaml", LAB + "    domain: lab.local\n")
        done = self.berth("check", name)
        self.assertIn("warning: lab.yaml:6:13: domain: `.local`", done.stderr)
        self.assertTrue(done.stdout.endswith("0 names, 1 warning\n"))
        self.assertEqual(self.berth_json("check", name)["warnings"][0]["line"], 6)

    def test_a_file_that_is_not_there(self) -> None:
        done = self.berth("check", "none.yaml", code=3)
        self.assertEqual(
            done.stderr, "none.yaml: No such file or directory\nnone.yaml: 1 mistake\n"
        )
        mistake = self.berth_json("check", "none.yaml", code=3)["mistakes"][0]
        self.assertEqual((mistake["line"], mistake["key"]), (None, None))
        self.assertIn("directory", self.berth("check", ".", code=3).stderr)

    @unittest.skipIf(os.path.exists("/etc/berth/berth.yaml"), "this machine has a plan")
    def test_the_built_in_plan(self) -> None:
        self.assertEqual(
            self.berth("check").stdout, "built-in plan: ok: 1 network, 7 hosts, 2 names\n"
        )
        self.assertTrue(self.berth_json("check")["embedded"])

    def test_the_environment_names_the_plan(self) -> None:
        name = self.write("lab.yaml", LAB)
        self.assertIn("lab.yaml: ok", self.berth("check", BERTH_CONFIG=name).stdout)
        self.berth("check", BERTH_CONFIG="none.yaml", code=3)

    def test_colour_only_on_a_terminal_that_wants_it(self) -> None:
        name = self.write("lab.yaml", MISTAKEN)

        def on_terminal(**environment: str) -> bytes:
            leader, follower = pty.openpty()
            with open(leader, "rb", buffering=0) as screen:
                subprocess.run(
                    [BERTH, "check", name],
                    cwd=self.folder,
                    env={"TERM": "xterm"} | environment,
                    stderr=follower,
                    check=False,
                )
                os.close(follower)
                return screen.read(4096)

        self.assertIn(b"\x1b[1m", on_terminal())
        self.assertNotIn(b"\x1b", on_terminal(NO_COLOR="1"))
        self.assertNotIn(b"\x1b", on_terminal(TERM="dumb"))
        self.assertNotIn("\x1b", self.berth("check", name, code=3).stderr)


class Bombs(CommandTest):
    """Plans made to cost more than they are: refused with a word, in little memory. Rows P1 to P3 of
    tests/HOSTILE.md; what the loader says of each shape is tests/config/yaml_tree_test.cpp's."""

    def refuse(self, text: str) -> str:
        name = self.write("bomb.yaml", text)
        done = self.limited(BERTH, "check", name)
        self.assertEqual((done.returncode, done.stdout), (3, ""), done.stderr[-1000:])
        return done.stderr

    def test_aliases_of_aliases(self) -> None:
        lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
        lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 20)]
        said = self.refuse("\n".join(lines) + "\nnetworks: *a19\n")
        self.assertIn("bomb.yaml:1:5: anchors (`&name`) are not used here", said)

    def test_brackets(self) -> None:
        for bracket in ("[", "{", "[{a: ", "- ", "? "):
            said = self.refuse(bracket * 20_000)
            self.assertIn("nested too deeply", said)
            self.assertLess(len(said), 2000)

    def test_a_thousand_mistakes(self) -> None:
        hosts = "".join(f"      h{i}: {{mac: {i}, address: 300}}\n" for i in range(500))
        said = self.refuse(f"networks:\n  lab:\n    subnet: 192.168.200.0/24\n    hosts:\n{hosts}")
        self.assertIn("bomb.yaml:5:17: hosts.h0.mac: `0` is not a hardware address", said)
        self.assertIn("bomb.yaml: 1000 mistakes\n", said)
        self.assertIn("and 900 more\n", said)
        self.assertEqual(said.count("is not a hardware address"), 50)

    def test_sixteen_mebibytes_of_mistakes(self) -> None:
        said = self.refuse("x: 1\n" * (16 * 1024 * 1024 // 5))
        self.assertIn("more\n", said)
        self.assertLess(len(said), 100_000)


if __name__ == "__main__":
    unittest.main()
