"""Protobuf's wire format: of single values, and of many numbers at once.

https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.telemetry.messages.lengths import Lengths
from simulator.telemetry.messages.message import Kind
from simulator.telemetry.templates.segments import Bytes, Lookup, Mask, padded

VARINT, FIXED64, DELIMITED, FIXED32 = 0, 1, 2, 5
WIRE_TYPES: dict[Kind, int] = {
    "text": DELIMITED, "bytes": DELIMITED, "varint": VARINT, "fixed32": FIXED32, "fixed64": FIXED64, "double": FIXED64,
}  # fmt: skip
_BITS, _PLACES = 14, 1 << 14  # a table has two bytes of a varint at once


def varint(number: int) -> bytes:
    """Write a whole number; negative ones as 64-bit two's complement, in ten bytes."""
    if not -(1 << 63) <= number < 1 << 64:
        raise ValueError(f"{number} has more than 64 bits")
    number &= (1 << 64) - 1
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    found.append(number)
    return bytes(found)


def key(number: int, wire_type: int) -> bytes:
    """Write what stands before a field's value."""
    return varint(number << 3 | wire_type)


def delimited(number: int, data: bytes) -> bytes:
    """Write a field that is bytes, a text or a message."""
    return key(number, DELIMITED) + varint(len(data)) + data


def field(number: int, kind: Kind, value: Any, *, always: bool) -> bytes:
    """Write a field with one value, or with a list of them, packed; nothing for None. TypeError if it is none."""
    if value is None:
        return b""
    if isinstance(value, list | tuple):
        packed = b"".join(_RAW[kind](each) for each in value)
        return delimited(number, packed) if packed or always else b""
    raw = _RAW[kind](value)
    if not always and (not raw if WIRE_TYPES[kind] == DELIMITED else not raw.strip(b"\0")):
        return b""
    return delimited(number, raw) if WIRE_TYPES[kind] == DELIMITED else key(number, WIRE_TYPES[kind]) + raw


def _whole(value: Any) -> int:
    if not isinstance(value, int):
        raise TypeError(f"a whole number was expected, not {value!r}")
    return int(value)


def _text(value: Any) -> bytes:
    if not isinstance(value, str):
        raise TypeError(f"a text was expected, not {value!r}")
    return value.encode()


def _bytes(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError(f"bytes were expected, not {value!r}")
    return bytes(value)


def _double(value: Any) -> bytes:
    if not isinstance(value, int | float):
        raise TypeError(f"a number was expected, not {value!r}")
    return struct.pack("<d", value)


_RAW: dict[Kind, Callable[[Any], bytes]] = {
    "text": _text,
    "bytes": _bytes,
    "varint": lambda value: varint(_whole(value)),
    "fixed32": lambda value: (_whole(value) & 0xFFFFFFFF).to_bytes(4, "little"),
    "fixed64": lambda value: (_whole(value) & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "little"),
    "double": _double,
}


@lru_cache(maxsize=1)
def _varint_table() -> tuple[Bytes, NDArray[np.int64]]:
    """Return the bytes of all 14-bit numbers, as the end of a varint, then as what has more behind it."""
    numbers = np.arange(_PLACES, dtype=np.uint16)
    pairs = (numbers & 127 | (numbers >> 7 << 8)).astype("<u2")
    short, long = np.arange(128, dtype=np.uint8), (pairs[128:] | 0x80).astype("<u2")
    data = np.concatenate([short, long.view(np.uint8), (pairs | 0x8080).astype("<u2").view(np.uint8)])
    lengths = np.concatenate([[0], np.where(numbers < 128, 1, 2), np.full(_PLACES, 2)])
    bounds = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=bounds[1:])
    return padded(data), bounds


def varints(values: NDArray[np.int64], mask: Mask) -> list[Lookup]:
    """Write whole numbers, two bytes of each at a time."""
    data, bounds = _varint_table()
    left, found = values.view(np.uint64), list[Lookup]()
    most = int(left.max(initial=0))
    if most < _PLACES:
        index = left.astype(np.int32) + np.int32(1)
        return [Lookup(data, bounds, len(bounds) - 1, 2, index if mask is None else index * mask)]
    first = True
    while most:
        above = left >> np.uint64(_BITS)
        index = (left & np.uint64(_PLACES - 1)).astype(np.int32) + np.int32(1)
        index += (above != 0) * np.int32(_PLACES)
        if not first:
            index[left == 0] = 0
        found.append(Lookup(data, bounds, len(bounds) - 1, 2, index if mask is None else index * mask))
        left, most, first = above, most >> _BITS, False
    return found


def varint_lengths(values: NDArray[np.int64], mask: Mask) -> Lengths:
    """Return how long the varints of whole numbers are; one length for all if they are in the same range."""
    left = values.view(np.uint64)
    least, most = len(varint(int(left.min()))), len(varint(int(left.max())))
    if least == most:
        return most if mask is None else mask * np.int64(most)
    found = np.full(len(values), least, np.int64)
    for size in range(least, most):
        found += left >= np.uint64(1 << 7 * size)
    return found if mask is None else found * mask


def little_endian(values: NDArray[Any], width: int) -> Bytes:
    """Return numbers as rows of bytes, the lowest first; of a matrix, all numbers of a row one after the other."""
    kind = {"f": "<f8", "i": "<i8" if width == 8 else "<u4"}[values.dtype.kind]
    narrowed = np.ascontiguousarray(values.astype(kind, copy=False))
    return narrowed.view(np.uint8).reshape(len(values), -1)
