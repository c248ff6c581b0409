"""`berth completion`: the scripts work in the shells that are there."""

import shutil
import subprocess
import unittest

from case import CommandTest


class Completion(CommandTest):
    def verbs(self) -> list[str]:
        overview = self.berth("--help").stdout.split("Subcommands:\n")[1].split("\n\n")[0]
        return [line.split()[0] for line in overview.splitlines() if not line.startswith("   ")]

    def complete(self, *words: str) -> list[str]:
        """What bash offers for the last word."""
        self.write("berth.bash", self.berth("completion", "bash").stdout)
        line = " ".join(f"'{word}'" for word in ("berth", *words))
        script = (
            "set -eu; source ./berth.bash\n"
            f"COMP_WORDS=({line}); COMP_CWORD={len(words)}\n"
            '_berth; printf "%s\\n" "${COMPREPLY[@]}"'
        )
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.folder, capture_output=True, text=True, check=False
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""), script)
        return done.stdout.split()

    def test_bash_offers_verbs_and_flags(self) -> None:
        self.assertEqual(self.complete("che"), ["check"])
        offered = self.complete("")
        for verb in self.verbs():
            self.assertIn(verb, offered)
            flags = self.complete(verb, "--")
            self.assertIn("--help", flags)
            text = self.berth(verb, "--help").stdout
            self.assertEqual("--json" in flags, "--json" in text.split("Examples:")[0], verb)
        self.assertEqual(self.complete("--ver"), ["--version"])
        self.assertEqual(self.complete("completion", "b"), ["bash"])
        self.assertIn("--plan", self.complete("test", "--p"))

    def test_bash_goes_on_behind_a_verb_with_verbs(self) -> None:
        self.assertEqual(self.complete("load", "d"), ["dhcp", "dns"])
        self.assertEqual(self.complete("load", "dhcp", "--scen"), ["--scenario"])
        self.assertEqual(self.complete("load", "dns", "--scen"), [])
        self.assertIn("--json", self.complete("load", "dns", "--tcp", "--"))

    def test_bash_offers_files_where_files_go(self) -> None:
        self.write("lab one.yaml", "")
        self.write("lab.yaml", "")
        self.assertIn("lab.yaml", self.complete("check", "lab"))
        self.assertIn("lab.yaml", self.complete("check", "--json", "lab"))
        self.assertEqual(self.complete("version", "lab"), [])

    def test_bash_quotes_nothing_that_runs(self) -> None:
        self.write("$(touch broken)", "")
        self.complete("check", "$")
        self.assertFalse((self.folder / "broken").exists())

    def test_every_shell_gets_every_verb(self) -> None:
        for shell in ("bash", "zsh", "fish"):
            script = self.berth("completion", shell).stdout
            for verb in self.verbs():
                self.assertIn(verb, script, shell)
            self.assertIn("json", script)
        self.berth("completion", "tcsh", code=2)
        self.berth("completion", code=2)

    def test_the_other_shells_can_read_theirs(self) -> None:
        for shell, check in (("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")):
            if shutil.which(shell) is None:
                continue
            name = self.write("berth." + shell, self.berth("completion", shell).stdout)
            done = self.run_program(shell, check, name)
            self.assertEqual((done.returncode, done.stderr), (0, ""), shell)


if __name__ == "__main__":
    unittest.main()
