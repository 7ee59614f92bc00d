"""The filters that templates have beside Jinja2's own: what each means for one value.

The vectorised forms are in :mod:`simulator.telemetry.templates.formatters`; both write the same bytes.
"""

from __future__ import annotations

import json as json_text
from collections.abc import Callable, Mapping
from math import inf
from types import MappingProxyType
from typing import Any

from simulator.events.columns import Timestamp
from simulator.telemetry.templates.timeformats import NANOSECONDS, time_format

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ISO = "%Y-%m-%dT%H:%M:%S.%3fZ"
MOST_DIGITS = 9
LARGEST_PLAIN = 6  # powers of ten from which on Go writes a number with an exponent


def strftime(time: int, format: str) -> str:  # noqa: A002  (the name that authors know from Python)
    """Write a time in UTC and English: Python's directives, ``%3f %6f %7f %9f``, ``%s``, ``%e``."""
    return time_format(format).text(_whole(time))


def iso(time: int) -> str:
    """Write a time as ``2026-01-05T09:00:00.123Z``."""
    return time_format(ISO).text(_whole(time))


def epoch(time: int, digits: int = 6) -> str:
    """Write a time as seconds since 1970: ``1767225600.123456``."""
    return seconds(time, digits)


def shift(time: int, nanoseconds: int) -> Timestamp:
    """Move a time by a number of nanoseconds, or by a duration."""
    return Timestamp(_whole(time) + _whole(nanoseconds))


def seconds(duration: int, digits: int = 6) -> str:
    """Write a duration in seconds; further digits are cut off, not rounded."""
    if not 0 <= digits <= MOST_DIGITS:
        raise ValueError(f"a time has 0 to {MOST_DIGITS} digits after the point, not {digits}")
    whole, fraction = divmod(abs(_whole(duration)), NANOSECONDS)
    text = f"{'-' if duration < 0 else ''}{whole}"
    return f"{text}.{fraction:09d}"[: len(text) + 1 + digits] if digits else text


def milliseconds(duration: int) -> int:
    """Cut a duration to whole milliseconds."""
    return _cut(duration, 1_000_000)


def microseconds(duration: int) -> int:
    """Cut a duration to whole microseconds."""
    return _cut(duration, 1_000)


def nanoseconds(duration: int) -> int:
    """Give a duration's nanoseconds as a plain number."""
    return int(_whole(duration))


def hex_lower(identifier: bytes) -> str:
    """Write an id in lower-case hexadecimal digits."""
    return _raw(identifier).hex()


def hex_upper(identifier: bytes) -> str:
    """Write an id in upper-case hexadecimal digits."""
    return _raw(identifier).hex().upper()


def uuid(identifier: bytes) -> str:
    """Write an id of 16 bytes as ``8-4-4-4-12`` lower-case hexadecimal digits."""
    if len(_raw(identifier)) != 16:
        raise ValueError(f"a uuid has 16 bytes, this id has {len(identifier)}")
    digits = identifier.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def guid(identifier: bytes) -> str:
    """Write an id of 16 bytes as ``8-4-4-4-12`` upper-case hexadecimal digits."""
    return uuid(identifier).upper()


def base62(identifier: bytes) -> str:
    """Write an id with one letter or digit for each of its bytes."""
    return "".join(BASE62[byte % 62] for byte in _raw(identifier))


def hexint(number: int | bytes) -> str:
    """Write a number, or an id read as a big-endian one, as ``0x3e7``."""
    return hex(int.from_bytes(number, "big") if isinstance(number, bytes) else _whole(number))


def decimal(identifier: bytes) -> int:
    """Read an id as a big-endian number."""
    return int.from_bytes(_raw(identifier), "big")


def zeros(identifier: bytes) -> bool:
    """Say whether an id is all zeros, which is how there is none. A test: ``{% if parent is zeros %}``."""
    return not any(_raw(identifier))


def number(value: float) -> str:
    """Write a number as Go's ``strconv.FormatFloat(value, 'g', -1, 64)`` does: ``0.5``, ``1e+06``, ``NaN``, ``+Inf``.

    Prometheus writes samples so; zero has no sign there.
    """
    value = float(value)
    if value != value or value in (inf, -inf):  # noqa: PLR0124  (what is not equal to itself is no number)
        return "NaN" if value != value else "+Inf" if value > 0 else "-Inf"  # noqa: PLR0124
    if not value:
        return "0"
    mantissa, _, power = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    exponent = int(power or 0) + len(whole) - 1 - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    sign = "-" if value < 0 else ""
    if exponent < -4 or exponent >= LARGEST_PLAIN:
        rest = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{rest}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    if len(digits) <= exponent + 1:
        return sign + digits + "0" * (exponent + 1 - len(digits))
    return f"{sign}{digits[: exponent + 1]}.{digits[exponent + 1 :]}"


def json(value: object) -> str:
    """Write a value as JSON: strings in quotes with non-ASCII letters kept, nothing between the items of a list."""
    return json_text.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_members)


def _members(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a {type(value).__name__} has no JSON form")


def _whole(number: object) -> int:
    if not isinstance(number, int):
        raise TypeError(f"a number of nanoseconds was expected, not {number!r}")
    return number


def _raw(identifier: object) -> bytes:
    if not isinstance(identifier, bytes):
        raise TypeError(f"an identifier was expected, not {identifier!r}")
    return identifier


def _cut(duration: int, unit: int) -> int:
    return -(-_whole(duration) // unit) if duration < 0 else int(duration // unit)


FILTERS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "strftime": strftime,
        "iso": iso,
        "epoch": epoch,
        "shift": shift,
        "seconds": seconds,
        "milliseconds": milliseconds,
        "microseconds": microseconds,
        "nanoseconds": nanoseconds,
        "hex": hex_lower,
        "HEX": hex_upper,
        "uuid": uuid,
        "guid": guid,
        "base62": base62,
        "hexint": hexint,
        "decimal": decimal,
        "json": json,
        "number": number,
    }
)
