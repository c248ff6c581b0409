"""A lab: hosts and links in network namespaces, processes in them, and nothing left behind.

enter() moves the calling program into mount, process, network and other namespaces of its own. /run
is a fresh tmpfs there, and the program is process 1: however it ends, the kernel takes the
processes, namespaces and files with it. Any number of labs run side by side and use the same names.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parents[2]
# From the kernel's headers; Python has unshare and setns since 3.12 only.
CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWPID, CLONE_NEWNET = 0x20000000, 0x40000000
PR_SET_PDEATHSIG = 1

T = TypeVar("T")


class LabError(Exception):
    """What was to happen in the lab did not."""


# --- the private world ----------------------------------------------------------------------------


_inside = False
_stays: int | None = None  # the descriptor by which stay() tells the program outside


def enter(pid_file: Path | None = None) -> None:
    """Forks into namespaces of our own and returns there.

    The process outside waits and exits as the one inside does; if it dies, all that is inside dies.
    With `pid_file`, which then holds the process id of the world's keeper, the inside may call
    stay() and outlive it.
    """
    if os.geteuid() != 0:
        sys.exit(
            f"{Path(sys.argv[0]).name}: makes network namespaces and needs root; "
            "tools/demo and tools/test get it through sudo"
        )
    sys.stdout.flush()
    reader, writer = os.pipe()
    keeper = os.fork()
    if keeper == 0:
        os.close(reader)
        _become_inside(writer, may_stay=pid_file is not None)
        return
    os.close(writer)
    if pid_file:
        pid_file.write_text(f"{keeper}\n")
    try:
        code = os.read(reader, 1)  # nothing: it ended
    except KeyboardInterrupt:
        os.kill(keeper, signal.SIGKILL)
        code = b""
    if code:
        os._exit(code[0])
    if pid_file:
        pid_file.unlink()
    code = os.waitstatus_to_exitcode(os.waitpid(keeper, 0)[1])
    os._exit(code if code >= 0 else 128 - code)


def _become_inside(writer: int, may_stay: bool) -> None:
    """Leaves this process behind as the keeper, whose child is process 1 of the new world."""
    global _inside, _stays
    os.setsid()
    if not may_stay:
        _call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL)
    _call("unshare", CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET)
    first = os.fork()
    if first:
        _detach()
        os.close(writer)
        code = os.waitstatus_to_exitcode(os.waitpid(first, 0)[1])
        os._exit(code if code >= 0 else 128 - code)
    _call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL)
    _inside, _stays = True, writer
    _furnish()


def _furnish() -> None:
    """What processes here find in place of the machine's: /proc, /run and DHCP clients' states."""
    resolver = os.path.realpath("/etc/resolv.conf")  # often a link into /run
    _mount("--make-rprivate", "/")
    _mount("-t", "proc", "proc", "/proc")
    for folder in ("/run", "/var/lib/dhcp", "/var/lib/dhcpcd"):
        if os.path.isdir(folder):
            _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", folder)
    if not os.path.exists(resolver) and resolver.startswith("/run/"):
        os.makedirs(os.path.dirname(resolver))
        Path(resolver).touch()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def stay(code: int) -> None:
    """Lets the process outside exit with `code`, and lives on until the keeper is killed."""
    assert _stays is not None
    sys.stdout.flush()
    _detach()
    os.write(_stays, bytes([code]))
    os.close(_stays)
    while True:
        signal.pause()


def _detach() -> None:
    """Lets go of the terminal, or of whoever reads our output."""
    with open(os.devnull, "r+b") as null:
        for descriptor in range(3):
            os.dup2(null.fileno(), descriptor)


def _call(name: str, *arguments: int) -> None:
    """A function of the C library that Python does not have."""
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


# --- waiting --------------------------------------------------------------------------------------


def wait_for(what: str, condition: Callable[[], T | None], seconds: float = 10.0) -> T:
    """Polls until `condition` returns something true, and returns that."""
    deadline = time.monotonic() + seconds
    pause = 0.001
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() >= deadline:
            raise LabError(f"waited {seconds:g} s in vain for {what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.02)


# --- hosts and links ------------------------------------------------------------------------------


class Namespace:
    """A named network namespace with a folder for what its programs write."""

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab = lab
        self.name = name
        self.directory = lab.directory / name
        self.directory.mkdir()
        self.resolv_conf = self.directory / "resolv.conf"
        self.resolv_conf.touch()
        subprocess.run(["ip", "netns", "add", name], check=True)
        self.ip("link set lo up")

    def ip(self, *commands: str) -> None:
        """Runs ip(8) commands, each given without the leading `ip`, in one process."""
        subprocess.run(
            ["ip", "-n", self.name, "-batch", "-"],
            input="\n".join(commands) + "\n", text=True, check=True,
        )  # fmt: skip

    def command(self, argv: Sequence[str]) -> list[str]:
        """The command line that runs `argv` here, with this host's own resolv.conf."""
        bind = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
        return ["ip", "netns", "exec", self.name, "sh", "-c", bind, str(self.resolv_conf), *argv]

    def run(self, argv: Sequence[str], timeout: float = 30.0) -> subprocess.CompletedProcess[str]:
        """Runs a program to its end; its exit code is the caller's to judge."""
        return subprocess.run(
            self.command(argv), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, errors="replace", timeout=timeout,
        )  # fmt: skip

    def start(self, argv: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
        """Starts a program that lives until it is stopped or the lab ends."""
        options.setdefault("stdin", subprocess.DEVNULL)
        process = subprocess.Popen(self.command(argv), start_new_session=True, **options)
        self.lab.processes.append(process)
        return process

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Sockets made inside belong to this namespace, for as long as they live."""
        with open("/proc/self/ns/net") as home, open(f"/run/netns/{self.name}") as here:
            _call("setns", here.fileno(), CLONE_NEWNET)
            try:
                yield
            finally:
                _call("setns", home.fileno(), CLONE_NEWNET)


class Guest(Namespace):
    """A namespace with one Ethernet interface, eth0, as a VM has; plugged into a link or not."""

    def __init__(self, lab: Lab, name: str, mac: str) -> None:
        super().__init__(lab, name)
        self.mac = mac

    def plug(self, link: Link) -> None:
        link.host.ip(
            f"link add {self.port} type veth peer name eth0 netns {self.name} address {self.mac}"
        )
        link.guests.append(self)
        self.ip("link set eth0 up")
        link.host.ip(f"link set {self.port} up")
        if link.index:
            link.host.ip(f"link set {self.port} master {link.bridge}")
            link.wait_until_it_carries()

    @property
    def port(self) -> str:
        """The host's end of our cable."""
        return f"p-{self.name}"[:15]


class Link:
    """A bridge on the host with an address of the host's, and the guests plugged into it."""

    def __init__(self, host: Namespace, bridge: str, address: str) -> None:
        self.host = host
        self.bridge = bridge
        self.address = address  # with its prefix length
        self.guests: list[Guest] = []
        self.index = 0  # none: the link does not exist

    def create(self, with_address: bool = True, up: bool = True) -> float:
        """Makes the bridge; returns the time just before its address appeared."""
        ports = [f"link set {guest.port} master {self.bridge}" for guest in self.guests]
        self.host.ip(
            f"link add {self.bridge} type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
            *([f"link set {self.bridge} up"] if up else []),
            *ports,
        )
        with self.host.entered():
            self.index = socket.if_nametoindex(self.bridge)
        if up and self.guests:
            self.wait_until_it_carries()
        return self.add_address() if with_address else time.monotonic()

    def set_up(self) -> None:
        self.host.ip(f"link set {self.bridge} up")
        self.wait_until_it_carries()

    def wait_until_it_carries(self) -> None:
        """The kernel lets frames through a moment after the cables are plugged in."""

        def carries() -> bool:
            command = ["ip", "-n", self.host.name, "-json", "-details", "link", "show"]
            output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            links = {link["ifname"]: link for link in json.loads(output)}
            return links[self.bridge]["operstate"] == "UP" and all(
                links[guest.port]["linkinfo"]["info_slave_data"]["state"] == "forwarding"
                for guest in self.guests
            )

        wait_for(f"{self.bridge} to carry frames", carries)

    def add_address(self) -> float:
        before = time.monotonic()
        self.host.ip(f"address add {self.address} dev {self.bridge}")
        return before

    def destroy(self) -> None:
        """Deletes the bridge; the guests' cables stay, plugged into nothing."""
        self.host.ip(f"link delete {self.bridge}")
        self.index = 0


class Lab:
    """Owns the namespaces, processes and files of one test or demo; a context manager."""

    def __init__(self) -> None:
        if not _inside:
            raise LabError("call enter() first")
        self.directory = Path(tempfile.mkdtemp(prefix="lab-", dir="/run"))
        self.directory.chmod(0o755)
        self.processes: list[subprocess.Popen[bytes]] = []
        self.namespaces: list[Namespace] = []

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def host(self, name: str = "vmhost") -> Namespace:
        namespace = Namespace(self, name)
        self.namespaces.append(namespace)
        return namespace

    def guest(self, name: str, mac: str, link: Link | None = None) -> Guest:
        guest = Guest(self, name, mac)
        self.namespaces.append(guest)
        if link:
            guest.plug(link)
        return guest

    def close(self) -> None:
        for process in self.processes:
            stop(process)
        for namespace in self.namespaces:
            self._end_processes_in(namespace)
            subprocess.run(["ip", "netns", "delete", namespace.name], check=False)
        shutil.rmtree(self.directory, ignore_errors=True)
        self.processes.clear()
        self.namespaces.clear()

    def _end_processes_in(self, namespace: Namespace) -> None:
        """Ends what forked away from us, by process id."""
        pids = subprocess.run(
            ["ip", "netns", "pids", namespace.name], capture_output=True, text=True, check=False
        ).stdout.split()
        for pid in pids:
            if int(pid) != os.getpid():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)


def stop(process: subprocess.Popen[Any], seconds: float = 5.0) -> int:
    """Ends a process, politely first; returns its exit code."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()
