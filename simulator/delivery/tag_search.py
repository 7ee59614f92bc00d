"""Finding a text in each of many records at once, without making an object of any."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_WORD = 8


def records_with(data: NDArray[np.uint8], ends: NDArray[np.int64], needle: bytes) -> NDArray[np.bool_]:
    """Say which records hold a text: record i is ``data[ends[i - 1]:ends[i]]``.

    A format puts its text at one place: so it is looked for first where the first record
    has it, counted from the record's start, then from its end, and only then everywhere.
    """
    starts = np.concatenate([[0], ends[:-1]])
    found = np.zeros(len(ends), np.bool_)
    if not len(ends) or not needle:
        return found
    data = np.ascontiguousarray(data)
    first = data[: ends[0]].tobytes().find(needle)
    if first < 0:
        return _anywhere(data, ends, needle)
    if _is_at_all(data, starts + first, ends, needle):
        return np.ones(len(ends), np.bool_)
    found = _is_at(data, starts + first, ends, needle)
    if not found.all():
        places = ends - (ends[0] - first)
        if (places >= starts).all() and _is_at_all(data, places, ends, needle):
            return np.ones(len(ends), np.bool_)
        found |= _is_at(data, places, ends, needle, starts)
    if not found.all():
        found |= _anywhere(data, ends, needle)
    return found


def _is_at_all(data: NDArray[np.uint8], places: NDArray[np.int64], ends: NDArray[np.int64], needle: bytes) -> bool:
    """Say whether the text stands at its place in every record: one gather and one comparison."""
    if (places + len(needle) > ends).any():
        return False
    texts = np.ndarray((len(data) - len(needle) + 1,), f"V{len(needle)}", data, strides=(1,))
    return bool(texts[places].tobytes() == needle * len(places))


def _is_at(
    data: NDArray[np.uint8],
    places: NDArray[np.int64],
    ends: NDArray[np.int64],
    needle: bytes,
    starts: NDArray[np.int64] | None = None,
) -> NDArray[np.bool_]:
    """Say where the text stands at a place of each record, wholly within it."""
    inside = places + len(needle) <= ends
    if starts is not None:
        inside &= places >= starts
    places = np.where(inside, places, 0)
    if len(needle) < _WORD:
        texts = data[places[:, None] + np.arange(len(needle))]
        return np.asarray(inside & (texts == np.frombuffer(needle, np.uint8)).all(axis=1))
    words, same = _words(data), inside
    offsets = [*range(0, len(needle) - _WORD, _WORD), len(needle) - _WORD]
    for offset in offsets:
        same &= words[places + offset] == np.frombuffer(needle, "<u8", 1, offset)[0]
    return same


def _anywhere(data: NDArray[np.uint8], ends: NDArray[np.int64], needle: bytes) -> NDArray[np.bool_]:
    """Say which records hold the text at all: every place where its first bytes stand is looked at."""
    found = np.zeros(len(ends), np.bool_)
    if len(data) < len(needle):
        return found
    if len(needle) < _WORD:
        places = np.flatnonzero(data[: len(data) - len(needle) + 1] == needle[0])
    else:
        places = np.flatnonzero(_words(data) == np.frombuffer(needle, "<u8", 1)[0])
    records = np.searchsorted(ends, places, side="right")
    found[records[_is_at(data, places, ends[records], needle)]] = True
    return found


def _words(data: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return the eight bytes from each place on as one number: a view that overlaps itself."""
    return np.ndarray((len(data) - _WORD + 1,), "<u8", data, strides=(1,))
