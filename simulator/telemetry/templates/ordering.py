"""Rows of several parts in one order, for backends that render part by part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.telemetry.templates.template import Rendered

AT_ONCE = 8 << 20  # bytes: records stay in the processor's cache until they are checked and written


def in_order(parts: Sequence[Rendered], order: NDArray[np.int64]) -> Iterator[Rendered]:
    """Yield the rows of rendered parts, counted through, in an order, some at once."""
    import pyarrow as pa

    if len(parts) == 1 and bool((order[1:] > order[:-1]).all()):
        yield parts[0]
        return
    shifts = np.cumsum([0, *(len(part.data) for part in parts)])
    ends = [part.ends + shift for part, shift in zip(parts, shifts, strict=False)]
    offsets, data = np.concatenate([[0], *ends]), np.concatenate([part.data for part in parts])
    rows = pa.LargeBinaryArray.from_buffers(
        pa.large_binary(), len(offsets) - 1, [None, pa.py_buffer(offsets.astype(np.int64)), pa.py_buffer(data)]
    )
    step = max(1, AT_ONCE * len(order) // max(1, len(data)))
    for low in range(0, len(order), step):
        taken = rows.take(pa.array(order[low : low + step]))
        found = np.frombuffer(taken.buffers()[1], np.int64)[1 : len(taken) + 1]
        yield Rendered(np.frombuffer(taken.buffers()[2], np.uint8)[: found[-1]], found)
