"""Reading what was recorded: files of lines, cut into batches without the tag, with when each line arrived."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset
from numpy.typing import NDArray

from simulator import JsonLayout, Stream, Tag, UsageError

NEVER = np.iinfo(np.int64).min
_BLOCK = 4 << 20
_LINE_FEED = ord("\n")


def arrivals(deliveries: Path, stream: str) -> NDArray[np.int64]:
    """Return when each line of a stream was delivered, at its number; NEVER where it is no record or did not arrive."""
    name = pyarrow.dataset.field("stream")
    try:
        rows = pyarrow.dataset.dataset(deliveries).to_table(columns=["line", "delivered"], filter=name == stream)
    except (OSError, pa.ArrowException) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UsageError(f"{deliveries}: cannot be read ({reason}); play the playbook again") from error
    lines = rows["line"].to_numpy().astype(np.int64)
    arrived = np.full(int(lines.max(initial=0)) + 1, NEVER, np.int64)
    arrived[lines] = rows["delivered"].to_numpy()
    return arrived


def batches(stream: Stream, tag: Tag, arrived: NDArray[np.int64], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Yield line, arrived, text and, when the schema asks for it, ``words``: the values of a record in JSON."""
    strip = stream.format.tag_text(tag).encode()
    first = 1
    for block in _blocks(stream.path):
        untagged = block.replace(strip, b"") if strip else block
        texts = _texts(untagged)
        numbers = np.arange(first, first + len(texts))
        first += len(texts)
        known = arrived[numbers[0] : numbers[-1] + 1]
        if len(known) < len(texts):
            known = np.concatenate([known, np.full(len(texts) - len(known), NEVER)])
        came = np.flatnonzero(known != NEVER)
        if len(came) < len(texts):
            texts = texts.take(pa.array(came))
        columns: list[Any] = [pa.array(numbers[came]), pa.array(known[came]), texts]
        if "words" in schema.names:
            columns.append(_words(stream, texts))
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _blocks(path: Path) -> Iterator[bytes]:
    """Yield whole lines, some megabytes at a time."""
    rest = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            end = block.rfind(b"\n") + 1
            if end:
                yield rest + block[:end]
                rest = block[end:]
            else:
                rest += block
    if rest:
        yield rest + b"\n"


def _texts(lines: bytes) -> pa.Array:
    """Return whole lines as parts of one buffer."""
    ends = np.flatnonzero(np.frombuffer(lines, np.uint8) == _LINE_FEED)
    starts = np.zeros(len(ends) + 1, np.int32)
    starts[1:] = ends - np.arange(len(ends))
    texts = pa.StringArray.from_buffers(len(ends), pa.py_buffer(starts), pa.py_buffer(lines.replace(b"\n", b"")))
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:  # somebody's bytes are no UTF-8: a collector would not stop for that either
        return pa.array([line.decode(errors="replace") for line in lines.split(b"\n")[:-1]], pa.string())
    return texts


def _words(stream: Stream, texts: pa.Array) -> pa.Array:
    layout = stream.format.layout
    assert isinstance(layout, JsonLayout)
    return pa.array(["\n".join(layout.parse(text).values()) for text in texts.to_pylist()], pa.string())
