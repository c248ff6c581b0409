"""Unbound's configuration: one process in the foreground that asks and tells nobody else."""

from __future__ import annotations

from pathlib import Path

from . import partners


def configuration(directory: Path, address: str, server: str = "", zones: str = "") -> str:
    """With further lines of its `server:`, and what stands beside that."""
    return f"""
server:
    interface: {address}
    access-control: 0.0.0.0/0 allow
    num-threads: 1
    do-daemonize: no
    username: ""
    chroot: ""
    directory: "{directory}"
    pidfile: ""
    use-syslog: no
    module-config: "iterator"
{server}
{zones}
remote-control:
    control-enable: no
"""


def command(file: Path) -> list[str]:
    return [*partners.command("unbound", "usr/sbin/unbound"), "-d", "-c", str(file)]
