"""Time intervals: when a route speaks, or is silent."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from simulator_prometheus.go_values import Struct
from simulator_prometheus.go_yaml import Faults, Node

_SECOND = 1_000_000_000
_CLOCK = re.compile(r"((?:[01][0-9])|(?:2[0-3])):([0-5][0-9])|(24):(00)", re.ASCII)
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_MONTHS = tuple(name.lower() for name in calendar.month_name)
_FIELDS = ("times", "weekdays", "days_of_month", "months", "years", "location")
Ranges = tuple[tuple[int, int], ...] | None


@dataclass(frozen=True, slots=True)
class TimeInterval:
    """Ranges that a moment must be in, each of them if it is given; minutes of the day up to but without the last."""

    minutes: Ranges = None
    weekdays: Ranges = None  # from Sunday, 0
    days: Ranges = None  # negative ones from the end of the month
    months: Ranges = None
    years: Ranges = None
    zone: tzinfo = UTC

    def contains(self, time: int) -> bool:
        """Say whether a moment (nanoseconds since the epoch) is within."""
        moment = datetime.fromtimestamp(time // _SECOND, self.zone)
        length = calendar.monthrange(moment.year, moment.month)[1]
        return (
            _within(self.minutes, moment.hour * 60 + moment.minute, last=-1)
            and (self.days is None or any(_has_day(span, moment.day, length) for span in self.days))
            and _within(self.months, moment.month)
            and _within(self.weekdays, (moment.weekday() + 1) % 7)
            and _within(self.years, moment.year)
        )


def _within(ranges: Ranges, value: int, last: int = 0) -> bool:
    return ranges is None or any(begin <= value <= end + last for begin, end in ranges)


def _has_day(span: tuple[int, int], day: int, length: int) -> bool:
    begin, end = (each if each > 0 else length + each + 1 for each in span)
    return begin <= length and max(begin, -length) <= day <= min(end, length)


def interval_of(node: Node, faults: Faults) -> TimeInterval:
    struct = Struct(node, faults, "a time interval", _FIELDS, node.place)
    return TimeInterval(
        minutes=_times(struct),
        weekdays=_ranges(struct, "weekdays", _names(_DAYS, 0)),
        days=_ranges(struct, "days_of_month", _integer, _check_days),
        months=_ranges(struct, "months", _month),
        years=_ranges(struct, "years", _integer),
        zone=_zone(struct),
    )


def _zone(struct: Struct) -> tzinfo:
    name = struct.text("location")
    try:
        return ZoneInfo(name) if name and name not in ("UTC", "Local") else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        struct.faults.add(struct.place_of("location"), f"there is no time zone {name!r}; write one such as Europe/Bern")
    return UTC


def _times(struct: Struct) -> Ranges:
    if struct.node("times") is None:
        return None
    found = []
    for node in struct.items("times"):
        span = Struct(node, struct.faults, "a range of times", ("start_time", "end_time"), node.place)
        start, end = (_minutes(span, name) for name in ("start_time", "end_time"))
        if start is not None and end is not None:
            if start >= end:
                struct.faults.add(span.place, "start_time has to come before end_time")
            found.append((start, end))
    return tuple(found)


def _minutes(span: Struct, name: str) -> int | None:
    match = _CLOCK.fullmatch(span.text(name))
    if match is None:
        span.faults.add(span.place_of(name), f"{name} has to be a time such as 09:00, at most 24:00; put it in quotes")
        return None
    return int(match[1] or match[3]) * 60 + int(match[2] or match[4])


def _ranges(
    struct: Struct,
    name: str,
    read: Callable[[str], int | None],
    check: Callable[[int, int], str] = lambda begin, end: "its end comes before its start" if begin > end else "",
) -> Ranges:
    texts = struct.texts(name)
    if texts is None:
        return None
    found = []
    for text in texts:
        parts = text.text.lower().split(":")
        begin, end = read(parts[0]), read(parts[-1])
        if len(parts) > 2 or begin is None or end is None:
            struct.faults.add(text.place, f"{text.text!r} is no value or range (from:to) of {name}")
        elif wrong := check(begin, end):
            struct.faults.add(text.place, f"{text.text!r} is no range of {name}: {wrong}")
        else:
            found.append((begin, end))
    return tuple(found)


def _check_days(begin: int, end: int) -> str:
    if not all(1 <= abs(day) <= 31 for day in (begin, end)):
        return "days go from 1 to 31, or from -1 to -31 counted from the end"
    if begin < 0 < end:
        return "an end from the start of the month needs such a start"
    first, last = (28 + day if day < 0 else day for day in (begin, end))
    return "its end always comes before its start" if first > last else ""


def _names(names: tuple[str, ...], first: int) -> Callable[[str], int | None]:
    return lambda text: names.index(text, first) if text and text in names else None


def _integer(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[-+]?[0-9]{1,9}", text, re.ASCII) else None


def _month(text: str) -> int | None:
    return _names(_MONTHS, 1)(text) or _integer(text)


def intervals_of(struct: Struct) -> Iterator[TimeInterval]:
    for node in struct.items("time_intervals"):
        yield interval_of(node, struct.faults)
