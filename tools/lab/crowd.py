"""Many TCP connections that say next to nothing: crowd.py SERVER PORT COUNT SOURCE…

They come as fast as may be, in turn from each source address; each sends one octet, and stays until
the server ends it. Prints `made N` when all are made, those that failed not counted, and lives on.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import resource
import selectors
import signal
import socket
import sys

AT_ONCE = 1000  # on their way


def main(server: str, port: str, count: str, *sources: str) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (int(count) + 100,) * 2)
    under_way = selectors.DefaultSelector()
    kept = []
    started = made = 0
    source = itertools.cycle(sources)
    while started < int(count) or under_way.get_map():
        while started < int(count) and len(under_way.get_map()) < AT_ONCE:
            connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            connection.setblocking(False)
            connection.bind((next(source), 0))
            started += 1
            if connection.connect_ex((server, int(port))) in (0, errno.EINPROGRESS):
                under_way.register(connection, selectors.EVENT_WRITE)
                kept.append(connection)
        for key, _ in under_way.select():
            under_way.unregister(key.fileobj)
            with contextlib.suppress(OSError):
                key.fileobj.send(b"\0")
                made += 1
    print(f"made {made}", flush=True)
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
