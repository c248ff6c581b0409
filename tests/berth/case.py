"""What the tests of the command share: a folder for each test, and the binary run in it."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BERTH = os.environ.get("BERTH") or str(ROOT / "build/release/tools/berth/berth")
BERTHD = os.environ.get("BERTHD") or str(ROOT / "build/release/server/berthd")

LAB = """networks:
  lab:
    subnet: 192.168.200.0/24
    hosts:
      control0: {mac: 52:52:52:00:00:01, address: 4}
"""


class CommandTest(unittest.TestCase):
    """Every run has a folder of its own and an environment without our variables."""

    maxDiff = None

    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)

    def write(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text)
        return name

    def run_program(
        self, program: str, *arguments: str, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("BERTH")}
        return subprocess.run(
            [program, *arguments],
            cwd=self.folder,
            env=inherited | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def limited(self, *command: str, source: str = os.devnull) -> subprocess.CompletedProcess[str]:
        """Runs a program that may have half a gibibyte of addresses, and a minute. `source`: the
        file that is its standard input."""
        limit = 512 * 1024 * 1024
        # The sanitizers reserve more addresses than any limit.
        is_sanitized = b"__sanitizer_" in Path(command[0]).read_bytes()
        with open(source, "rb") as stdin:
            return subprocess.run(
                command,
                cwd=self.folder,
                stdin=stdin,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
                preexec_fn=None
                if is_sanitized
                else lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
            )

    def berth(
        self, *arguments: str, code: int = 0, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Runs berth, which must end with this code."""
        done = self.run_program(BERTH, *arguments, **environment)
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done

    def berth_json(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """The one JSON object in one line that --json prints."""
        done = self.berth(*arguments, "--json", code=code)
        self.assertEqual(done.stdout.count("\n"), 1, done.stdout)
        report = json.loads(done.stdout)
        self.assertEqual((report["berth"], report["kind"]), (1, arguments[0]))
        return report
