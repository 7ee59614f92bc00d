"""Writes many seconds in one time format at once, part by part."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simulator.telemetry.templates.segments import Bytes, padded
from simulator.telemetry.templates.timeformats import DAY, TimePart, day_text, part_text

Numbers = NDArray[np.int64]
_MOST_DAYS = 4096  # in a row, to write rather than to look for those that occur


def seconds_table(distinct: Numbers, parts: tuple[TimePart, ...]) -> tuple[Bytes, NDArray[np.int64], int]:
    """Return the texts of some seconds, their bounds with those of an empty entry 0, and the greatest length."""
    columns = _columns(distinct, parts)
    if columns is None:
        texts = ["".join(part_text(part, second) for part in parts).encode() for second in distinct.tolist()]
        bounds = np.zeros(len(texts) + 2, np.int64)
        np.cumsum([len(text) for text in texts], out=bounds[2:])
        return padded(b"".join(texts)), bounds, max(map(len, texts))
    width = sum(column.shape[-1] for column in columns)
    data = padded(len(distinct) * width)
    matrix = data[: len(distinct) * width].reshape(-1, width)
    start = 0
    for column in columns:
        matrix[:, start : start + column.shape[-1]] = column
        start += column.shape[-1]
    return data, np.arange(-1, len(distinct) + 1, dtype=np.int64).clip(0) * width, width


def _columns(distinct: Numbers, parts: tuple[TimePart, ...]) -> list[Bytes] | None:
    """Write each part of some seconds, one row for each or one for all; None if its width differs between them."""
    day = distinct // DAY
    second = distinct - day * DAY
    columns: list[Bytes] = []
    for part in parts:
        if part.kind == "text":
            column: Bytes | None = np.frombuffer(part.what.encode(), np.uint8)
        elif part.kind == "day":
            column = _days(day, part.what)
        elif part.kind == "epoch":
            column = _epoch(distinct)
        else:
            texts, unit = _clock(part)
            column = texts[second // unit % len(texts)]
        if column is None:
            return None
        columns.append(column)
    return columns


def _days(day: Numbers, directive: str) -> Bytes | None:
    first, last = int(day.min()), int(day.max())
    if first == last:
        return _rows([day_text(directive, first)])
    if last - first < _MOST_DAYS:
        texts, index = _rows([day_text(directive, each) for each in range(first, last + 1)]), day - first
    else:
        distinct, index = np.unique(day, return_inverse=True)
        texts = _rows([day_text(directive, each) for each in distinct.tolist()])
    return None if texts is None else texts[index]


def _epoch(distinct: Numbers) -> Bytes | None:
    first, last = str(int(distinct.min())), str(int(distinct.max()))
    if len(first) != len(last) or first[0] == "-":
        return None
    powers = 10 ** np.arange(len(first) - 1, -1, -1, dtype=np.int64)
    return (distinct[:, None] // powers % 10 + 48).astype(np.uint8)


@lru_cache(maxsize=16)
def _clock(part: TimePart) -> tuple[Bytes, int]:
    """Return all texts of a part of the clock, and how many seconds each stands for."""
    unit = {"M": 60, "S": 1}.get(part.what, 3600)
    texts = _rows([part_text(part, number * unit) for number in range(60 if unit < 3600 else 24)])
    assert texts is not None
    return texts, unit


def _rows(texts: list[str]) -> Bytes | None:
    width = len(texts[0])
    if any(len(text) != width for text in texts):
        return None
    return np.frombuffer("".join(texts).encode(), np.uint8).reshape(-1, width)
