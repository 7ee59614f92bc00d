"""Writes many seconds in one time format at once, part by part."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.telemetry.templates.segments import Bytes, padded
from simulator.telemetry.templates.timeformats import DAY, TimePart, day_text, part_text

Numbers = NDArray[np.int64]
_MOST_DAYS = 4096  # in a row, to write rather than to look for those that occur


def seconds_table(distinct: Numbers, parts: tuple[TimePart, ...]) -> tuple[Bytes, NDArray[np.int64], int]:
    """Return the texts of some seconds, their bounds with those of an empty entry 0, and the greatest length."""
    columns = _fixed_width_columns(distinct, parts)
    if columns is None:
        texts = ["".join(part_text(part, second) for part in parts).encode() for second in distinct.tolist()]
        lengths = np.array([len(text) for text in texts], np.int64)
        data = padded(b"".join(texts))
    else:
        matrix = np.concatenate(columns, axis=1)
        lengths = np.full(len(matrix), matrix.shape[1], np.int64)
        data = padded(matrix.reshape(-1))
    bounds = np.zeros(len(lengths) + 2, np.int64)
    np.cumsum(lengths, out=bounds[2:])
    return data, bounds, int(lengths.max())


def _fixed_width_columns(distinct: Numbers, parts: tuple[TimePart, ...]) -> list[Bytes] | None:
    """Write each part of some seconds as a matrix; None if a part is not equally wide in all of them."""
    day = distinct // DAY
    second = distinct - day * DAY
    rows = len(distinct)
    columns: list[Bytes | None] = []
    for part in parts:
        if part.kind == "text":
            text = np.frombuffer(part.what.encode(), np.uint8)
            columns.append(np.broadcast_to(text, (rows, len(text))))
        elif part.kind == "day":
            columns.append(_day_column(day, part.what))
        elif part.kind == "epoch":
            columns.append(_epoch_column(distinct))
        else:
            columns.append(_clock_column(second, part))
    known = [column for column in columns if column is not None]
    return known if len(known) == len(columns) else None


def _day_column(day: Numbers, directive: str) -> Bytes | None:
    first, last = int(day.min()), int(day.max())
    if last - first < _MOST_DAYS:
        days, index = range(first, last + 1), day - first
    else:
        distinct, index = np.unique(day, return_inverse=True)
        days = distinct.tolist()
    return _rows_of([day_text(directive, each) for each in days], index)


def _rows_of(texts: list[str], index: NDArray[np.int64]) -> Bytes | None:
    width = len(texts[0])
    if any(len(text) != width for text in texts):
        return None
    return np.frombuffer("".join(texts).encode(), np.uint8).reshape(-1, width)[index]


def _epoch_column(distinct: Numbers) -> Bytes | None:
    first, last = str(int(distinct.min())), str(int(distinct.max()))
    if len(first) != len(last) or first[0] == "-":
        return None
    powers = 10 ** np.arange(len(first) - 1, -1, -1, dtype=np.int64)
    return (distinct[:, None] // powers % 10 + 48).astype(np.uint8)


def _clock_column(second: Numbers, part: TimePart) -> Bytes | None:
    unit = {"M": 60, "S": 1}.get(part.what, 3600)
    span = 60 if unit < 3600 else 24
    return _rows_of([part_text(part, n * unit) for n in range(span)], second // unit % span)
