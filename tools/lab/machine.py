"""Virtual machines of QEMU on a link, emulated and not by KVM, each seen through its serial console."""

from __future__ import annotations

import dataclasses
import re
import subprocess
from pathlib import Path

from . import lab

# What terminals are told, and what would end a line of the file that is none.
_CONTROL = re.compile(r"\x1b(\[[0-9;?=]*[A-Za-z]|[()][A-Z0-9])|[\r\0]")


@dataclasses.dataclass(frozen=True)
class Kind:
    """What a machine is made of beside its network card, and what that is."""

    arguments: tuple[str, ...]
    card: str = "virtio-net-pci,romfile="  # without the option ROM, iPXE, that QEMU puts into it

    def argv(self, mac: str, tap: str) -> list[str]:
        return [
            _file("/usr/bin/qemu-system-x86_64"), "-nodefaults", "-no-user-config", "-accel", "tcg",
            "-display", "none", "-monitor", "none", "-no-reboot", "-serial", "stdio", *self.arguments,
            "-netdev", f"tap,id=n0,ifname={tap},script=no,downscript=no",
            "-device", f"{self.card},netdev=n0,mac={mac}",
        ]  # fmt: skip


def ipxe_rom() -> Kind:
    """iPXE as the card's option ROM, started by SeaBIOS, which copies the screen to the console."""
    return Kind(("-machine", "pc,graphics=off", "-m", "64"), "virtio-net-pci,bootindex=1")


def ipxe_script(script: Path) -> Kind:
    """iPXE as a kernel that runs a script. With less memory it does not find the script."""
    kernel = _file("/usr/lib/ipxe/ipxe.lkrn")
    return Kind(("-machine", "pc,graphics=off", "-m", "256", "-kernel", kernel, "-initrd", str(script)))


def u_boot() -> Kind:
    rom = _file("/usr/lib/u-boot/qemu-x86/u-boot.rom")
    return Kind(("-machine", "pc", "-m", "256", "-bios", rom), "e1000,romfile=")


def edk2() -> Kind:
    code = _file("/usr/share/OVMF/OVMF_CODE_4M.fd")
    flash = f"if=pflash,format=raw,readonly=on,file={code}"
    return Kind(("-machine", "q35", "-m", "256", "-drive", flash), "virtio-net-pci,romfile=,bootindex=1")


def linux(kernel: Path, initramfs: Path, *parameters: str) -> Kind:
    """`parameters` of the form name=value are variables of the initramfs's init."""
    line = ["console=ttyS0", "quiet", "panic=-1", "tsc=reliable", "mitigations=off", *parameters]
    return Kind(("-machine", "q35", "-m", "256", "-kernel", str(kernel), "-initrd", str(initramfs),
                 "-append", " ".join(line)))  # fmt: skip


class Machine:
    """One machine, plugged into the link of berthd's host."""

    def __init__(self, link: lab.Link, name: str, mac: str, kind: Kind) -> None:
        self.name = name
        self.mac = mac
        self.kind = kind
        self.link = link
        self.output = link.host.directory / f"{name}.console"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Machine:
        tap = f"t-{self.name}"[:15]
        self.link.host.ip(
            f"tuntap add dev {tap} mode tap",
            f"link set {tap} master {self.link.bridge}",
            f"link set {tap} up",
        )
        with self.output.open("wb") as output:
            self.process = self.link.host.start(
                self.kind.argv(self.mac, tap), stdout=output, stderr=output
            )
        return self

    def stop(self) -> None:
        if self.process:
            lab.stop(self.process)

    def console(self) -> str:
        """All that it has said, or QEMU has."""
        return _CONTROL.sub("", self.output.read_text(errors="replace"))

    def wait_console(self, pattern: str, seconds: float = 120.0) -> re.Match[str]:
        """Waits for what matches in whole lines, which must come before the machine ends."""
        compiled = re.compile(pattern, re.M)

        def found() -> re.Match[str] | None:
            ended = self.process is None or self.process.poll() is not None
            text = self.console()
            match = compiled.search(text if ended else text[: text.rfind("\n") + 1])
            if ended and not match:
                raise lab.LabError(f"{self.name} ended without it")
            return match

        return self._wait(f"/{pattern}/ on {self.name}'s console", found, seconds)

    def wait_end(self, seconds: float = 120.0) -> str:
        """Waits until it powers off or reboots; returns all that it has said."""
        process = self.process
        assert process
        self._wait(f"{self.name} to end", lambda: process.poll() is not None, seconds)
        if process.returncode != 0:
            raise lab.LabError(f"QEMU ended with exit code {process.returncode}\n{self.console()}")
        return self.console()

    def _wait(self, what: str, condition: lab.Callable[[], lab.T | None], seconds: float) -> lab.T:
        try:
            return lab.wait_for(what, condition, seconds)
        except lab.LabError as error:
            raise lab.LabError(f"{error}\n{self.console()[-4000:]}") from None


def _file(path: str) -> str:
    if not Path(path).is_file():
        raise lab.LabError(f"{path} is missing; run tools/install-dependencies vm")
    return path
