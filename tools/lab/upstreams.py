"""Servers that berthd asks about foreign names: a real resolver, and odd ones of our own."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from . import lab, unbound


class Unbound:
    """Unbound, which answers for the given records and knows nothing else.

    It resolves them as those of another server's zone if `resolves`: follows aliases, denies with
    SOA, and is no authority. The zone then has to have an SOA and a name server.
    """

    def __init__(
        self, host: lab.Namespace, address: str, zone: str, records: Sequence[str], resolves: bool = False
    ) -> None:
        self.host = host
        self.address = address
        self.process: subprocess.Popen[bytes] | None = None
        self.directory = host.directory / f"unbound-{address}"
        self.directory.mkdir()
        if resolves:
            (self.directory / "zone").write_text("".join(f"{record}\n" for record in records))
            server, zones = "", f"""
auth-zone:
    name: "{zone}"
    zonefile: "{self.directory}/zone"
    for-downstream: no
    for-upstream: yes
    fallback-enabled: no
"""
        else:
            server, zones = f'    local-zone: "{zone}" static\n', ""
            server += "".join(f"    local-data: '{record}'\n" for record in records)
        self.file = self.directory / "unbound.conf"
        self.file.write_text(unbound.configuration(
            self.directory, address, f"    log-queries: yes\n    minimal-responses: no\n{server}", zones))  # fmt: skip

    def start(self) -> Unbound:
        """Returns when it answers."""
        argv = unbound.command(self.file)
        with (self.directory / "log").open("ab") as log:
            self.process = self.host.start(argv, stdout=log, stderr=log)

        def bound() -> bool:
            sockets = self.host.run(["ss", "-Hlun", f"src {self.address} and sport = :53"])
            return bool(sockets.stdout)

        lab.wait_for("Unbound to listen", bound)
        return self

    def stop(self) -> None:
        assert self.process
        lab.stop(self.process)

    def questions(self, name: str) -> int:
        """How often it was asked for a name."""
        return (self.directory / "log").read_text().count(f" {name}. ")


class Odd:
    """One of odd_upstream.py's."""

    def __init__(self, host: lab.Namespace, address: str, manner: str) -> None:
        program = Path(__file__).with_name("odd_upstream.py")
        self.process = host.start(
            [sys.executable, "-B", str(program), address, manner], stdout=subprocess.PIPE
        )
        assert self.process.stdout
        if self.process.stdout.readline() != b"ready\n":
            raise lab.LabError(f"the odd upstream, {manner}, did not start")

    def release(self) -> None:
        """Of the manner `held`: answers all that it was asked, and what it will be asked, at once."""
        self.process.send_signal(signal.SIGUSR1)

    def stop(self) -> None:
        lab.stop(self.process)
        if self.process.stdout:
            self.process.stdout.close()
