"""The reference: pySigma's own SQLite backend over the same bytes, taken apart by the layouts line by line.

Nothing of the store or of the detector's SQL is used here, and log sources and
field names are resolved once more, on their own.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import re2
import yaml
from sigma.backends.sqlite import sqliteBackend
from sigma.backends.sqlite.correlation import numeric, quote
from sigma.backends.sqlite.runtime import execute_plan
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.rule import SigmaRule

from simulator import JsonLayout, LogSource, RecordedRun, Stream
from simulator_sandbox.store import DuckDBStore
from simulator_sigma.correlation import Seen, correlation_of
from simulator_sigma.hits import Integers, streams_and_lines
from simulator_sigma.rule_run import Play

Place = tuple[str, int]
_FOLDER = "FEINT_SIGMA_RULES"


def sigmahq_rules() -> list[Path]:
    """Return the real rules that lie beside the repository; skip the test where there are none."""
    beside = Path(__file__).parents[3] / "shared" / "data" / "sigma"
    folder = Path(os.environ.get(_FOLDER, beside))
    if not folder.is_dir():
        pytest.skip(f"no folder of Sigma rules: set {_FOLDER}")
    return sorted(folder.rglob("*.yml"))


@dataclass(frozen=True)
class Row:
    """A record as its layout parses it."""

    stream: Stream
    line: int
    text: str
    fields: Mapping[str, str]

    @property
    def place(self) -> Place:
        return self.stream.renderer.name, self.line


def rows_of(run: RecordedRun) -> list[Row]:
    """Read the files of a run in the plainest way."""
    import pyarrow.parquet as pq

    delivered = pq.read_table(run.deliveries).to_pydict()
    arrived = set(zip(delivered["stream"], delivered["line"], strict=True))
    rows = []
    for stream in run.streams:
        layout, tag = stream.format.layout, stream.format.tag_text(run.tag)
        text = stream.path.read_bytes().decode(errors="replace")
        for number, line in enumerate(text.split("\n")[:-1], 1):
            if (stream.renderer.name, number) in arrived:
                bare = line.replace(tag, "") if tag else line
                fields = layout.parse(bare)
                words = "\n".join(fields.values()) if isinstance(layout, JsonLayout) else bare
                rows.append(Row(stream, number, words, fields))
    return rows


def name_in(source: LogSource, stream: Stream, name: str) -> str:
    for mapping in (source.fields, stream.renderer.fields):
        if name in mapping:
            return mapping[name]
        for prefix in sorted((key[:-1] for key in mapping if key.endswith("*")), key=len, reverse=True):
            if name.startswith(prefix):
                return mapping[prefix + "*"].replace("*", name[len(prefix) :], 1)
    return name


def sources_of(rule: SigmaRule, stream: Stream) -> Iterator[LogSource]:
    for source in stream.renderer.log_sources:
        wanted = [(rule.logsource.product, source.product), (rule.logsource.category, source.category)]
        wanted.append((rule.logsource.service, source.service))
        if all(not one or one.lower() == (other or "").lower() for one, other in wanted):
            yield source


def in_source(row: Row, source: LogSource) -> bool:
    return all(
        row.fields.get(name, "").lower() in [value.lower() for value in values] and name in row.fields
        for name, values in source.where.items()
    )


class TextBackend(sqliteBackend):
    """The reference for tables of text: numbers are compared as numbers."""

    compare_op_expression = f"({numeric('{field}')}) {{operator}} {{value}}"
    columns: Mapping[str, str] | None = None

    def escape_and_quote_field(self, field: str) -> str:
        if self.columns is None or field == self.fulltext_field:
            return super().escape_and_quote_field(field)
        return quote(self.columns.get(field, "no such field"))

    def resolve_table(self, state=None):  # type: ignore[no-untyped-def]
        return quote(self.table)


def connection() -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    database.create_function(
        "REGEXP",
        2,
        lambda pattern, text: text is not None and re2.search(pattern, str(text)) is not None,
        deterministic=True,
    )
    return database


@dataclass
class Reference:
    """A table for each stream, whose columns are numbered: SQLite would take Image and image for one."""

    rows: Sequence[Row]
    database: sqlite3.Connection = field(default_factory=connection)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    by_stream: dict[str, list[Row]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.rows:
            self.by_stream.setdefault(row.stream.renderer.name, []).append(row)
        for stream, rows in self.by_stream.items():
            names = sorted({name for row in rows for name in row.fields})
            self.columns[stream] = {name: f"c{number}" for number, name in enumerate(names)}
            declared = ["line INTEGER", "words TEXT", '"no such field" TEXT COLLATE NOCASE']
            declared += [f"{column} TEXT COLLATE NOCASE" for column in self.columns[stream].values()]
            self.database.execute(f"CREATE TABLE {quote(stream)} ({', '.join(declared)})")
            marks = ", ".join("?" * len(declared))
            self.database.executemany(
                f"INSERT INTO {quote(stream)} VALUES ({marks})",
                ([row.line, row.text, None, *(row.fields.get(name) for name in names)] for row in rows),
            )

    def hits(self, rule: SigmaRule) -> set[Place]:
        """Return the records that a rule matches, whatever stream they are of."""
        found = set()
        for stream, rows in self.by_stream.items():
            for source in sources_of(rule, rows[0].stream):
                inside = {row.line for row in rows if in_source(row, source)}
                if not inside:
                    continue
                backend = TextBackend(collate_nocase=True, fulltext_field="words", table=stream)
                wanted = {*backend.required_fields(rule)}
                known = self.columns[stream]
                backend.columns = {
                    name: known[name_in(source, rows[0].stream, name)]
                    for name in wanted
                    if name_in(source, rows[0].stream, name) in known
                }
                for query in backend.convert_rule(rule):
                    answer = self.database.execute(query.replace("SELECT *", "SELECT line", 1))
                    found |= {(stream, line) for (line,) in answer if line in inside}
        return found


def assert_agrees_with_sqlite(run: RecordedRun, rules: Sequence[Path]) -> int:
    """Run rules both ways over a recorded run, lateness aside, and compare their hits one by one; return how many."""
    reference = Reference(rows_of(run))
    failed: list[str] = []
    hits = 0
    with DuckDBStore(run) as store:
        play = Play.of(rules, store, run.schedule)
        streams = [stream.renderer.name for stream in store.streams]
        play.detection()
        for rule in play.rules:
            if not isinstance(rule.sigma, SigmaRule):
                continue
            if rule.status != "ran":
                failed.append(f"{rule.path}: {rule.reason}")
                continue
            found = places(play.find(rule).records, streams)
            assert found == reference.hits(plain_rule(rule.path, rule.id)), rule.path
            hits += len(found)
    assert len(failed) <= len(rules) / 100, failed
    return hits


def plain_rule(path: Path, identity: str) -> SigmaRule:
    """Parse a file once more: conversion leaves marks on a rule."""
    documents = list(
        yaml.load_all(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    )
    for rule in SigmaCollection.from_dicts(documents, resolve_references=False):
        if isinstance(rule, SigmaRule) and identity in {str(rule.id), rule.name, path.stem}:
            return rule
    raise AssertionError(f"{path} has no rule {identity}")


def places(records: Integers, streams: Sequence[str]) -> set[Place]:
    numbers, lines = streams_and_lines(records)
    return {(streams[number], line) for number, line in zip(numbers.tolist(), lines.tolist(), strict=True)}


Window = tuple[tuple[str, ...], float, float, float, tuple[Place, ...]]


class GatedBackend(TextBackend):
    """Adds the log source to each rule's predicate: all records lie in one table, so that one event is one event."""

    gates: Mapping[str, str] = {}

    def convert_rule(self, rule, output_format=None, callback=None):  # type: ignore[no-untyped-def]
        answer = super().convert_rule(rule, output_format, callback)
        gate = self.gates[str(rule.id or rule.name)]
        rule.set_conversion_result([f"{gate} = 1 AND ({query})" for query in rule.get_conversion_result()])
        return answer


def reference_windows(run: RecordedRun, path: Path, title: str, horizon: int) -> list[Window]:
    """Return the windows that SQLite finds for the correlation with this title, over all streams at once."""
    collection = SigmaCollection.from_yaml(path.read_text(encoding="utf-8"))
    correlations = [rule for rule in collection if isinstance(rule, SigmaCorrelationRule)]
    bases = [rule for rule in collection if isinstance(rule, SigmaRule)]
    names = {name for base in bases for name in TextBackend(fulltext_field="words").required_fields(base)}
    for each in correlations:
        names |= {
            *(each.group_by or ()),
            *([each.condition.fieldref] if getattr(each.condition, "fieldref", None) else []),
        }
        names |= {name for alias in each.aliases for name in [alias.alias, *alias.mapping.values()]}
    ordered = sorted(names - {"words"})
    gates = {str(base.id or base.name): f"gate{number}" for number, base in enumerate(bases)}
    database = connection()
    declared = ["id TEXT", "seconds REAL", "words TEXT", *(f"{gate} INTEGER" for gate in gates.values())]
    declared += [f"{quote(name)} TEXT COLLATE NOCASE" for name in ordered]
    database.execute(f"CREATE TABLE logs ({', '.join(declared)})")
    for row, seconds in zip(rows_of(run), times_of(run), strict=True):
        open_to = [any(in_source(row, source) for source in sources_of(base, row.stream)) for base in bases]
        source = next((s for base in bases for s in sources_of(base, row.stream)), LogSource())
        values = [row.fields.get(name_in(source, row.stream, name)) for name in ordered]
        marks = ", ".join("?" * len(declared))
        database.execute(
            f"INSERT INTO logs VALUES ({marks})", [f"{row.place[0]}/{row.line}", seconds, row.text, *open_to, *values]
        )
    backend = GatedBackend(
        collate_nocase=True, fulltext_field="words", timestamp_field="seconds", timestamp_format="unix",
        event_id_field="id", observation_end=horizon / 1e9,
    )  # fmt: skip
    backend.gates = gates
    plans = [query["correlation_plan"] for query in _converted(backend, collection) if query.get("title") == title]
    answer, _ = execute_plan(database, plans[0])
    return sorted(_window(each) for each in answer)


def _converted(backend: sqliteBackend, collection: SigmaCollection) -> list[dict]:  # type: ignore[type-arg]
    backend.init_processing_pipeline("zircolite")
    found = []
    for rule in collection.rules:
        if isinstance(rule, SigmaRule):
            backend.convert_rule(rule, "zircolite")
        else:
            rule._output = True
            found += backend.convert_correlation_rule(rule, "zircolite")
    return found


def _window(answer: Mapping) -> Window:  # type: ignore[type-arg]
    key = tuple(str(value).lower() for value in answer["group_keys"].values())
    evidence = sorted(identity.split(":", 1)[1].rsplit("/", 1) for identity in answer["event_ids"])
    cited = tuple(sorted((stream, int(line)) for stream, line in evidence))
    return (
        key,
        round(answer["window_start"], 3),
        round(answer["window_end"], 3),
        round(answer["metric_value"], 6),
        cited,
    )


def times_of(run: RecordedRun) -> list[float]:
    """Return the records' times as the store reads them; another test holds them against the layouts."""
    times: list[float] = []
    with DuckDBStore(run) as store:
        for stream in run.streams:
            table = store.table(stream.renderer.name, {})
            times += [row["time"] / 1e9 for row in store.query(f"SELECT time FROM {table} ORDER BY line").to_pylist()]
    return times


def our_windows(run: RecordedRun, path: Path, title: str, horizon: int) -> list[Window]:
    with DuckDBStore(run) as store:
        play = Play.of([path], store, run.schedule)
        rule = next(rule for rule in play.rules if rule.title == title)
        assert rule.status == "ran", rule.reason
        correlation = correlation_of(rule, {base: play.find(base) for base in play.base_rules(rule)})
        finding = correlation.find(Seen(horizon=horizon))
        streams = [stream.renderer.name for stream in store.streams]
        windows = finding.windows
        return sorted(
            (
                tuple(value.lower() for value in correlation.keys.keys[int(windows.groups[number])]),
                round(float(windows.starts[number]) / 1e9, 3),
                round(float(windows.ends[number]) / 1e9, 3),
                round(float(windows.metrics[number]), 6),
                tuple(sorted(places(finding.records([number]), streams))),
            )
            for number in range(len(windows))
        )
