"""The objectives of a run, as they were counted while it played: what was good, when it was too little, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from simulator.errors import UsageError
from simulator.quantities import SECOND
from simulator.scoring.windows import Counts, Goal, Sweep, swept

_COLUMNS = ["objective", "bin", "events", "bad"]


@dataclass(frozen=True, slots=True)
class Violation:
    """From ``start`` on, less than the target was good in the window before; None: so it was to the end of the run."""

    start: int
    end: int | None


@dataclass(frozen=True, slots=True)
class Objective:
    """What users were promised in a run, and what they got, bin by bin from ``start`` on.

    ``steps`` are those that can have a share in it.
    """

    id: str
    title: str
    goal: Goal
    steps: frozenset[str]
    start: int
    end: int
    events: Counts
    bad: Counts
    sweep: Sweep
    unseen: str = ""  # why nothing counted
    expect: str | None = None
    most_burnt: float | None = None  # share of the error budget, by the first page

    @property
    def violations(self) -> tuple[Violation, ...]:
        return tuple(
            Violation(self.end_of(first), None if last is None else self.end_of(last))
            for first, last in self.sweep.violations
        )

    def end_of(self, number: int) -> int:
        """Return when a bin is over; of the last, when the run is."""
        return min(self.start + (number + 1) * self.goal.bin, self.end)

    def bad_between(self, start: int, end: int) -> int:
        """Return how many bad events were over from the bin that ``start`` is in to the last that ends by ``end``."""
        first = max(0, (start - self.start) // self.goal.bin)
        last = len(self.bad) if end >= self.end else max(0, (end - self.start) // self.goal.bin)
        return int(self.bad[first:last].sum())

    @property
    def per_second(self) -> float:
        """How many events there were in a second of the run."""
        return float(self.events.sum()) * SECOND / max(1, self.end - self.start)


def read_objectives(folder: Path, written: Sequence[Mapping[str, Any]], start: int, end: int) -> tuple[Objective, ...]:
    """Read objectives.parquet, where truth.json says that there are any."""
    if not written:
        return ()
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / "objectives.parquet"
    try:
        table = pq.read_table(path, columns=_COLUMNS)
        names = np.array(table["objective"].cast(pa.string()).to_pylist(), object)
        columns = [table[name].to_numpy() for name in _COLUMNS[1:]]
    except (OSError, pa.ArrowException, KeyError) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise UsageError(f"{path}: cannot be read ({reason}); play the playbook again") from error
    found = []
    for told in written:
        mine = names == told["id"]
        found.append(_objective(told, start, end, *(column[mine] for column in columns)))
    return tuple(found)


def _objective(told: Mapping[str, Any], start: int, end: int, bins: Counts, events: Counts, bad: Counts) -> Objective:
    goal = Goal(*(told[name] for name in ("target", "window", "least", "period", "bin")))
    if goal.bin < SECOND or goal.window < goal.bin or not 0 < goal.target < 1:
        raise ValueError(f"objective {told['id']!r} has windows of {goal.window} ns in bins of {goal.bin} ns")
    places = (bins - start) // goal.bin
    if places.min(initial=0) < 0:
        raise ValueError(f"objective {told['id']!r} was counted before the run began")
    dense = np.zeros((2, max(1, -(-(end - start) // goal.bin))), np.int64)
    dense[0, places], dense[1, places] = events, bad
    return Objective(
        id=str(told["id"]),
        title=str(told["title"]),
        goal=goal,
        steps=frozenset(map(str, told["steps"])),
        start=start,
        end=end,
        events=dense[0],
        bad=dense[1],
        sweep=swept(dense[0], dense[1], goal),
        unseen=str(told.get("unseen", "")),
        expect=told.get("expect"),
        most_burnt=told.get("burnt_before_page"),
    )
