"""The run folder. It appears under its name only when the run is complete.

While a run plays, its folder is called ``.<name>.playing``, and is locked. An interrupted
run ends as ``<name>.partial``, with a manifest that says so. One that was killed stays
as it was; the next of its name takes its place.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

from simulator.errors import SinkError, UsageError, cannot_write

try:
    import fcntl
except ImportError:  # Windows has no such locks: there, two runs of one name at once are not told apart
    fcntl = None  # type: ignore[assignment]

MANIFEST, TRUTH, TRUTH_RECORDS, DELIVERIES = "manifest.json", "truth.json", "truth.parquet", "deliveries.parquet"
OBJECTIVES = "objectives.parquet"
ALERTS, PAGER, SCORECARD, JUNIT = "alerts.ndjson", "pager.log", "scorecard.json", "junit.xml"
TELEMETRY = "telemetry"


class RunFolder:
    """A folder that a run is written to."""

    def __init__(self, target: Path) -> None:
        self.target, self.path = target, _playing(target)
        try:
            str(target).encode()
            if target.exists():
                raise UsageError(f"{target}: exists already; give --out another name, or remove it")
            if self.path.exists():
                _remove_left_over(self.path, target)
            self.path.mkdir(parents=True)
            self._lock = _locked(self.path)
        except UnicodeEncodeError as error:
            raise UsageError(f"{str(target)!r}: is no name in UTF-8; give --out another name") from error
        except OSError as error:
            raise SinkError(
                f"{target}: cannot be made: {error.strerror or error}; give --out another folder"
            ) from error

    def write_text(self, name: str, text: str) -> None:
        write_text(self.path / name, text)

    def write_json(self, name: str, value: Mapping[str, Any]) -> None:
        write_json(self.path / name, value)

    def publish(self) -> Path:
        """Give the folder its name: the run is complete."""
        return self._renamed(self.target)

    def publish_partial(self) -> Path:
        """Give the folder a name that says it is not complete."""
        partial = self.target.with_name(f"{self.target.name}.partial")
        number = 2
        while partial.exists():
            partial = self.target.with_name(f"{self.target.name}.partial-{number}")
            number += 1
        return self._renamed(partial)

    def discard(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        self._unlock()

    def _renamed(self, name: Path) -> Path:
        try:
            renamed = self.path.rename(name)
        except OSError as error:
            raise SinkError(f"{name}: the finished run cannot be named so: {error.strerror or error}") from error
        self._unlock()
        return renamed

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def free_folder(parent: Path, name: str) -> Path:
    """Return the first of ``<name>-1``, ``<name>-2``, … that neither is there nor is being played right now."""
    return next(
        folder
        for folder in (parent / f"{name}-{number}" for number in count(1))
        if not folder.exists() and not _is_being_played(folder)
    )


def _playing(target: Path) -> Path:
    return target.parent / f".{target.name}.playing"


def _is_being_played(target: Path) -> bool:
    try:
        lock = _locked(_playing(target))
    except BlockingIOError:
        return True
    except OSError:
        return False
    if lock is not None:
        os.close(lock)
    return False


def _remove_left_over(folder: Path, target: Path) -> None:
    """Remove what a killed run left behind, unless it is not killed but plays on."""
    try:
        lock = _locked(folder)
    except BlockingIOError as error:
        raise UsageError(f"{target}: is being played right now; give --out another name") from error
    shutil.rmtree(folder)
    if lock is not None:
        os.close(lock)


def _locked(folder: Path) -> int | None:
    """Lock a folder until the descriptor is closed or this process ends, however it ends; BlockingIOError: taken."""
    if fcntl is None:
        return None
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file whole, or leave what was there and raise SinkError."""
    write_together(path.parent, {path.name: data})


def write_together(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write several files, all of them or, where one cannot be written, none."""
    written = {folder / f".{name}.new": folder / name for name in files}
    path = folder
    try:
        for path, data in zip(written, files.values(), strict=True):
            path.write_bytes(data)
        for path, name in written.items():
            path.replace(name)
    except OSError as error:
        for new in written:
            new.unlink(missing_ok=True)
        raise cannot_write(written.get(path, path), error) from error


def write_text(path: Path, text: str) -> None:
    """Write a text as UTF-8, or raise SinkError."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write JSON as people and diffs like it."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")
