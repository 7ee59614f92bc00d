"""The ledger: what is true of every line, and when it arrived. Never part of the telemetry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.errors import SinkError
from simulator.events.batch import Batch
from simulator.events.columns import Coded
from simulator.events.ids import emission_numbers
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

_ROWS_AT_ONCE = 65_536


class Ledger:
    """Writes truth.parquet and deliveries.parquet while a run plays, and sums up what each act was."""

    def __init__(self, truth: Path, deliveries: Path, emissions: Sequence[Emission], streams: Sequence[str]) -> None:
        self._emissions, self._streams = emissions, list(streams)
        self._paths = pa.array([emission.path for emission in emissions])
        labels = list(dict.fromkeys(emission.act.label for emission in emissions))
        self._acts = pa.array(labels)
        self._act_codes = np.array([labels.index(emission.act.label) for emission in emissions], np.int32)
        self._lines: dict[str, int] = defaultdict(int)
        self.summary = ActSummary(emissions)
        self._truth_rows: list[pa.Table] = []
        self._delivery_rows: list[pa.Table] = []
        self._waiting = 0
        try:
            self._truth = pq.ParquetWriter(truth, _TRUTH, compression="zstd")
            self._deliveries = pq.ParquetWriter(deliveries, _DELIVERIES, compression="zstd")
        except OSError as error:
            raise SinkError(f"{truth.parent}: the ledger cannot be written: {error}") from error

    def opened(self, header_lines: Mapping[str, int]) -> None:
        """Count lines from behind the headers of the streams."""
        self._lines.update(header_lines)

    def happened(self, batches: Sequence[Batch]) -> None:
        for batch in batches:
            self.summary.add_events(batch)

    def recorded(self, batch: RenderedBatch) -> None:
        """Write down the records of a batch, in their order."""
        rows = len(batch)
        numbers = emission_numbers(batch.ids)
        first = self._lines[batch.stream] + 1
        self._lines[batch.stream] += rows
        lines = pa.array(np.arange(first, first + rows))
        code = np.full(rows, self._streams.index(batch.stream), np.int32)
        stream = pa.DictionaryArray.from_arrays(pa.array(code), pa.array(self._streams))
        emission = pa.DictionaryArray.from_arrays(pa.array(numbers.astype(np.int32)), self._paths)
        act = pa.DictionaryArray.from_arrays(pa.array(self._act_codes[numbers]), self._acts)
        truth = [stream, lines, pa.array(batch.ids), pa.array(batch.times), emission, act]
        self._truth_rows.append(pa.table(truth, schema=_TRUTH))
        self._delivery_rows.append(pa.table([stream, lines, pa.array(batch.delivered)], schema=_DELIVERIES))
        self._waiting += rows
        if self._waiting >= _ROWS_AT_ONCE:
            self._write()
        self.summary.add_records(numbers)

    def _write(self) -> None:
        """Write what waits: a row group for each of hundreds of small batches would cost more than the rows."""
        truth, deliveries = self._truth_rows, self._delivery_rows
        self._truth_rows, self._delivery_rows, self._waiting = [], [], 0
        try:
            if truth:
                self._truth.write_table(pa.concat_tables(truth))
                self._deliveries.write_table(pa.concat_tables(deliveries))
        except OSError as error:
            raise SinkError(
                f"the ledger cannot be written: {error}; free some space or choose another --out"
            ) from error

    def close(self) -> None:
        self._write()
        try:
            self._truth.close()
            self._deliveries.close()
        except OSError as error:
            raise SinkError(
                f"the ledger cannot be written: {error}; free some space or choose another --out"
            ) from error


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
