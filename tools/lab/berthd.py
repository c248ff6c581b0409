"""berthd as a process of a lab: started, told things by signals, and observed from outside."""

from __future__ import annotations

import collections
import os
import re
import signal
import socket
import subprocess
from pathlib import Path

from . import lab

# The embedded default, which `berthd` serves when there is no configuration.
DEFAULT_HOSTS = {
    "gateway": ("52:52:52:00:00:00", "192.168.200.3"),
    "control0": ("52:52:52:00:00:01", "192.168.200.4"),
    "control1": ("52:52:52:00:00:02", "192.168.200.5"),
    "control2": ("52:52:52:00:00:03", "192.168.200.6"),
    "worker0": ("52:52:52:00:00:04", "192.168.200.7"),
    "worker1": ("52:52:52:00:00:05", "192.168.200.8"),
    "worker2": ("52:52:52:00:00:06", "192.168.200.9"),
}
DEFAULT_LINK = "192.168.200.1/24"
DEFAULT_ADDRESS = "192.168.200.1"
DEFAULT_DOMAIN = "kubenet"
SANITIZER_REPORT = re.compile(r"(Address|Leak|Thread|UndefinedBehavior)Sanitizer|runtime error:")


def binary() -> Path:
    """The berthd under test: $BERTHD, else the release build's."""
    path = Path(os.environ.get("BERTHD") or lab.ROOT / "build/release/server/berthd")
    if not path.is_file():
        raise lab.LabError(f"{path} does not exist; run tools/build release berthd")
    return path


def sanitized() -> bool:
    """Whether the binary carries a sanitizer, which makes its memory and times meaningless."""
    image = binary().read_bytes()
    return b"__asan_init" in image or b"__tsan_init" in image


def cpu_seconds(pid: int) -> float:
    """User and system time of all threads of a process, from the scheduler's nanoseconds."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


class Berthd:
    """One berthd in a host's namespace."""

    def __init__(self, host: lab.Namespace, config: str | None = None, *arguments: str) -> None:
        self.host = host
        self.directory = host.directory
        self.log_file = self.directory / "berthd.log"
        self.config_file = self.directory / "berth.yaml"
        self.state_folder: Path | None = self.directory / "state"  # None: the configuration's
        self.arguments = list(arguments)
        self.process: subprocess.Popen[bytes] | None = None
        self.mark = 0  # log lines before it are not waited for
        self.notify: socket.socket | None = None
        if config is not None:
            self.write_config(config)
            self.arguments += ["--config", str(self.config_file)]

    def write_config(self, config: str) -> None:
        """Replaces the file as editors do, so that no reload sees half of it."""
        new = self.config_file.with_suffix(".new")
        new.write_text(config)
        new.rename(self.config_file)

    def argv(self) -> list[str]:
        state = ["--state-dir", str(self.state_folder)] if self.state_folder else []
        return [str(binary()), *state, *self.arguments]

    def start(self) -> Berthd:
        """Starts it and waits until it says READY; a start that fails is a LabError with the log."""
        self.spawn()
        self.wait_notified("READY=1", 60.0)
        return self

    def spawn(self) -> None:
        path = self.directory / "notify"
        path.unlink(missing_ok=True)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(str(path))
        path.chmod(0o666)
        environment = {k: v for k, v in os.environ.items() if not k.startswith("BERTH_")}
        environment["NOTIFY_SOCKET"] = str(path)
        with self.log_file.open("ab") as log:
            self.process = self.host.start(self.argv(), stdout=log, stderr=log, env=environment)

    def wait_notified(self, word: str, seconds: float = 10.0) -> str:
        """Waits for a notification that contains `word`, for example READY=1."""
        assert self.notify and self.process
        self.notify.setblocking(False)

        def notified() -> str | None:
            assert self.notify and self.process
            try:
                message = self.notify.recv(4096).decode()
            except BlockingIOError:
                if self.process.poll() is not None:
                    raise lab.LabError(
                        f"berthd ended with exit code {self.process.returncode}\n{self.log()}"
                    ) from None
                return None
            return message if word in message.splitlines() else None

        return lab.wait_for(f"berthd's {word}", notified, seconds)

    def stop(self) -> None:
        """Ends it; anything but a clean end is a LabError."""
        code = self.end(signal.SIGTERM)
        if code != 0 or SANITIZER_REPORT.search(self.log()):
            raise lab.LabError(f"berthd ended with exit code {code}\n{self.log()}")

    def end(self, number: signal.Signals) -> int:
        assert self.process
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise lab.LabError(f"berthd did not end on {number.name}\n{self.log()}") from None
        finally:
            if self.notify:
                self.notify.close()
                self.notify = None

    # --- what it says ---

    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def wait_log(self, pattern: str, seconds: float = 10.0) -> re.Match[str]:
        """Waits for a log line after the mark that matches; the mark moves behind it."""
        compiled = re.compile(pattern, re.M)

        def found() -> re.Match[str] | None:
            return compiled.search(self.log(), self.mark)

        try:
            match = lab.wait_for(f"log line /{pattern}/", found, seconds)
        except lab.LabError as error:
            raise lab.LabError(f"{error}\n{self.log()[self.mark:]}") from None
        self.mark = match.end()
        return match

    def skip_log(self) -> None:
        """Only what is logged from here on is waited for."""
        self.mark = len(self.log())

    def counters(self) -> dict[str, int]:
        """All counters that are not zero, as group.name, as SIGUSR1 makes it log them."""
        assert self.process
        self.skip_log()
        before = self.mark
        self.process.send_signal(signal.SIGUSR1)
        self.wait_log(r"\bstats\.end\b")
        counters: collections.Counter[str] = collections.Counter()
        for group, fields in re.findall(r"\bstats group=(\S+)(.*)$", self.log()[before:], re.M):
            for name, value in re.findall(r"(\S+)=(\d+)", fields):
                counters[f"{group}.{name}"] = int(value)
        return counters

    def reload(self, config: str | None = None) -> str:
        """SIGHUP, after writing `config`; returns reload.done or reload.refused's whole line."""
        assert self.process
        if config is not None:
            self.write_config(config)
        self.skip_log()
        self.process.send_signal(signal.SIGHUP)
        return self.wait_log(r"^.*\breload\.(done|refused)\b.*$").group()

    # --- what it uses ---

    def status(self, field: str) -> str:
        assert self.process
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return line.split(":", 1)[1].strip()
        raise lab.LabError(f"no {field} in /proc/PID/status")

    def private_memory(self) -> int:
        """RssAnon in octets."""
        return int(self.status("RssAnon").split()[0]) * 1024

    def descriptors(self) -> int:
        assert self.process
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None
