"""The ledger: what is true of every line, and when it arrived. Never part of the telemetry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from simulator.errors import UsageError, cannot_write
from simulator.events.batch import Batch
from simulator.events.columns import Coded
from simulator.events.ids import emission_numbers
from simulator.recording.folder import DELIVERIES, TRUTH_RECORDS
from simulator.telemetry.streams import RenderedBatch
from simulator.timeline.emission import Act, Emission
from simulator.world.model import Host, Outsider, User

_CODED = pa.dictionary(pa.int32(), pa.string())
_TRUTH = pa.schema(
    [
        ("stream", _CODED),
        ("line", pa.int64()),
        ("event", pa.uint64()),
        ("time", pa.int64()),
        ("emission", _CODED),
        ("act", _CODED),
    ]
)
_DELIVERIES = pa.schema([("stream", _CODED), ("line", pa.int64()), ("delivered", pa.int64())])


def check_ledger(folder: Path) -> None:
    """Hold that a run's ledger can be read, before anybody works on what it says."""
    for name, schema in ((TRUTH_RECORDS, _TRUTH), (DELIVERIES, _DELIVERIES)):
        try:
            found = pq.read_schema(folder / name)
        except (OSError, pa.ArrowException) as error:
            reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
            raise UsageError(f"{folder / name}: cannot be read ({reason}); play the playbook again") from error
        if found.names != schema.names:
            raise UsageError(f"{folder / name}: is not the ledger of a run; play the playbook again")


@dataclass(frozen=True, slots=True)
class _Rows:
    """Lines of one stream, from ``first`` on, in columns."""

    first: int
    ids: NDArray[np.uint64]
    times: NDArray[np.int64]
    delivered: NDArray[np.int64]

    def part(self, low: int, high: int) -> _Rows:
        return _Rows(self.first + low, self.ids[low:high], self.times[low:high], self.delivered[low:high])


class Ledger:
    """Writes truth.parquet and deliveries.parquet while a run plays, and sums up what each act was.

    Rows go in slices of the timeline, ``length`` nanoseconds each from ``start`` on: the
    playbook decides where one ends, not the windows that a run happens to be played in.
    """

    def __init__(
        self, folder: Path, emissions: Sequence[Emission], header_lines: Mapping[str, int], start: int, length: int
    ) -> None:
        self._emissions, self._streams = emissions, list(header_lines)
        self._paths = pa.array([emission.path for emission in emissions])
        labels = list(dict.fromkeys(emission.act.label for emission in emissions))
        self._acts = pa.array(labels)
        self._act_codes = np.array([labels.index(emission.act.label) for emission in emissions], np.int32)
        self._lines = dict(header_lines)
        self._start, self._length = start, length
        self._waiting: dict[int, dict[str, list[_Rows]]] = defaultdict(lambda: defaultdict(list))
        self._folder = folder
        self.summary = ActSummary(emissions)
        try:
            self._truth = pq.ParquetWriter(folder / TRUTH_RECORDS, _TRUTH, compression="zstd")
            self._deliveries = pq.ParquetWriter(folder / DELIVERIES, _DELIVERIES, compression="zstd")
        except OSError as error:
            raise cannot_write(folder / TRUTH_RECORDS, error) from error

    def happened(self, batches: Sequence[Batch]) -> None:
        for batch in batches:
            self.summary.add_events(batch)

    def recorded(self, batch: RenderedBatch) -> None:
        """Write down the records of a batch, in their order."""
        rows = _Rows(self._lines[batch.stream] + 1, batch.ids, batch.times, batch.delivered)
        self._lines[batch.stream] += len(batch)
        slices = (batch.times - self._start) // self._length
        edges = [0, *(np.flatnonzero(np.diff(slices)) + 1).tolist(), len(batch)]
        for low, high in pairwise(edges):
            self._waiting[int(slices[low])][batch.stream].append(rows.part(low, high))
        self.summary.add_records(emission_numbers(batch.ids))

    def passed(self, moment: int) -> None:
        """Write the slices that are over by a moment of the timeline: nothing more will come of them."""
        for number in sorted(each for each in self._waiting if self._start + (each + 1) * self._length <= moment):
            self._write(self._waiting.pop(number))

    def close(self) -> None:
        """Write what waits, and end the files."""
        for number in sorted(self._waiting):
            self._write(self._waiting.pop(number))
        try:
            self._truth.close()
            self._deliveries.close()
        except OSError as error:
            raise cannot_write(self._folder / TRUTH_RECORDS, error) from error

    def _write(self, found: Mapping[str, list[_Rows]]) -> None:
        """Write a slice: stream after stream, each in the order of its lines."""
        rows = [(number, each) for number, stream in enumerate(self._streams) for each in found.get(stream, ())]
        ids = np.concatenate([each.ids for _, each in rows])
        numbers = emission_numbers(ids)
        codes = np.repeat(np.array([number for number, _ in rows], np.int32), [len(each.ids) for _, each in rows])
        stream = pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(self._streams))
        lines = pa.array(np.concatenate([np.arange(each.first, each.first + len(each.ids)) for _, each in rows]))
        times = pa.array(np.concatenate([each.times for _, each in rows]))
        delivered = pa.array(np.concatenate([each.delivered for _, each in rows]))
        emission = pa.DictionaryArray.from_arrays(pa.array(numbers.astype(np.int32)), self._paths)
        act = pa.DictionaryArray.from_arrays(pa.array(self._act_codes[numbers]), self._acts)
        try:
            self._truth.write_table(pa.table([stream, lines, pa.array(ids), times, emission, act], schema=_TRUTH))
            self._deliveries.write_table(pa.table([stream, lines, delivered], schema=_DELIVERIES))
        except OSError as error:
            raise cannot_write(self._folder / TRUTH_RECORDS, error) from error


class ActSummary:
    """How many events and records each step and decoy had, from when to when, and who was part of it."""

    def __init__(self, emissions: Sequence[Emission]) -> None:
        self._emissions = emissions
        self.events = np.zeros(len(emissions), np.int64)
        self.records = np.zeros(len(emissions), np.int64)
        self._first: dict[int, int] = {}
        self._last: dict[int, int] = {}
        self._entities: dict[str, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))

    def add_records(self, numbers: np.ndarray[Any, np.dtype[np.int64]]) -> None:
        self.records += np.bincount(numbers, minlength=len(self.records))

    def add_events(self, batch: Batch) -> None:
        number = batch.emission
        self.events[number] += len(batch)
        act = self._emissions[number].act
        if act.kind == "background" or not len(batch):
            return
        self._first.setdefault(number, int(batch.times[0]))
        self._last[number] = max(self._last.get(number, 0), int(batch.times[-1]))
        if self._emissions[number].of_system:
            return  # the system itself says whom an effect touches
        for column in batch.columns.values():
            if isinstance(column, Coded):
                for code in np.unique(column.codes):
                    self._meet(act, column.vocabulary.values[code])

    def _meet(self, act: Act, entity: object) -> None:
        if isinstance(entity, Host):
            self._entities[act.label]["host"][entity.name] = None
            self._entities[act.label]["address"][entity.ip] = None
        elif isinstance(entity, User) and entity.name:
            self._entities[act.label]["user"][entity.name] = None
        elif isinstance(entity, Outsider):
            self._entities[act.label]["source"][entity.ip] = None
            self._entities[act.label]["address"][entity.ip] = None

    def of(self, act: Act) -> Mapping[str, Any]:
        """Return what truth.json says of an act."""
        mine = [number for number, emission in enumerate(self._emissions) if emission.act == act]
        firsts = [self._first[number] for number in mine if number in self._first]
        return {
            "onset": min(firsts, default=None),
            "end": max((self._last[number] for number in mine if number in self._last), default=None),
            "events": int(self.events[mine].sum()),
            "records": int(self.records[mine].sum()),
            "entities": {kind: sorted(names) for kind, names in sorted(self._entities[act.label].items())},
        }
