"""The one place that reads a clock or asks the system for chance. Everything else gets time and seed as arguments."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime


def today() -> str:
    """Return now as ISO 8601 in UTC, to the second: for a manifest, never for telemetry."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def new_seed() -> int:
    """Choose a seed for somebody who gave none; it is printed and kept in the manifest."""
    return secrets.randbelow(2**31)


def new_instance() -> str:
    """Return a name that no other process has: for Feint's own telemetry, never for that of a playbook."""
    return secrets.token_hex(8)


class Pace:
    """Holds a run to a speed: ``speed`` seconds of the timeline in a second of the wall clock."""

    def __init__(self, speed: float, start: int) -> None:
        self._speed, self._start, self._began = speed, start, time.monotonic()

    def wait_until(self, moment: int) -> None:
        """Sleep until the wall clock has come to a moment of the timeline (nanoseconds since the epoch)."""
        left = -self.lag(moment)
        if left > 0:
            time.sleep(left)

    def lag(self, moment: int) -> float:
        """Return by how many seconds the wall clock is past a moment of the timeline; negative before it."""
        return time.monotonic() - self._began - (moment - self._start) / 1e9 / self._speed


def stopwatch() -> float:
    """Return seconds of a monotonic clock: for progress and for reports of speed."""
    return time.monotonic()
