"""Counting objectives while a run plays: how many events were over in each bin of time, and how many were bad.

A bin's counts take 16 bytes however many events there are, and a run has about a million bins at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from simulator.errors import cannot_write, did_you_mean
from simulator.events.batch import Batch
from simulator.events.columns import Coded, Durations, Vocabulary
from simulator.playbook.planning.objectives import Objective, Values
from simulator.recording.folder import OBJECTIVES
from simulator.scoring.windows import swept
from simulator.timeline.arrivals import Span
from simulator.timeline.emission import Emission
from simulator.timeline.followups import is_one_of

_MOST_NAMED = 10
_SCHEMA = pa.schema(
    [
        ("objective", pa.dictionary(pa.int32(), pa.string())),
        ("bin", pa.int64()),
        ("events", pa.int64()),
        ("bad", pa.int64()),
    ]
)


class ObjectiveCounts:
    """Counts the objectives of a run. An event that is not over when the run ends is not counted."""

    def __init__(self, objectives: Sequence[Objective], emissions: Sequence[Emission], span: Span) -> None:
        self._emissions = emissions
        self._counters = [_Counter(each, span) for each in objectives]

    def happened(self, batches: Iterable[Batch]) -> None:
        """Count the events of some batches. Their order does not matter."""
        for batch in batches:
            event = self._emissions[batch.emission].event.name
            for counter in self._counters:
                if event in counter.objective.events and len(batch):
                    counter.count(event, batch)

    def write(self, folder: Path, end: int) -> None:
        """Write objectives.parquet: the bins that anything was over in, of a run that was played until ``end``."""
        if not self._counters:
            return
        try:
            with pq.ParquetWriter(folder / OBJECTIVES, _SCHEMA, compression="zstd") as writer:
                for counter in self._counters:
                    writer.write_table(counter.table(end))
        except OSError as error:
            raise cannot_write(folder / OBJECTIVES, error) from error

    def told(self, end: int) -> list[dict[str, Any]]:
        """Return what truth.json says of them."""
        return [counter.told(end) for counter in self._counters]


class _Counter:
    """Counts one objective."""

    def __init__(self, objective: Objective, span: Span) -> None:
        self.objective, self._start, self._bin = objective, span.start, objective.goal.bin
        bins = -(-(span.end - span.start) // self._bin)
        self._events, self._bad = np.zeros(bins, np.int64), np.zeros(bins, np.int64)
        self._vocabularies: dict[tuple[str, str], Vocabulary] = {}  # by event type and field

    def count(self, event: str, batch: Batch) -> None:
        for name in self.objective.of:
            if isinstance(column := batch.columns[name], Coded):
                self._vocabularies[event, name] = column.vocabulary
        over = self._over(batch)
        counted = np.flatnonzero(self._meets(batch, self.objective.of) & (over < len(self._events)))
        if not len(counted):
            return
        bad = ~self._good(batch)[counted]
        first = int(over[counted].min())
        bins = over[counted] - first
        events = np.bincount(bins)
        self._events[first : first + len(events)] += events
        self._bad[first : first + len(events)] += np.bincount(bins[bad], minlength=len(events))

    def table(self, end: int) -> pa.Table:
        events, bad = self._until(end)
        rows = np.flatnonzero(events)
        name = pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(rows), np.int32)), pa.array([self.objective.id]))
        starts = self._start + rows * self._bin
        return pa.table([name, pa.array(starts), pa.array(events[rows]), pa.array(bad[rows])], schema=_SCHEMA)

    def told(self, end: int) -> dict[str, Any]:
        events, bad = self._until(end)
        goal = self.objective.goal
        found = swept(events, bad, goal).violations
        ends = [None if last is None else self._end_of(last) for _, last in found]
        return {
            "id": self.objective.id,
            "title": self.objective.title,
            "target": goal.target,
            "window": goal.window,
            "bin": goal.bin,
            "least": goal.least,
            "period": goal.period,
            "steps": list(self.objective.steps),
            "events": int(events.sum()),
            "bad": int(bad.sum()),
            "violated": self._end_of(found[0][0]) if found else None,
            "recovered": ends[-1] if ends else None,
            "unseen": "" if events.any() else self._unseen(),
            "expect": self.objective.expect,
            "burnt_before_page": self.objective.burnt_before_page,
        }

    def _unseen(self) -> str:
        """Say which value that is asked for no event ever had, as far as that can be told."""
        events = " or ".join(self.objective.events)
        for name in self.objective.of:
            values = [each for (_, field), met in self._vocabularies.items() if field == name for each in met.values]
            known = {str(getattr(each, "name", each)) for each in values}
            asked = [str(getattr(each, "name", each)) for each in self.objective.of[name]]
            if known and not known & set(asked):
                hint = did_you_mean(asked[0], known) or f"; there were {', '.join(sorted(known)[:_MOST_NAMED])}"
                return f"no {events} had the {name} {' or '.join(asked)}{hint}"
        return f"no {events} was over in the run that has all that `of` asks for"

    def _end_of(self, number: int) -> int:
        return self._start + (number + 1) * self._bin

    def _until(self, end: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        bins = -(-(end - self._start) // self._bin)
        return self._events[:bins], self._bad[:bins]

    def _over(self, batch: Batch) -> NDArray[np.int64]:
        """Return the bin in which each event is over."""
        ends = batch.times
        column = batch.columns.get(self.objective.lasts)
        if isinstance(column, Durations):
            ends = ends + np.maximum(column.values, 0)
        found: NDArray[np.int64] = (ends - self._start) // self._bin
        return found

    def _good(self, batch: Batch) -> NDArray[np.bool_]:
        good = self._meets(batch, self.objective.good)
        column = batch.columns.get(self.objective.measured)
        return good & (column.values < self.objective.faster) if isinstance(column, Durations) else good

    def _meets(self, batch: Batch, wanted: Values) -> NDArray[np.bool_]:
        met = np.ones(len(batch), np.bool_)
        for name, values in wanted.items():
            met &= is_one_of(batch.columns[name], values)
        return met
