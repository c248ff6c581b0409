"""Checks that programs are what a Mac can start: executables for one processor and macOS 13, which
need no library but the system's own.

Usage: check_program.py arm64|x86_64 PROGRAM…
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

MAGIC_64 = 0xFEEDFACF
EXECUTE = 2
PROCESSORS = {"x86_64": 0x01000007, "arm64": 0x0100000C}
LIBRARY_COMMANDS = {0xC, 0x80000018, 0x8000001F, 0x20, 0x80000023}  # however they are loaded
BUILD_VERSION = 0x32
MACOS = 1
MINIMUM = (13, 0)
SYSTEM = ["/usr/lib/libSystem.B.dylib"]


def load_commands(image: bytes) -> list[tuple[int, bytes]]:
    count, size = struct.unpack_from("<II", image, 16)
    commands, at = [], 32
    for _ in range(count):
        kind, length = struct.unpack_from("<II", image, at)
        commands.append((kind, image[at : at + length]))
        at += length
    if at != 32 + size:
        raise ValueError("its load commands do not fill their space")
    return commands


def library(command: bytes) -> str:
    (start,) = struct.unpack_from("<I", command, 8)
    return command[start:].split(b"\0", 1)[0].decode()


def faults(image: bytes, architecture: str) -> list[str]:
    magic, processor, _, kind = struct.unpack_from("<IIII", image)
    if magic != MAGIC_64:
        return ["it is no 64-bit Mach-O file"]
    found = []
    if processor != PROCESSORS[architecture]:
        found.append(f"it is for processor {processor:#x}")
    if kind != EXECUTE:
        found.append(f"its type is {kind}, not an executable's")
    commands = load_commands(image)
    libraries = [library(command) for kind, command in commands if kind in LIBRARY_COMMANDS]
    if libraries != SYSTEM:
        found.append(f"it needs {libraries}")
    versions = [struct.unpack_from("<II", command, 8) for kind, command in commands if kind == BUILD_VERSION]
    if [(system, (least >> 16, least >> 8 & 255)) for system, least in versions] != [(MACOS, MINIMUM)]:
        found.append(f"it is built for {versions}")
    return found


def main() -> int:
    architecture, *programs = sys.argv[1:]
    failed = False
    for program in programs:
        image = Path(program).read_bytes()
        found = faults(image, architecture)
        failed |= bool(found)
        print(f"{program}: {'; '.join(found) or f'{architecture}, macOS 13, {len(image) >> 10} KiB, needs libSystem only'}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
