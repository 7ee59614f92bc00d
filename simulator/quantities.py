"""Durations, rates and instants, as people write them and as the engine holds them: whole nanoseconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import NewType

Nanoseconds = NewType("Nanoseconds", int)
"""A length of time. Written ``90s``, ``1h30m``, ``250ms``, ``2d``."""

PerSecond = NewType("PerSecond", float)
"""A rate. Written ``40/h``, ``3/s``, ``1.5/min``, ``10000/d``."""

Share = NewType("Share", float)
"""A probability from 0 to 1. Written ``0.2`` or ``20%``."""

Bytes = NewType("Bytes", int)
"""A size. Written ``300MiB``, ``2GB``, ``4096B``."""

Amount = NewType("Amount", float)
"""A number or a length of time, whichever the field it is for holds."""

SECOND = 1_000_000_000
_UNITS = {"ns": 1, "us": 1_000, "µs": 1_000, "ms": 1_000_000, "s": SECOND, "m": 60 * SECOND, "min": 60 * SECOND}
_UNITS |= {"h": 3600 * SECOND, "d": 86400 * SECOND, "w": 7 * 86400 * SECOND}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|min|s|m|h|d|w)")
_RATE = re.compile(r"(\d+(?:\.\d+)?)\s*/\s*(s|m|min|h|d|w)")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(|K|M|G|T)(i?)B")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def duration(text: str) -> Nanoseconds:
    """Read ``1h30m``; a leading ``+`` is allowed. ValueError says what was expected."""
    rest = text.strip().removeprefix("+").strip()
    total, place = 0.0, 0
    for part in _PART.finditer(rest):
        if part.start() != place:
            break
        total += float(part[1]) * _UNITS[part[2]]
        place = part.end()
    if not rest or place != len(rest):
        raise ValueError(f"{text!r} is not a duration; write a number and a unit, such as 90s, 5m, 1h30m or 2d")
    return Nanoseconds(round(total))


def rate(text: str) -> PerSecond:
    """Read ``40/h``. ValueError says what was expected."""
    match = _RATE.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a rate; write a number per unit of time, such as 40/h, 3/s or 1000/d")
    return PerSecond(float(match[1]) * SECOND / _UNITS[match[2]])


def share(text: str | float) -> Share:
    """Read ``0.2`` or ``20%``. ValueError says what was expected."""
    try:
        percent = isinstance(text, str) and text.strip().endswith("%")
        value = float(text.strip().removesuffix("%")) / 100 if isinstance(text, str) and percent else float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise ValueError(f"{text!r} is not a probability; write a number from 0 to 1, or a percentage such as 20%")
    return Share(value)


def size(text: str) -> Bytes:
    """Read ``300MiB`` or ``2GB``. ValueError says what was expected."""
    match = _SIZE.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a size; write a number and a unit, such as 512MiB, 2GB or 4096B")
    return Bytes(round(float(match[1]) * (1024 if match[3] else 1000) ** " KMGT".index(match[2] or " ")))


def instant(text: str) -> int:
    """Read an ISO 8601 time with its offset, as nanoseconds since the epoch. ValueError says what was expected."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(f"{text!r} is not a time with its offset; write it like 2026-03-02T08:00:00Z")
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1_000


def iso(nanoseconds: int) -> str:
    """Write an instant as ISO 8601 in UTC, to the millisecond."""
    moment = _EPOCH + timedelta(milliseconds=nanoseconds // 1_000_000)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{nanoseconds // 1_000_000 % 1000:03d}Z"


def spoken(nanoseconds: int) -> str:
    """Write a duration as a playbook would: ``1h30m``, ``250ms``, ``0s``."""
    left, words = nanoseconds, []
    for unit in ("d", "h", "m", "s", "ms", "us", "ns"):
        count, left = divmod(left, _UNITS[unit])
        if count:
            words.append(f"{count}{unit}")
    return "".join(words) or "0s"
