"""Runs written by hand: small renderers and formats, real files, as a sandbox would find them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from simulator import Format, Layout, RecordedRun, Renderer, Schedule, Stream, Tag

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
START = 1_767_225_600 * SECOND  # 2026-01-01T00:00:00Z
TAG = Tag("r1a2b3c4d", "a-playbook")


@dataclass(frozen=True)
class HandFormat:
    """A format whose records are written out in the test, tag included."""

    name: str
    layout: Layout
    tag: str = ""
    extension: str = "log"
    heading: str = ""

    def wrapped(self, template: str, tag: Tag) -> str:
        return template

    def header(self, tag: Tag) -> str:
        return self.heading

    def tag_text(self, tag: Tag) -> str:
        return self.tag

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        return True


@dataclass
class Recorder:
    """Collects streams, then writes the run. ``late`` is how long after its event each record arrives."""

    folder: Path
    interval: int = MINUTE
    look_back: int = 5 * MINUTE
    length: int = 24 * 60 * MINUTE
    tag: Tag = TAG
    streams: list[Stream] = field(default_factory=list)
    rows: list[tuple[str, int, int]] = field(default_factory=list)

    def add(
        self, renderer: Renderer, form: Format, lines: Sequence[str], delivered: Sequence[int] | int = START
    ) -> Recorder:
        heading = form.header(self.tag)
        path = self.folder / f"{renderer.name}.{form.extension}"
        path.write_text(heading + "".join(f"{line}\n" for line in lines), encoding="utf-8", newline="")
        first = 1 + heading.count("\n")
        times = [delivered] * len(lines) if isinstance(delivered, int) else delivered
        self.rows += [(renderer.name, first + place, time) for place, time in enumerate(times)]
        self.streams.append(Stream(renderer, form, path))
        return self

    def run(self) -> RecordedRun:
        names, lines, delivered = (list(column) for column in zip(*self.rows, strict=True))
        table = pa.table(
            {
                "stream": pa.array(names).dictionary_encode(),
                "line": pa.array(lines, pa.int64()),
                "delivered": pa.array(delivered, pa.int64()),
            }
        )
        deliveries = self.folder / "deliveries.parquet"
        pq.write_table(table, deliveries)
        schedule = Schedule(START, START + self.length, self.interval, self.look_back)
        return RecordedRun(self.folder, self.tag, tuple(self.streams), deliveries, schedule)
