"""Durations in words for people: ``4 m 12 s``."""

from __future__ import annotations

from simulator.quantities import SECOND

DAY = 86_400 * SECOND


def human(seconds: float) -> str:
    """Say a duration in its two largest units."""
    if seconds < 0:
        return f"−{human(-seconds)}"
    if round(seconds, 1) < 10 and seconds != int(seconds):
        return f"{seconds * 1000:.0f} ms" if round(seconds * 1000) < 1000 else f"{seconds:.1f} s"
    whole = int(seconds + 0.5)
    for size, unit, smaller, below in ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "m"), (60, "m", 1, "s")):
        if whole >= size:
            rest = whole % size // smaller
            return f"{whole // size} {unit} {rest} {below}" if rest else f"{whole // size} {unit}"
    return f"{whole} s"
