"""How the kernel and libaudit write values that a user could have chosen."""

from __future__ import annotations

import shlex
import zlib
from collections.abc import Callable, Mapping
from posixpath import basename

_LONGEST_TITLE, _LONGEST_NAME = 128, 15  # bytes: MAX_PROCTITLE_AUDIT_LEN, TASK_COMM_LEN - 1


def untrusted(text: str) -> str:
    """Quote a text, or write it in hexadecimal digits where quotes would not hold it."""
    raw = text.encode()
    return f'"{text}"' if all(0x20 < byte < 0x7F and byte != 0x22 for byte in raw) else raw.hex().upper()


def arguments(command_line: str) -> list[str]:
    """Take a command line apart as a shell does; where its quotes do not match, at blanks."""
    try:
        return shlex.split(command_line)
    except ValueError:
        return command_line.split()


def argument_list(command_line: str) -> str:
    """Write the arguments of an EXECVE record: ``argc=2 a0="ls" a1="-l"``."""
    found = arguments(command_line)
    return " ".join((f"argc={len(found)}", *(f"a{number}={untrusted(each)}" for number, each in enumerate(found))))


def title(command_line: str) -> str:
    """Write the title of a process: its arguments with a NUL between them."""
    raw = "\0".join(arguments(command_line)).encode()[:_LONGEST_TITLE]
    return untrusted(raw.decode(errors="ignore")) if b"\0" not in raw else raw.hex().upper()


def command_name(image: str) -> str:
    """Write the name that a process has by its program."""
    return untrusted(basename(image)[:_LONGEST_NAME])


def typed(command: str) -> str:
    """Write a command as it was typed after ``sudo``: without the path of the program."""
    program, blank, rest = command.strip().partition(" ")
    return untrusted(f"{basename(program)}{blank}{rest}")


def folder(path: str) -> str:
    """Return the folder of a file, as a PATH record has it: with the slash."""
    return path[: path.rfind("/") + 1] or "/"


def inode(path: str) -> int:
    """Return the inode number of a file: always the same one for a path."""
    return 262_144 + zlib.crc32(path.encode()) % 1_048_576


def terminal_name(terminal: str | None) -> str:
    """Return how the kernel names a terminal: ``pts0``."""
    return terminal.replace("/", "") if terminal else "(none)"


def service_name(unit: str) -> str:
    """Return the unit's name as systemd's records have it: without ``.service``."""
    return unit.removesuffix(".service")


def filters() -> Mapping[str, Callable[..., object]]:
    """Return the filters of ``linux.auditd``, by name."""
    return {
        each.__name__: each
        for each in (untrusted, argument_list, title, command_name, typed, folder, inode, terminal_name, service_name)
    }
