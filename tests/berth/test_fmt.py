"""`berth fmt`: what is printed, named and written; the form itself is tests/config's."""

import os
import subprocess
from pathlib import Path
import unittest

from case import BERTH, LAB, ROOT, CommandTest

LOOSE = "# mine\nlog:   {format: json, level: info}  # here\n" + LAB
TIGHT = "# mine\n" + "log: {level: info, format: json}" + "    # here\n"


class Fmt(CommandTest):
    def identity(self, name: str) -> tuple[int, ...]:
        """What changes when a file is written, and not when it is read."""
        it = os.stat(self.folder / name)
        return it.st_ino, it.st_mode, it.st_size, it.st_mtime_ns, it.st_ctime_ns

    def test_prints_the_plan(self) -> None:
        name = self.write("lab.yaml", LOOSE)
        done = self.berth("fmt", name)
        self.assertEqual(done.stdout, LAB + TIGHT)
        self.assertEqual(done.stderr, "")
        self.assertEqual((self.folder / name).read_text(), LOOSE)
        self.assertEqual(self.berth("fmt", self.write("tight.yaml", done.stdout)).stdout, done.stdout)

    def test_reads_standard_input(self) -> None:
        done = subprocess.run([BERTH, "fmt", "-"], input=LOOSE, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, LAB + TIGHT))

    def test_check_names_what_is_not_formatted(self) -> None:
        loose, tight = self.write("loose.yaml", LOOSE), self.write("tight.yaml", LAB)
        self.assertEqual(self.berth("fmt", "--check", tight).stdout, "")
        done = self.berth("fmt", "--check", loose, tight, code=1)
        self.assertEqual((done.stdout, done.stderr), ("loose.yaml\n", ""))
        self.assertEqual((self.folder / loose).read_text(), LOOSE)

    def test_write_changes_what_needs_it(self) -> None:
        loose, tight = self.write("loose.yaml", LOOSE), self.write("tight.yaml", LAB)
        os.chmod(self.folder / loose, 0o640)
        os.symlink("loose.yaml", self.folder / "link.yaml")
        before = self.identity(tight)
        done = self.berth("fmt", "--write", "link.yaml", tight)
        self.assertEqual(done.stdout, "link.yaml\n")
        self.assertEqual((self.folder / loose).read_text(), LAB + TIGHT)
        self.assertEqual(os.stat(self.folder / loose).st_mode & 0o777, 0o640)
        self.assertTrue(os.path.islink(self.folder / "link.yaml"))
        self.assertEqual(self.identity(tight), before)
        self.assertEqual(sorted(os.listdir(self.folder)), ["link.yaml", "loose.yaml", "tight.yaml"])
        self.assertEqual(self.berth("fmt", "--write", loose, tight).stdout, "")

    def test_json(self) -> None:
        loose, tight = self.write("loose.yaml", LOOSE), self.write("tight.yaml", LAB)
        torn = self.write("torn.yaml", "log: {\n")
        report = self.berth_json("fmt", "--write", loose, tight, torn, code=3)
        self.assertEqual(
            [(f["file"], f["formatted"], f["written"], f["text"]) for f in report["files"]],
            [
                (loose, False, True, LAB + TIGHT),
                (tight, True, False, LAB),
                (torn, False, False, None),
            ],
        )
        self.assertEqual(report["files"][2]["mistake"]["line"], 2)
        self.assertIsNone(report["files"][0]["mistake"])

    def test_what_cannot_be_kept_is_refused_and_left_alone(self) -> None:
        name = self.write("lab.yaml", "state: |\n  # no comment\n")
        done = self.berth("fmt", "--write", name, code=3)
        self.assertEqual(done.stdout, "")
        self.assertIn("lab.yaml:1:8: text over several lines cannot be formatted", done.stderr)
        self.assertEqual((self.folder / name).read_text(), "state: |\n  # no comment\n")

    def test_mistakes_of_usage_and_of_the_disk(self) -> None:
        self.assertIn("No such file", self.berth("fmt", "none.yaml", code=3).stderr)
        self.berth("fmt", "--check", "--write", self.write("lab.yaml", LAB), code=2)
        done = subprocess.run(
            [BERTH, "fmt", "--write", "-"], input=LOOSE, capture_output=True, text=True
        )
        self.assertEqual((done.returncode, done.stdout), (2, ""))

    def test_the_shipped_plans_are_formatted(self) -> None:
        plans = [str(path) for path in sorted(Path(ROOT, "config").glob("*.yaml"))]
        self.assertEqual(len(plans), 2)
        self.assertEqual(self.berth("fmt", "--check", *plans).stdout, "")

    @unittest.skipIf(os.path.exists("/etc/berth/berth.yaml"), "this machine has a plan")
    def test_without_a_file_it_is_the_built_in_plan(self) -> None:
        self.assertEqual(self.berth("fmt").stdout, (ROOT / "config/default.yaml").read_text())
        self.assertIn("--write needs", self.berth("fmt", "--write", code=2).stderr)


if __name__ == "__main__":
    unittest.main()
