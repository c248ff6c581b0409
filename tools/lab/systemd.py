"""systemd's daemons in a guest where systemd is not: with a /run of their own, their user, and no udev."""

from __future__ import annotations

from . import lab, partners

# $0 has `run`; then come the user, whom not every machine has, and the folder that is his. A read-only
# /sys says that there is no udev, which networkd would wait for.
FURNISH = r"""
user=$1 owned=$2; shift 2
mount -o remount,ro /sys && mkdir -p /run/systemd && mount --bind "$0/run" /run/systemd &&
for file in passwd group; do
  cp "/etc/$file" "$0/$file"
  grep -q "^$user:" "$0/$file" || case $file in
    passwd) echo "$user:x:998:998::/:/usr/sbin/nologin" ;;
    group) echo "$user:x:998:" ;;
  esac >> "$0/$file"
  mount --bind "$0/$file" "/etc/$file"
done
chown -R "$user:$user" "/run/systemd/$owned" && exec "$@"
"""


class Daemon:
    """systemd-NAME; `owned`, below /run/systemd, belongs to its user."""

    def __init__(self, guest: lab.Guest, name: str, user: str, owned: str) -> None:
        self.directory = guest.directory / f"systemd-{name}"
        self.folder = self.directory / "run"  # its /run/systemd
        (self.folder / owned).mkdir(parents=True)
        self.name = name
        self.user = user
        self.owned = owned

    def argv(self, package: str) -> list[str]:
        """The command line that runs what fetch-partner has unpacked from the package."""
        return ["sh", "-c", FURNISH, str(self.directory), self.user, self.owned,
                "env", "SYSTEMD_LOG_TARGET=console", "SYSTEMD_LOG_LEVEL=debug",
                *partners.command(package, f"lib/systemd/systemd-{self.name}")]  # fmt: skip
