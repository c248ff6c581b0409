"""A DNS server that misbehaves: odd_upstream.py ADDRESS MANNER. Prints `ready` when it listens."""

from __future__ import annotations

import os
import select
import signal
import socket
import struct
import sys
import time

QR, TC, RD, RA = 0x8000, 0x0200, 0x0100, 0x0080
SERVFAIL, NXDOMAIN, REFUSED = 2, 3, 5
GOOD = "203.0.113.7"
SO_RCVBUFFORCE = 33


def question_end(query: bytes) -> int:
    at = 12
    while query[at]:
        at += 1 + query[at]
    return at + 5


def answer(query: bytes, address: str = GOOD, flags: int = 0, identifier: int | None = None) -> bytes:
    """One A record, or, with an error or TC among the flags, none."""
    end = question_end(query)
    count = 0 if flags & 0x020F else 1
    header = struct.pack("!HHHHHH", identifier if identifier is not None else
                         struct.unpack_from("!H", query)[0], QR | RD | RA | flags, 1, count, 0, 0)  # fmt: skip
    record = b"\xc0\x0c\0\1\0\1" + struct.pack("!IH", 300, 4) + socket.inet_aton(address)
    return header + query[12:end] + record * count


def forged(query: bytes) -> list[bytes]:
    """What must not be taken for the answer."""
    identifier = struct.unpack_from("!H", query)[0]
    end = question_end(query)
    bad = answer(query, "198.51.100.66")
    other_name = bad[:13] + bytes([bad[13] ^ 1]) + bad[14:]
    return [
        answer(query, "198.51.100.66", identifier=identifier ^ 1),
        bad[:2] + bytes([bad[2] & 0x7F]) + bad[3:],  # QR clear
        bad[:2] + bytes([bad[2] | 0x28]) + bad[3:],  # opcode 5
        bad[:4] + b"\0\0" + bad[6:],  # no question
        other_name,
        bad[: end - 2] + b"\0\3" + bad[end:],  # class CHAOS
        bad[:11],
        bad[:-1],
        bad[:12] + b"\xc0\x0c" + bad[end - 4 :],  # a name that points to itself
        os.urandom(200),
        b"",
    ]


class Server:
    def __init__(self, address: str, manner: str) -> None:
        self.manner = manner
        self.started = time.monotonic()
        self.asked_first = 0.0
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind((address, 53))
        self.tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.tcp.bind((address, 53))
        self.tcp.listen(64)
        self.kept: list[socket.socket] = []
        self.held: dict[tuple[tuple[str, int], bytes], bytes] = {}
        if manner == "held":
            self.udp.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
            signal.signal(signal.SIGUSR1, self.release)

    def responses(self, query: bytes) -> list[bytes]:
        now = time.monotonic()
        self.asked_first = self.asked_first or now
        if self.manner == "silent":
            return []
        if self.manner == "garbage":
            return forged(query)
        if self.manner == "forged-first":
            return [*forged(query), answer(query)]
        if self.manner == "nxdomain-for-a-second" and now < self.asked_first + 1:
            return [answer(query, flags=NXDOMAIN)]
        if self.manner == "refused":
            return [answer(query, flags=REFUSED)]
        if self.manner == "servfail":
            return [answer(query, flags=SERVFAIL)]
        if self.manner.startswith("tcp-"):
            return [answer(query, flags=TC)]
        return [answer(query)]

    def hold(self, query: bytes, client: tuple[str, int]) -> None:
        self.held.setdefault((client, query[:2]), answer(query))

    def release(self, *_: object) -> None:
        """All that is held is answered, and from now on everything at once."""
        self.manner = "good"
        for (client, _), response in self.held.items():
            self.udp.sendto(response, client)

    def on_connection(self) -> None:
        connection, _ = self.tcp.accept()
        if self.manner == "tcp-reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
            return
        connection.settimeout(5)
        length = struct.unpack("!H", connection.recv(2, socket.MSG_WAITALL))[0]
        query = connection.recv(length, socket.MSG_WAITALL)
        whole = struct.pack("!H", len(answer(query))) + answer(query)
        if self.manner == "tcp-drip":
            connection.sendall(whole[:3])
            self.kept.append(connection)
        elif self.manner == "tcp-garbage":
            connection.sendall(struct.pack("!H", 300) + os.urandom(300))
            connection.close()
        else:
            for i in range(len(whole)):  # in fragments
                connection.sendall(whole[i : i + 1])
            connection.close()

    def run(self) -> None:
        print("ready", flush=True)
        while True:
            readable, _, _ = select.select([self.udp, self.tcp], [], [])
            if self.tcp in readable:
                self.on_connection()
            if self.udp in readable:
                query, client = self.udp.recvfrom(4096)
                if self.manner == "held":
                    self.hold(query, client)
                    continue
                for response in self.responses(query):
                    self.udp.sendto(response, client)


if __name__ == "__main__":
    Server(sys.argv[1], sys.argv[2]).run()
