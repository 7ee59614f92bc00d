"""Sinks that are always allowed: a folder of files, and standard output. All are reached through the gate."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from simulator.errors import cannot_write


class Sink(Protocol):
    """Where rendered bytes go."""

    def open(self, stream: str, extension: str, header: bytes) -> None: ...

    def write(self, stream: str, data: bytes | memoryview) -> None: ...

    def close(self) -> None: ...


class FolderSink:
    """Writes each stream to ``<folder>/<stream>/<stream>.<extension>``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, BinaryIO] = {}

    def open(self, stream: str, extension: str, header: bytes) -> None:
        path = self._folder / stream / f"{stream}.{extension}"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._files[stream] = path.open("xb")
        except OSError as error:
            raise cannot_write(path, error) from error
        self.write(stream, header)

    def write(self, stream: str, data: bytes | memoryview) -> None:
        file = self._files[stream]
        try:
            file.write(data)
        except OSError as error:
            raise cannot_write(Path(file.name), error) from error

    def close(self) -> None:
        """Close all files. A full disk may show only here, when the last bytes are flushed."""
        for file in self._files.values():
            try:
                file.close()
            except OSError as error:
                raise cannot_write(Path(file.name), error) from error

    def abandon(self) -> None:
        """Let go of all files: what was written is not wanted any more."""
        for file in self._files.values():
            with suppress(OSError):
                file.close()


class StreamSink:
    """Writes all streams, as they come, to one binary file such as standard output. Headers are left out."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def open(self, stream: str, extension: str, header: bytes) -> None:
        """Nothing to open: lines of several streams mix."""

    def write(self, stream: str, data: bytes | memoryview) -> None:
        try:
            self._file.write(data)
        except OSError as error:
            raise cannot_write("standard output", error) from error

    def close(self) -> None:
        try:
            self._file.flush()
        except OSError as error:
            raise cannot_write("standard output", error) from error
