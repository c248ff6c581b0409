"""Programs that hold ports which berthd wants, and do nothing with them."""

from __future__ import annotations

import subprocess

from . import lab

# NAME ADDRESS PORT KIND [reuse] [v6only]: lives until it is ended, and prints the beginning of what it gets.
_PROGRAM = """
import socket, sys, time
name, address, port, kind = sys.argv[1:5]
open("/proc/self/comm", "w").write(name)
family = socket.AF_INET6 if ":" in address else socket.AF_INET
holder = socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
if family == socket.AF_INET6:
    holder.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, "v6only" in sys.argv)
if "reuse" in sys.argv:
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
holder.bind((address, int(port)))
if kind == "tcp":
    holder.listen()
print("bound", flush=True)
while kind == "udp":
    print(holder.recv(2048)[:16].decode("latin1"), flush=True)
time.sleep(600)
"""


def start(host: lab.Namespace, address: str, port: int, kind: str, *how: str,
          name: str = "python3") -> subprocess.Popen[bytes]:  # fmt: skip
    """One that has the port; "reuse" for SO_REUSEADDR, "v6only" for IPV6_V6ONLY. What it gets comes to its stdout."""
    process = host.start(["python3", "-c", _PROGRAM, name, address, str(port), kind, *how],
                         stdout=subprocess.PIPE)  # fmt: skip
    assert process.stdout
    if process.stdout.readline() != b"bound\n":
        raise lab.LabError(f"{name} could not take {address}:{port}")
    return process
