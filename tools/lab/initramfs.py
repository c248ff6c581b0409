"""A Linux guest that is no more than the distribution's kernel and busybox: it takes what DHCP gives,
asks for names, pings its router, says on its console what came of each, and powers off."""

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
from pathlib import Path

from . import clients, lab

# With `ask`, names and addresses with commas between, among the variables that the kernel passes on.
INIT = r"""#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc && mount -t sysfs sysfs /sys && mount -t devtmpfs dev /dev
modprobe virtio_pci && modprobe virtio_net
ip link set lo up && ip link set eth0 up
echo "GUEST-UP $(cat /sys/class/net/eth0/address)"
udhcpc -i eth0 -n -q -f -t 5 -T 2 -O search -s /lease
for name in $(echo "$ask" | tr , ' '); do
  echo "ASK $name"
  nslookup "$name"
  echo "ASKED $name $?"
done
ping -c 3 -i 0.2 "$(ip route | sed -n 's/^default via \([^ ]*\).*/\1/p')"
echo "PINGED $?"
poweroff -f
"""
LEASE = r"""#!/bin/busybox sh
[ "$1" = bound ] || exit 0
ip address add "$ip/$subnet" dev eth0
for via in $router; do ip route add default via "$via" && break; done
{
  echo "search ${search:-$domain}"
  for server in $dns; do echo "nameserver $server"; done
} > /etc/resolv.conf
echo LEASE
echo event=bound
echo at=0
env
echo LEASED
"""
MODULES = re.compile(r"/(virtio.*|failover|net_failover)\.ko(\.\w+)?$")


@dataclasses.dataclass(frozen=True)
class Image:
    kernel: Path
    initramfs: Path


def build(folder: Path) -> Image:
    """Makes the guest's file system there."""
    partners = lab.ROOT / "build/partners"
    kernel = _one(partners, "linux-image/boot/vmlinuz-*")
    root = folder / "root"
    for name in ("bin", "dev", "etc", "proc", "sys"):
        (root / name).mkdir(parents=True)
    shutil.copy(_one(partners, "busybox-static/**/bin/busybox"), root / "bin/busybox")
    for name, script in (("init", INIT), ("lease", LEASE)):
        (root / name).write_text(script)
        (root / name).chmod(0o755)
    # None where the distribution has them in the kernel.
    version = kernel.name.removeprefix("vmlinuz-")
    modules = root / "lib/modules" / version
    modules.mkdir(parents=True)
    for module in kernel.parents[1].glob(f"**/{version}/kernel/**/*.ko*"):
        if MODULES.search(str(module)):
            shutil.copy(module, modules)
    subprocess.run([root / "bin/busybox", "depmod", "-b", root, version], check=True)
    initramfs = folder / "initramfs"
    with initramfs.open("wb") as output:
        subprocess.run("find . | cpio --quiet -o -H newc", shell=True, cwd=root, stdout=output, check=True)
    return Image(kernel, initramfs)


def _one(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if not found:
        raise lab.LabError(f"{folder}/{pattern} is missing; run tools/fetch-partner busybox-static linux-image")
    return found[-1]


@dataclasses.dataclass(frozen=True)
class Report:
    """What a guest has said on its console."""

    mac: str
    lease: clients.Lease
    answers: dict[str, list[str]]  # names and addresses as nslookup has them, by what was asked
    pinged: bool

    @staticmethod
    def parse(console: str) -> Report:
        up = re.search(r"^GUEST-UP (\S+)$", console, re.M)
        lease = re.search(r"^LEASE\n(.*?)^LEASED$", console, re.M | re.S)
        if not up or not lease:
            raise lab.LabError(f"the guest has no lease\n{console}")
        lines = [line.split("=", 1) for line in lease[1].splitlines() if "=" in line]
        return Report(
            mac=up[1],
            lease=clients.Lease.from_environment({name: value for name, value in lines}),
            answers={
                name: _answers(output)
                for name, output in re.findall(r"^ASK (\S+)\n(.*?)^ASKED \1 0$", console, re.M | re.S)
            },
            pinged=re.search(r"^PINGED 0$", console, re.M) is not None,
        )


def _answers(output: str) -> list[str]:
    """nslookup names its server first."""
    answer = output.partition("\n\n")[2]
    return re.findall(r"(?:^Address: |\tname = )(\S+)$", answer, re.M)
