"""Event ids: 64 bits that say which emission an event is of, in which cell of time, and which of them it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_EMISSION_BITS, _CELL_BITS, _ROW_BITS = 14, 26, 24
MOST_EMISSIONS, MOST_CELLS, MOST_ROWS = 1 << _EMISSION_BITS, 1 << _CELL_BITS, 1 << _ROW_BITS


def event_ids(emission: int, cell: int, rows: int) -> NDArray[np.uint64]:
    """Return the ids of the first ``rows`` events of an emission in a cell."""
    if emission >= MOST_EMISSIONS or cell >= MOST_CELLS or rows > MOST_ROWS:
        raise OverflowError(f"emission {emission}, cell {cell}, {rows} rows do not fit an event id")
    base = (emission << (_CELL_BITS + _ROW_BITS)) | (cell << _ROW_BITS)
    return np.arange(base, base + rows, dtype=np.uint64)


def ids_in_cells(emission: int, cells: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return the ids of events of an emission, each in a cell and at a row of it."""
    if emission >= MOST_EMISSIONS or cells.max(initial=0) >= MOST_CELLS or rows.max(initial=0) >= MOST_ROWS:
        raise OverflowError(f"emission {emission} has too many cells, or rows in one, for an event id")
    return ((emission << (_CELL_BITS + _ROW_BITS)) | (cells << _ROW_BITS) | rows).astype(np.uint64)


def emission_numbers(ids: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the number of the emission that each event is of."""
    return (ids >> np.uint64(_CELL_BITS + _ROW_BITS)).astype(np.int64)
