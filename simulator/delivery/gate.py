"""The gate: the only way to a sink. A batch that cannot show its tag in every record does not leave.

The tag is looked for in every record's bytes, and some records of each batch are
taken apart by their format's layout, an independent reader of what was rendered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise

import numpy as np

from simulator.delivery.sinks import Sink
from simulator.delivery.tag_search import records_with
from simulator.errors import GuardError, SinkError
from simulator.instruments import count, timed
from simulator.telemetry.layouts import ProtobufLayout
from simulator.telemetry.renderer import Format
from simulator.telemetry.streams import RenderedBatch
from simulator.telemetry.tag import Tag

_PARSED_OF_EACH_BATCH = 4


class Gate:
    """Guards one sink of one run. It is built with everything it needs to say no."""

    def __init__(self, sink: Sink, tag: Tag, formats: Mapping[str, Format]) -> None:
        self._sink, self._tag = sink, tag
        self._formats = formats  # by stream
        self._needles = {stream: form.tag_text(tag).encode() for stream, form in formats.items()}

    def open(self, stream: str, heading: str = "") -> int:
        """Start a stream; return how many lines its header has: its format's, and a heading of its own."""
        header = self._formats[stream].header(self._tag) + heading
        self._sink.open(stream, self._formats[stream].extension, header.encode())
        return header.count("\n")

    def deliver(self, batch: RenderedBatch) -> None:
        """Send a batch on, or refuse it whole."""
        if not len(batch):
            return
        with timed("feint.delivery.duration", stream=batch.stream):
            if isinstance(self._formats[batch.stream].layout, ProtobufLayout):
                self._check_lengths(batch)
            else:
                self._check_lines(batch)
            self._check_tags(batch)
            self._check_parsed(batch)
            with _errors_counted(batch.stream):
                self._sink.write(batch.stream, batch.data.data)
        count("feint.batches", stream=batch.stream)
        count("feint.records", len(batch), stream=batch.stream)
        count("feint.output", len(batch.data), stream=batch.stream)

    def close(self) -> None:
        with _errors_counted(""):
            self._sink.close()

    def _refuse(self, batch: RenderedBatch, why: str) -> GuardError:
        count("feint.gate.failures", stream=batch.stream)
        return GuardError(f"{batch.stream}: {why}; nothing of the batch was sent. This is a fault of the renderer")

    def _check_lines(self, batch: RenderedBatch) -> None:
        at_ends = batch.data[batch.ends - 1] == ord("\n")
        lines = np.count_nonzero(batch.data == ord("\n"))
        if lines != len(batch) or not at_ends.all() or batch.ends[-1] != len(batch.data):
            raise self._refuse(batch, "a record is not exactly one line")

    def _check_lengths(self, batch: RenderedBatch) -> None:
        """Refuse a batch in which a record does not start with the length of what follows, as a varint."""
        starts = np.concatenate([[0], batch.ends[:-1]])
        whole = batch.ends - starts
        wide = 1 + sum((whole > (1 << 7 * size) + size - 1).astype(np.int64) for size in range(1, 5))  # of the length
        body = whole - wide
        right = (body >= 0).all() and batch.ends[-1] == len(batch.data)
        for place in range(int(wide.max()) if right else 0):
            more = place < wide - 1
            wanted = body >> (7 * place) & 127 | more * 128
            right &= bool((batch.data[np.minimum(starts + place, batch.ends - 1)] == wanted)[place < wide].all())
        if not right:
            raise self._refuse(batch, "a record is not exactly one message after its length")

    def _check_tags(self, batch: RenderedBatch) -> None:
        needle = self._needles[batch.stream]
        if not needle:
            raise self._refuse(batch, "its format has no text that shows the tag")
        layout = self._formats[batch.stream].layout
        if isinstance(layout, ProtobufLayout) and layout.unpacked:
            tagged = all(needle in layout.unpacked(_message(record)) for record in _records(batch))
        else:
            tagged = bool(records_with(batch.data, batch.ends, needle).all())
        if not tagged:
            raise self._refuse(batch, f"a record does not carry the tag {needle.decode()!r}")

    def _check_parsed(self, batch: RenderedBatch) -> None:
        form = self._formats[batch.stream]
        starts = np.concatenate([[0], batch.ends[:-1]])
        for row in {round(place) for place in np.linspace(0, len(batch) - 1, _PARSED_OF_EACH_BATCH)}:
            record = batch.data[starts[row] : batch.ends[row]].tobytes()
            line = record.decode(errors="replace").removesuffix("\n")
            layout = form.layout
            shown = repr(record[:100]) if isinstance(layout, ProtobufLayout) else line[:200]
            try:
                fields = layout.parse(_message(record)) if isinstance(layout, ProtobufLayout) else layout.parse(line)
            except ValueError as error:
                raise self._refuse(batch, f"a record cannot be read back ({error}): {shown}") from error
            if not form.is_tagged(fields, self._tag):
                raise self._refuse(batch, f"a record read back shows no tag: {shown}")


def _records(batch: RenderedBatch) -> Iterator[bytes]:
    for start, end in pairwise([0, *batch.ends.tolist()]):
        yield batch.data[start:end].tobytes()


def _message(record: bytes) -> bytes:
    """Return a binary record without its length."""
    return record[next(place for place, byte in enumerate(record, 1) if byte < 128) :]


@contextmanager
def _errors_counted(stream: str) -> Iterator[None]:
    try:
        yield
    except SinkError:
        count("feint.sink.errors", stream=stream)
        raise
