"""Filters over paths: names, hashes, and what is written inside program files."""

from __future__ import annotations

import re
from hashlib import md5, sha256

from simulator_windows.programs import program_at

_EXECUTABLES = frozenset({"exe", "dll", "sys", "scr", "com", "ocx", "cpl"})
_RUN_BY_SYSTEM = frozenset(
    {"lsass.exe", "services.exe", "wininit.exe", "winlogon.exe", "csrss.exe", "smss.exe", "system"}
)
_INTEGRITY_SIDS = {"low": 4096, "medium": 8192, "high": 12288, "system": 16384}


def file_name(path: str) -> str:
    return path.rpartition("\\")[2]


def directory(path: str | None) -> str:
    """Return a working directory as Windows writes it: with a backslash at its end."""
    return (path or "C:\\Windows\\system32").rstrip("\\") + "\\"


def folder(path: str) -> str:
    return path.rpartition("\\")[0]


def extension(path: str) -> str:
    return file_name(path).rpartition(".")[2].lower() if "." in file_name(path) else ""


def sha256_of(path: str) -> str:
    """Return the hash of a file: of its path, as nobody has the file. The same path has the same hash everywhere."""
    return sha256(path.lower().encode()).hexdigest()


def md5_of(path: str) -> str:
    return md5(path.lower().encode(), usedforsecurity=False).hexdigest()


def imphash_of(path: str) -> str:
    return md5(b"imports of " + path.lower().encode(), usedforsecurity=False).hexdigest()


def hashes(path: str) -> str:
    """Return hashes as Sysmon lists them. Only programs have imports to hash."""
    imphash = imphash_of(path) if is_executable(path) else "0" * 32
    return f"MD5={md5_of(path)},SHA256={sha256_of(path)},IMPHASH={imphash}".upper()


def is_executable(path: str) -> bool:
    return extension(path) in _EXECUTABLES


def original_file_name(path: str) -> str:
    return program_at(path).original


def description(path: str) -> str:
    return program_at(path).description or "-"


def product(path: str) -> str:
    return program_at(path).product


def company(path: str) -> str:
    return program_at(path).company


def file_version(path: str) -> str:
    return program_at(path).version


def signer(path: str) -> str:
    """Return who signed a file, or nothing."""
    return program_at(path).signer


def runs_as_system(image: str | None) -> bool:
    """Say whether a program is one that only SYSTEM runs."""
    return image is not None and file_name(image).lower() in _RUN_BY_SYSTEM


def integrity_sid(integrity: str) -> str:
    return f"S-1-16-{_INTEGRITY_SIDS.get(integrity.lower(), 8192)}"


def arguments(command_line: str) -> list[str]:
    """Take a command line apart as Windows does, more or less: at blanks outside of quotes."""
    return [part.replace('"', "") for part in re.findall(r'(?:[^\s"]|"[^"]*"?)+', command_line)]


def registry_hive(key: str) -> str:
    return key.partition("\\")[0]


def registry_key(key: str) -> str:
    """Return a registry path without its hive and its value's name."""
    return key.partition("\\")[2].rpartition("\\")[0]


def registry_path(key: str) -> str:
    """Return a registry path without its hive."""
    return key.partition("\\")[2]


def registry_type(details: str) -> str:
    for start, name in (("DWORD (", "REG_DWORD"), ("QWORD (", "REG_QWORD"), ("Binary Data", "REG_BINARY")):
        if details.startswith(start):
            return name
    return "REG_SZ"


def registry_strings(details: str) -> list[str]:
    """Return what was set: numbers in decimal, text as it is, nothing of binary data."""
    numbers = re.fullmatch(r"[DQ]WORD \((?:0x([0-9a-fA-F]+)-)?0x([0-9a-fA-F]+)\)", details)
    if numbers:
        return [str(int((numbers[1] or "") + numbers[2], 16))]
    return [] if details == "Binary Data" else [details]


FILTERS = {
    each.__name__: each
    for each in (
        arguments,
        company,
        description,
        directory,
        extension,
        file_name,
        file_version,
        folder,
        hashes,
        imphash_of,
        integrity_sid,
        is_executable,
        md5_of,
        original_file_name,
        product,
        registry_hive,
        registry_key,
        registry_path,
        registry_strings,
        registry_type,
        runs_as_system,
        sha256_of,
        signer,
    )
}
