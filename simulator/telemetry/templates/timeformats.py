"""Formats of times: strftime in UTC and English whatever the platform and locale, with fractions of a second.

A format is taken apart once into parts that depend on the day, on the second of the day, or
on the fraction of the second, so that many times can be written without looking at each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

NANOSECONDS = 1_000_000_000
DAY = 86_400
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_COMPOSED = {
    "c": "%a %b %e %H:%M:%S %Y",
    "D": "%m/%d/%y",
    "F": "%Y-%m-%d",
    "h": "%b",
    "n": "\n",
    "r": "%I:%M:%S %p",
    "R": "%H:%M",
    "t": "\t",
    "T": "%H:%M:%S",
    "x": "%m/%d/%y",
    "X": "%H:%M:%S",
    "z": "+0000",
    "Z": "UTC",
}
_DAY_PARTS: dict[str, Callable[[date], str]] = {
    "a": lambda day: _DAYS[day.weekday()][:3],
    "A": lambda day: _DAYS[day.weekday()],
    "b": lambda day: _MONTHS[day.month - 1][:3],
    "B": lambda day: _MONTHS[day.month - 1],
    "C": lambda day: f"{day.year // 100:02d}",
    "d": lambda day: f"{day.day:02d}",
    "e": lambda day: f"{day.day:2d}",
    "g": lambda day: f"{day.isocalendar().year % 100:02d}",
    "G": lambda day: f"{day.isocalendar().year:04d}",
    "j": lambda day: f"{day.timetuple().tm_yday:03d}",
    "m": lambda day: f"{day.month:02d}",
    "u": lambda day: f"{day.isoweekday()}",
    "U": lambda day: f"{(day.timetuple().tm_yday + 6 - day.isoweekday() % 7) // 7:02d}",
    "V": lambda day: f"{day.isocalendar().week:02d}",
    "w": lambda day: f"{day.isoweekday() % 7}",
    "W": lambda day: f"{(day.timetuple().tm_yday + 6 - day.weekday()) // 7:02d}",
    "y": lambda day: f"{day.year % 100:02d}",
    "Y": lambda day: f"{day.year:04d}",
}
_CLOCK_PARTS: dict[str, Callable[[int], str]] = {
    "H": lambda second: f"{second // 3600:02d}",
    "I": lambda second: f"{(second // 3600 + 11) % 12 + 1:02d}",
    "k": lambda second: f"{second // 3600:2d}",
    "l": lambda second: f"{(second // 3600 + 11) % 12 + 1:2d}",
    "M": lambda second: f"{second // 60 % 60:02d}",
    "p": lambda second: "AM" if second < DAY // 2 else "PM",
    "S": lambda second: f"{second % 60:02d}",
}


@dataclass(frozen=True, slots=True)
class TimePart:
    """One directive, or the text between two. ``what`` is the text, the directive, or the number of digits."""

    kind: Literal["text", "day", "clock", "epoch", "fraction"]
    what: str


@dataclass(frozen=True, slots=True)
class TimeFormat:
    """A format, taken apart."""

    parts: tuple[TimePart, ...]

    def text(self, nanoseconds: int) -> str:
        """Write one time, given in nanoseconds since the epoch."""
        second, fraction = divmod(nanoseconds, NANOSECONDS)
        return "".join(
            f"{fraction:09d}"[: int(part.what)] if part.kind == "fraction" else part_text(part, second)
            for part in self.parts
        )


def part_text(part: TimePart, second: int) -> str:
    """Write a part that depends on nothing finer than the second since the epoch."""
    if part.kind == "text":
        return part.what
    if part.kind == "epoch":
        return str(second)
    if part.kind == "day":
        return day_text(part.what, second // DAY)
    return _CLOCK_PARTS[part.what](second % DAY)


@lru_cache(maxsize=4096)
def day_text(directive: str, day: int) -> str:
    """Write a directive that depends on the day, counted from the epoch."""
    return _DAY_PARTS[directive](date.fromordinal(_EPOCH_ORDINAL + day))


@lru_cache(maxsize=256)
def time_format(text: str) -> TimeFormat:
    """Take a strftime format apart; ValueError names a directive that does not exist."""
    return TimeFormat(tuple(_merged(_parts(text))))


def _parts(text: str) -> list[TimePart]:
    parts: list[TimePart] = []
    place = 0
    while place < len(text):
        if text[place] != "%":
            parts.append(TimePart("text", text[place]))
            place += 1
            continue
        directive = text[place + 1 : place + 2]
        place += 2
        if directive in ("3", "6", "7", "9") and text[place : place + 1] == "f":
            parts.append(TimePart("fraction", directive))
            place += 1
        else:
            parts.extend(_directive(directive))
    return parts


def _directive(directive: str) -> list[TimePart]:
    if directive in _COMPOSED:
        return _parts(_COMPOSED[directive])
    if directive == "%":
        return [TimePart("text", "%")]
    if directive == "f":
        return [TimePart("fraction", "6")]
    if directive == "s":
        return [TimePart("epoch", "")]
    if directive in _DAY_PARTS:
        return [TimePart("day", directive)]
    if directive in _CLOCK_PARTS:
        return [TimePart("clock", directive)]
    raise ValueError(f"strftime has no directive '%{directive}'")


def _merged(parts: list[TimePart]) -> list[TimePart]:
    merged: list[TimePart] = []
    for part in parts:
        if part.kind == "text" and merged and merged[-1].kind == "text":
            merged[-1] = TimePart("text", merged[-1].what + part.what)
        else:
            merged.append(part)
    return merged
