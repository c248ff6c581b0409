"""What `cmake --install` puts in place, and that the README's way to remove it leaves nothing."""

import os
import plistlib
import re
import subprocess
import sys
import unittest
from pathlib import Path

from case import ROOT, CommandTest

sys.path.insert(0, str(ROOT / "tools"))
from lab import partners  # noqa: E402

BUILD = Path(os.environ.get("BERTH_BUILD") or ROOT / "build/release")


class Install(CommandTest):
    def setUp(self) -> None:
        super().setUp()
        self.prefix = self.folder / "prefix"
        self.run_here("cmake", "--install", str(BUILD), "--prefix", str(self.prefix))

    def run_here(self, *command: str) -> str:
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def files(self) -> set[str]:
        return {str(path.relative_to(self.prefix)) for path in self.prefix.rglob("*") if path.is_file()}

    def test_programs_run_and_the_plan_is_the_annotated_one(self) -> None:
        for program in ("bin/berth", "sbin/berthd"):
            self.assertIn("0.1.0", self.run_here(str(self.prefix / program), "--version"))
        plan = self.prefix / "share/berth/berth.yaml"
        self.assertIn("ok: 1 network, 7 hosts", self.run_here(str(self.prefix / "bin/berth"), "check", str(plan)))
        first, rest = plan.read_text().split("\n", 1)
        self.assertIn(f"$schema={self.prefix}/share/berth/berth.schema.json", first)
        self.assertEqual(rest, (ROOT / "config/berth.yaml").read_text().split("\n", 1)[1])

    def test_the_unit_is_one_that_systemd_takes(self) -> None:
        unit = self.prefix / "lib/systemd/system/berthd.service"
        self.assertIn(f"\nExecStart={self.prefix}/sbin/berthd\n", unit.read_text())
        analyze = partners.command("systemd", "usr/bin/systemd-analyze")
        said = self.run_here(*analyze, "verify", "--man=no", str(unit))
        self.assertNotIn("berthd.service", said)

    def test_the_launchd_job_starts_berthd_at_boot_and_again_when_it_fails(self) -> None:
        text = (ROOT / "config/berthd.plist.in").read_text().replace("@berthd@", "/opt/sbin/berthd")
        job = plistlib.loads(text.encode())
        self.assertEqual(job["ProgramArguments"], ["/opt/sbin/berthd"])
        self.assertTrue(job["RunAtLoad"])
        self.assertEqual(job["KeepAlive"], {"SuccessfulExit": False})
        self.assertNotIn("UserName", job)

    def test_the_readme_removes_every_file_and_folder_of_ours(self) -> None:
        """Its commands for Linux, with this prefix and this build folder."""
        self.assertGreater(len(self.files()), 40)
        (block,) = re.findall(r"```\n(sudo systemctl disable --now berthd\n.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
        removing = [line.removeprefix("sudo ") for line in block.splitlines() if "systemctl" not in line]
        self.assertEqual(removing[-1], "rm -r /etc/berth /var/lib/berth")
        for line in removing[:-1]:
            line = line.replace("build/release/", f"{BUILD}/").replace("/usr/local/", f"{self.prefix}/")
            self.run_here("sh", "-c", line)
        self.assertEqual(self.files(), set())
        self.assertEqual([path for path in self.prefix.rglob("*") if "berth" in path.name], [])


if __name__ == "__main__":
    unittest.main()
