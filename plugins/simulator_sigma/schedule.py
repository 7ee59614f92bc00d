"""Rules on their schedule: when each of them runs, what it can see by then, and what it says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator import Alert, Schedule
from simulator_sigma.correlation import Correlation, Seen
from simulator_sigma.hits import Hits, Integers, streams_and_lines, united

_MOST_EVIDENCE = 1000
_MOST_ENTITIES = 50


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of rules: every interval from the start to the first that is not before the end."""

    schedule: Schedule

    @property
    def last(self) -> int:
        length = self.schedule.end - self.schedule.start
        return self.schedule.start + max(0, -(-length // self.schedule.interval)) * self.schedule.interval

    def first_at(self, times: Integers) -> Integers:
        """Return the first run at or after each time; it may be after the last."""
        numbers = -((self.schedule.start - times) // self.schedule.interval)
        return self.schedule.start + np.maximum(numbers, 0) * self.schedule.interval

    def in_time(self, hits: Hits) -> NDArray[np.bool_]:
        """Say which hits a run looks at: the first after the arrival, if it still looks back as far as the event."""
        runs = self.first_at(hits.arrived)
        return (runs <= self.last) & (hits.times > runs - self.schedule.look_back)


@dataclass(frozen=True, slots=True)
class Witnesses:
    """Turns records into what an alert says of them."""

    hits: Hits
    streams: Sequence[str]

    def alert(self, rule: str, fired: int, arrived: int, key: str | None, records: Integers) -> Alert:
        """Make an alert of records that are hits; without a key it is about the most telling entity of the first."""
        rows = np.searchsorted(self.hits.records, records)
        entities = {
            kind: tuple(most_frequent(words.codes[rows], words.values))
            for kind, words in self.hits.entities.items()
        }  # fmt: skip
        entities = {kind: values for kind, values in entities.items() if values}
        if key is None:
            key = next((values[0] for values in entities.values()), "")
        streams, lines = streams_and_lines(records[:_MOST_EVIDENCE])
        times = self.hits.times[rows]
        return Alert(
            rule=rule,
            fired=fired,
            paged=0,
            arrived=arrived,
            first_event=int(times.min()),
            last_event=int(times.max()),
            group=0,
            key=key,
            entities=entities,
            evidence=tuple(
                (self.streams[stream], line) for stream, line in zip(streams.tolist(), lines.tolist(), strict=True)
            ),
            events=len(records),
        )


def most_frequent(codes: Integers, values: Sequence[str]) -> Iterator[str]:
    """Yield the values that occur, the most frequent first."""
    counts = Counter(codes.tolist())
    counts.pop(-1, None)
    for code in sorted(counts, key=lambda code: (-counts[code], values[code]))[:_MOST_ENTITIES]:
        yield values[code]


def alerts_of_hits(rule: str, hits: Hits, runs: Runs, streams: Sequence[str]) -> Iterator[Alert]:
    """Yield an alert for each run and key among the hits that a run sees in time."""
    witnesses = Witnesses(hits, streams)
    rows = np.flatnonzero(runs.in_time(hits))
    fired = runs.first_at(hits.arrived[rows])
    keys = _keys(hits, rows)
    order = np.lexsort((rows, keys, fired))
    changes = np.flatnonzero((np.diff(fired[order]) != 0) | (np.diff(keys[order]) != 0)) + 1
    for part in np.split(order, changes) if len(order) else ():
        chosen = rows[part]
        # one record is enough for this rule: it had what it needed when the first of them came
        arrived = int(hits.arrived[chosen].min())
        yield witnesses.alert(rule, int(fired[part[0]]), arrived, None, hits.records[chosen])


def _keys(hits: Hits, rows: NDArray[np.intp]) -> Integers:
    """Return numbers that are the same for hits about the same entity: the most telling kind that a hit has."""
    keys = np.full(len(rows), -1, np.int64)
    offset = 0
    for words in hits.entities.values():
        codes = words.codes[rows]
        keys = np.where((keys < 0) & (codes >= 0), codes + offset, keys)
        offset += len(words.values)
    return keys


def alerts_of_correlation(correlation: Correlation, runs: Runs, streams: Sequence[str]) -> tuple[int, list[Alert]]:
    """Return how many windows hold in truth, and an alert for each run and key with evidence that is new."""
    everything = correlation.find(Seen(horizon=runs.last))
    if correlation.only_grows and not len(everything.windows):
        return 0, []
    if correlation.only_grows:
        correlation.forget(np.unique(everything.windows.groups))
    hits = united([*correlation.hits()])
    speaker = _Speaker(correlation, Witnesses(hits, streams))
    look_back = runs.schedule.look_back
    for fired in _moments(correlation, hits, runs):
        speaker.speak(fired, Seen(until=fired, after=fired - look_back, horizon=fired))
    return len(everything.windows), speaker.said


def _moments(correlation: Correlation, hits: Hits, runs: Runs) -> list[int]:
    """Return the runs at which anything can have changed."""
    changes = runs.first_at(hits.arrived)
    if correlation.looks_forward:
        changes = np.concatenate([changes, runs.first_at(hits.times + correlation.span)])
    return [int(run) for run in np.unique(changes) if run <= runs.last]


class _Speaker:
    """Says what is new at each run: no window twice, no evidence that has been shown already."""

    def __init__(self, correlation: Correlation, witnesses: Witnesses) -> None:
        self.said: list[Alert] = []
        self._correlation = correlation
        self._witnesses = witnesses
        self._windows: set[tuple[int, int]] = set()
        self._shown: dict[int, set[int]] = {}

    def speak(self, fired: int, seen: Seen) -> None:
        finding = self._correlation.find(seen)
        fresh: dict[int, list[int]] = {}
        places = zip(finding.windows.groups.tolist(), finding.windows.ends.tolist(), strict=True)
        for window, place in enumerate(places):
            if place not in self._windows:
                self._windows.add(place)
                fresh.setdefault(place[0], []).append(window)
        for group, windows in sorted(fresh.items()):
            records = finding.records(windows)
            shown = self._shown.setdefault(group, set())
            if not len(records) or shown.issuperset(records.tolist()):
                continue
            shown.update(records.tolist())
            needed = np.searchsorted(self._witnesses.hits.records, finding.records(windows[:1]))
            arrived = int(self._witnesses.hits.arrived[needed].max())  # of the first window: it was enough
            rule, key = self._correlation.rule.id, self._key(group)
            self.said.append(self._witnesses.alert(rule, fired, arrived, key, records))

    def _key(self, group: int) -> str | None:
        return ", ".join(self._correlation.keys.keys[group]) or None
