"""The store: what arrived, in DuckDB. It knows bytes and layouts, and nothing of what made them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa

from simulator import Column, JsonLayout, ProtobufLayout, RecordedRun, Stream, Tag, UsageError, uninterrupted
from simulator_sandbox.fields import Reader, quoted, reader
from simulator_sandbox.records import arrivals, batches
from simulator_sandbox.timestamps import moment

_UPPER, _LOWER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
_MEMORY = "2GB"  # beyond it tables go to the disk


class DuckDBStore:
    """Tables of the streams of a run, made when they are asked for, with the columns that were asked for.

    Nothing else is kept: ten million records of 1 kB of which rules read five fields
    take the room of five fields.
    """

    def __init__(self, run: RecordedRun) -> None:
        self._run = run
        self._streams = {stream.renderer.name: stream for stream in run.streams if not _is_binary(stream)}
        self._columns: dict[str, dict[Column, str]] = {}
        self._views = 0
        self._overflow = TemporaryDirectory(prefix="feint-store-")
        self._database = duckdb.connect(":memory:", config={"memory_limit": _MEMORY})
        settings = (
            f"temp_directory = {quoted(self._overflow.name)}",
            "TimeZone = 'UTC'",
            "preserve_insertion_order = false",  # each row knows its line; keeping order holds rows back in memory
            "enable_external_access = false",  # rules become SQL: it reads these tables and nothing else
            "lock_configuration = true",
        )
        self._execute(";".join(f"SET {setting}" for setting in settings))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()
        self._overflow.cleanup()

    @property
    def tag(self) -> Tag:
        return self._run.tag

    @property
    def streams(self) -> tuple[Stream, ...]:
        """What it holds: binary records are not read, detectors see their twins in JSON."""
        return tuple(self._streams.values())

    def table(self, stream: str, columns: Mapping[str, Column]) -> str:
        known = self._columns.get(stream)
        if known is None or not known.keys() >= {*columns.values()}:
            ordered = [*(known or ()), *columns.values()]  # earlier views go on naming the columns that they named
            known = {column: f"c{number}" for number, column in enumerate(dict.fromkeys(ordered))}
            self._fill(self._streams[stream], known)
            self._columns[stream] = known
        self._views += 1
        view, table = f"view{self._views}", self._name(stream)
        named = "".join(f", {known[column]} AS {_identifier(name)}" for name, column in columns.items())
        self._execute(f"CREATE VIEW {view} AS SELECT line, time, arrived{named} FROM {table}")  # noqa: S608 - quoted
        return view

    def query(self, sql: str) -> pa.Table:
        with self._stopped_by_signals():
            return self._database.sql(sql).to_arrow_table()

    def _execute(self, sql: str) -> None:
        with self._stopped_by_signals():
            self._database.execute(sql)

    def _stopped_by_signals(self) -> AbstractContextManager[None]:
        """Let Ctrl-C stop a query: DuckDB would report it as an error of the query's, and rules survive those."""
        return uninterrupted(self._database.interrupt)

    def _name(self, stream: str) -> str:
        return f"records{list(self._streams).index(stream)}"

    def _fill(self, stream: Stream, names: Mapping[Column, str]) -> None:
        """Read a stream's file into its table, in one pass."""
        words = isinstance(stream.format.layout, JsonLayout) and any(not column.field for column in names)
        schema = pa.schema([("line", pa.int64()), ("arrived", pa.int64()), ("text", pa.string())])
        if words:
            schema = schema.append(pa.field("words", pa.string()))
        arrived = arrivals(self._run.deliveries, stream.renderer.name)
        source = pa.RecordBatchReader.from_batches(schema, batches(stream, self.tag, arrived, schema))
        self._database.register("recorded", source)
        try:
            with self._stopped_by_signals():
                self._database.execute(
                    f"CREATE OR REPLACE TABLE {self._name(stream.renderer.name)} AS {_ingest(stream, names, words)}"
                )
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise UsageError(
                f"{stream.path}: the records of {stream.renderer.name} cannot be read: {reason}"
            ) from error
        finally:
            self._database.unregister("recorded")


def _is_binary(stream: Stream) -> bool:
    return isinstance(stream.format.layout, ProtobufLayout)


def _ingest(stream: Stream, names: Mapping[Column, str], words: bool) -> str:
    """Return the query that takes the records apart: text in, the named columns out."""
    layout = stream.format.layout
    fields = {column.field for column in names if column.field} | {layout.time}
    reading: Reader = reader(layout, fields)
    source = "recorded"
    for step in reading.steps:
        source = f"(SELECT *, {step} FROM {source})"  # noqa: S608 - quoted by the reader
    columns = []
    for column, name in names.items():
        value = reading.field(column.field) if column.field else ("words" if words else "text")
        columns.append(f"{_folded(value) if column.folded else value} AS {name}")
    time = f"coalesce({moment(reading.field(layout.time), layout.time_format)}, arrived) AS time"
    return f"SELECT {', '.join(['line', time, 'arrived', *columns])} FROM {source}"  # noqa: S608 - as above


def _folded(value: str) -> str:
    """Fold A–Z only; ``lower`` is eight times as fast as ``translate`` and the same for plain ASCII."""
    return (
        f"CASE WHEN strlen({value}) = length({value}) THEN lower({value}) "
        f"ELSE translate({value}, '{_UPPER}', '{_LOWER}') END"
    )


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
