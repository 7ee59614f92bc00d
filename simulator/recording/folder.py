"""The run folder. It appears under its name only when the run is complete.

While a run plays, its folder is called ``.<name>.playing``. An interrupted run
ends as ``<name>.partial``, with a manifest that says so.
"""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulator.errors import SinkError, UsageError

MANIFEST, TRUTH, TRUTH_RECORDS, DELIVERIES = "manifest.json", "truth.json", "truth.parquet", "deliveries.parquet"
ALERTS, PAGER, SCORECARD, JUNIT = "alerts.ndjson", "pager.log", "scorecard.json", "junit.xml"
TELEMETRY = "telemetry"


class RunFolder:
    """A folder that a run is written to."""

    def __init__(self, target: Path) -> None:
        if target.exists():
            raise UsageError(f"{target}: exists already; give --out another name, or remove it")
        self.target = target
        self.path = target.parent / f".{target.name}.playing"
        try:
            if self.path.exists():
                shutil.rmtree(self.path)  # left by a run that was killed: nobody can be writing to it twice
            self.path.mkdir(parents=True)
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

    def _renamed(self, name: Path) -> Path:
        try:
            return self.path.rename(name)
        except OSError as error:
            raise SinkError(f"{name}: the finished run cannot be named so: {error.strerror or error}") from error


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file whole, or raise SinkError."""
    try:
        path.write_bytes(data)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise SinkError(f"{path}: {'the disk is full' if full else error.strerror or error}") from error


def write_text(path: Path, text: str) -> None:
    """Write a text as UTF-8, or raise SinkError."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write JSON as people and diffs like it."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")
