"""c-ares as a program: ares.py [NAME TYPE]… prints a line of JSON for each, [STATUS, DATA…].

It asks the servers of /etc/resolv.conf. For the system's own Python, whose package pycares is.
"""

from __future__ import annotations

import json
import select
import sys
from typing import Any

import pycares


def data(kind: str, record: Any) -> str:
    """As in a zone file, but for the quotes around a text."""
    if kind == "SRV":
        return f"{record.priority} {record.weight} {record.port} {record.host}."
    if kind == "MX":
        return f"{record.priority} {record.host}."
    if kind == "TXT":
        return record.text
    return f"{record.name}." if kind == "PTR" else record.host


def ask(channel: pycares.Channel, name: str, kind: str) -> list[str]:
    answers: list[list[str]] = []

    def on_answer(result: Any, error: int | None) -> None:
        if error is not None:
            answers.append([pycares.errno.errorcode[error]])
        else:
            found = result if isinstance(result, list) else [result]
            answers.append(["ARES_SUCCESS", *sorted(data(kind, record) for record in found)])

    channel.query(name, getattr(pycares, f"QUERY_TYPE_{kind}"), on_answer)
    while not answers:
        readable, writable = channel.getsock()
        readable, writable, _ = select.select(readable, writable, [], channel.timeout())
        for descriptor in readable:
            channel.process_fd(descriptor, pycares.ARES_SOCKET_BAD)
        for descriptor in writable:
            channel.process_fd(pycares.ARES_SOCKET_BAD, descriptor)
        if not readable and not writable:
            channel.process_fd(pycares.ARES_SOCKET_BAD, pycares.ARES_SOCKET_BAD)
    return answers[0]


if __name__ == "__main__":
    resolver = pycares.Channel()
    for question in zip(sys.argv[1::2], sys.argv[2::2]):
        print(json.dumps(ask(resolver, *question)))
