"""The gate: the only way to a sink. A batch that cannot show its tag in every record does not leave.

The tag is looked for in every record's bytes, and some records of each batch are
taken apart by their format's layout, an independent reader of what was rendered.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from simulator.delivery.sinks import Sink
from simulator.errors import GuardError
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

    def open(self, stream: str) -> int:
        """Start a stream; return how many lines its header has."""
        header = self._formats[stream].header(self._tag)
        self._sink.open(stream, self._formats[stream].extension, header.encode())
        return header.count("\n")

    def deliver(self, batch: RenderedBatch) -> None:
        """Send a batch on, or refuse it whole."""
        if not len(batch):
            return
        data = batch.data.tobytes()
        self._check_lines(batch, data)
        self._check_tags(batch, data)
        self._check_parsed(batch, data)
        self._sink.write(batch.stream, data)

    def close(self) -> None:
        self._sink.close()

    def _refuse(self, batch: RenderedBatch, why: str) -> GuardError:
        return GuardError(f"{batch.stream}: {why}; nothing of the batch was sent. This is a fault of the renderer")

    def _check_lines(self, batch: RenderedBatch, data: bytes) -> None:
        at_ends = batch.data[batch.ends - 1] == ord("\n")
        if data.count(b"\n") != len(batch) or not at_ends.all() or batch.ends[-1] != len(data):
            raise self._refuse(batch, "a record is not exactly one line")

    def _check_tags(self, batch: RenderedBatch, data: bytes) -> None:
        """Find the tag in each record. As many as records, each in another record: then all have one."""
        needle = self._needles[batch.stream]
        if not needle:
            raise self._refuse(batch, "its format has no text that shows the tag")
        if data.count(needle) < len(batch) or not self._one_in_each(batch, data, needle):
            raise self._refuse(batch, f"a record does not carry the tag {needle.decode()!r}")

    def _one_in_each(self, batch: RenderedBatch, data: bytes, needle: bytes) -> bool:
        """Say whether every record has the needle: quickly where it stands at one end of all lines."""
        if data.count(needle + b"\n") == len(batch):
            return True
        head = data[: data.find(needle) + len(needle)]
        if b"\n" not in head and data.count(b"\n" + head) == len(batch) - 1:
            return True
        import pyarrow as pa
        import pyarrow.compute as pc

        offsets = np.concatenate([[0], batch.ends]).astype(np.int64)
        lines = pa.LargeBinaryArray.from_buffers(
            pa.large_binary(), len(batch), [None, pa.py_buffer(offsets), pa.py_buffer(data)]
        )
        return bool(pc.all(pc.match_substring(lines, needle)).as_py())

    def _check_parsed(self, batch: RenderedBatch, data: bytes) -> None:
        form = self._formats[batch.stream]
        starts = np.concatenate([[0], batch.ends[:-1]])
        for row in {round(place) for place in np.linspace(0, len(batch) - 1, _PARSED_OF_EACH_BATCH)}:
            line = data[starts[row] : batch.ends[row]].decode(errors="replace").removesuffix("\n")
            try:
                fields = form.layout.parse(line)
            except ValueError as error:
                raise self._refuse(batch, f"a record cannot be read back ({error}): {line[:200]}") from error
            if not form.is_tagged(fields, self._tag):
                raise self._refuse(batch, f"a record read back shows no tag: {line[:200]}")
