"""The manual's pages: well formed, and nothing missing."""

import os
import re
import subprocess
import unittest
from pathlib import Path

from case import BERTHD, ROOT, CommandTest

PAGES = Path(os.environ.get("BERTH_PAGES") or ROOT / "build/release/tools/manual")


class Manual(CommandTest):
    def text(self, page: str) -> str:
        """As a person reads it; groff may have no complaint."""
        done = subprocess.run(
            ["groff", "-ww", "-man", "-Tascii", "-P-cbou", "-rLL=200n", str(PAGES / page)],
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""), page)
        return re.sub(r"\s+", " ", done.stdout)

    def test_berth_has_every_verb_and_flag(self) -> None:
        page = self.text("berth.1")
        overview = self.berth("--help").stdout.split("Subcommands:\n")[1].split("\n\n")[0]
        for line in [*overview.splitlines(), "load dhcp", "load dns"]:
            verb = line if line.startswith("load ") else line.split()[0]
            self.assertIn(f" berth {verb} ", page)
            text = self.berth(*verb.split(), "--help").stdout
            for flag in re.findall(r"^  (?:-\w,)?(--[\w-]+)", text, re.M):
                self.assertIn(flag, page)
            for example in text.split("Examples:\n")[1].splitlines():
                self.assertIn(re.sub(r"\s+", " ", example.strip()), page)
        self.assertIn("EXIT STATUS 0 ok, 1 condition false", page)

    def test_berthd_has_every_flag(self) -> None:
        page = self.text("berthd.8")
        text = self.run_program(BERTHD, "--help").stdout
        flags = re.findall(r"^  (?:-\w,)?(--[\w-]+)", text, re.M)
        self.assertGreater(len(flags), 5)
        for flag in flags:
            self.assertIn(flag, page)
        self.assertIn("SIGNALS HUP read the configuration again", page)
        self.assertIn("EXIT STATUS 0 stopped, 1 cannot run", page)

    def test_the_plan_has_every_key(self) -> None:
        page = self.text("berth.yaml.5")
        table = (ROOT / "config/keys.cpp").read_text()
        names = re.findall(r'\.name = "([\w-]+)"', table)
        self.assertGreater(len(names), 50)
        for name in names:
            self.assertIn(f" {name}: ", page)
        for explained in re.findall(r'\.description = "([^"\\]+)"', table):
            self.assertIn(re.sub(r"\s+", " ", explained), page)


if __name__ == "__main__":
    unittest.main()
