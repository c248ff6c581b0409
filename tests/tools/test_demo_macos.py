"""tools/demo on macOS, as far as it can be tried anywhere: its logic, among stand-ins for the
programs that only a Mac has. Needs no privilege."""

from __future__ import annotations

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

STAND_INS = {
    "uname": '[ "$1" = -m ] && echo arm64 || echo Darwin',
    "sw_vers": 'echo "$MACOS"',
    "sudo": 'shift; exec "$@"',
    "brew": """case $1 in
  --prefix) echo "$PREFIX" ;;
  list) [ "$3" != boost ] ;;
  install) echo "brew $*" >&2 ;;
esac""",
    "berthd": 'echo "berthd $*"',
}


class OnMacos(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        for name, text in STAND_INS.items():
            self.program(self.folder / "bin" / name, text)
        self.socket_vmnet = self.folder / "opt/socket_vmnet/bin/socket_vmnet"

    def program(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def demo(self, *arguments: str, macos: str = "15.5") -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "MACOS": macos, "PREFIX": str(self.folder),
                       "BERTHD": str(self.folder / "bin/berthd"),
                       "PATH": f"{self.folder}/bin:{os.environ['PATH']}"}  # fmt: skip
        return subprocess.run(["bash", str(ROOT / "tools/demo"), *arguments], env=environment,
                              capture_output=True, text=True, timeout=60)  # fmt: skip

    def test_installs_what_is_missing_and_serves_the_plan(self) -> None:
        result = self.demo()
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("brew install --quiet boost\n", result.stderr)
        self.assertIn("It waits while no interface carries 192.168.200.1.", result.stdout)
        last = "berthd --config config/default.yaml --state-dir /var/run/berth-demo"
        self.assertEqual(result.stdout.splitlines()[-1], last)

    def test_the_link_keeps_apples_pool_off_the_plan(self) -> None:
        off, one = "--vmnet-disable-dhcp", "--vmnet-dhcp-end=192.168.200.2"
        for macos, help_text, expected in (
            ("15.5", f"  {one[:16]}=IP\n  {off}", one),
            ("26.0", f"  {one[:16]}=IP\n  {off}", off),
            ("26.0", f"  {one[:16]}=IP", one),
            ("26.0", None, one),
        ):
            with self.subTest(macos=macos, help=help_text):
                self.socket_vmnet.unlink(missing_ok=True)
                if help_text:
                    self.program(self.socket_vmnet, f"cat <<END\n{help_text}\nEND")
                result = self.demo(macos=macos)
                command = (
                    f"  sudo {self.socket_vmnet} --vmnet-mode=shared \\\n"
                    f"    --vmnet-gateway=192.168.200.1 {expected} /var/run/berth.vmnet\n"
                )
                self.assertIn(command, result.stdout)
                self.assertEqual("brew install socket_vmnet" in result.stdout, help_text is None)

    def test_the_guest_is_of_this_processor(self) -> None:
        self.assertIn("  qemu-system-aarch64 … ", self.demo().stdout)

    def test_there_is_nothing_to_keep(self) -> None:
        for arguments in (["--keep"], ["--in", "worker0"], ["--end"]):
            with self.subTest(arguments=arguments):
                result = self.demo(*arguments)
                self.assertEqual((result.returncode, result.stdout), (2, ""))
                self.assertIn("macOS", result.stderr)

    def test_help_and_usage(self) -> None:
        self.assertEqual(self.demo("--help").returncode, 0)
        self.assertEqual(self.demo("--bogus").returncode, 2)


if __name__ == "__main__":
    unittest.main()
