"""The backend for a handful of rows: joins Python bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from simulator.telemetry.templates.formatters import spelled_out
from simulator.telemetry.templates.ordering import in_order
from simulator.telemetry.templates.segments import Constant, Fixed, Lookup, Plain, Segment
from simulator.telemetry.templates.tables import take
from simulator.telemetry.templates.template import Part, Rendered


class PythonBackend:
    """Costs nothing to start, and the same for each row however many there are."""

    name = "python"
    look_up = staticmethod(take)

    def gather(self, segments: Sequence[Segment], rows: int) -> Rendered:
        columns = [_texts(plain, rows) for segment in segments for plain in spelled_out(segment)]
        records = [b"".join(row) for row in zip(*columns, strict=True)] if columns else [b""] * rows
        ends = np.cumsum([len(record) for record in records], dtype=np.int64)
        return Rendered(np.frombuffer(b"".join(records), np.uint8), ends)

    def gather_in_order(self, parts: Sequence[Part], order: NDArray[np.int64]) -> Iterator[Rendered]:
        return in_order([self.gather(part.segments, part.rows) for part in parts], order)


def _texts(segment: Plain, rows: int) -> list[bytes]:
    if isinstance(segment, Constant):
        return [segment.data[: segment.length].tobytes()] * rows
    if isinstance(segment, Lookup):
        starts, stops = segment.bounds[segment.index].tolist(), segment.bounds[segment.index + 1].tolist()
        return [segment.data[start:stop].tobytes() for start, stop in zip(starts, stops, strict=True)]
    if isinstance(segment, Fixed):
        texts = [row.tobytes() for row in segment.matrix]
    else:
        offsets = segment.offsets.tolist()
        texts = [segment.data[start:stop].tobytes() for start, stop in pairwise(offsets)]
    if segment.mask is None:
        return texts
    return [text if stands else b"" for text, stands in zip(texts, segment.mask.tolist(), strict=True)]
