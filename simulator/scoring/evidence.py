"""Joins what alerts cite with what really happened. Ten million rows of truth stay columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.errors import UsageError
from simulator.interruption import uninterrupted

if TYPE_CHECKING:
    from simulator.detection import Alert

# Acts are filtered before the join: nearly all rows of the ledger are background.
_CITED = """
    SELECT DISTINCT cited.alert, truth.act
    FROM (SELECT stream, line, act FROM read_parquet($truth) WHERE act <> '') AS truth
    JOIN cited ON truth.stream = cited.stream AND truth.line = cited.line
    ORDER BY ALL"""
_DELIVERED = """
    SELECT truth.act, truth.stream, min(deliveries.delivered)
    FROM (SELECT stream, line, act FROM read_parquet($truth) WHERE starts_with(act, 'step:')) AS truth
    JOIN read_parquet($deliveries) AS deliveries ON truth.stream = deliveries.stream AND truth.line = deliveries.line
    GROUP BY ALL
    ORDER BY ALL"""


@dataclass(frozen=True, slots=True)
class Citations:
    """Which steps and decoys each alert cites, by the alert's place in the list."""

    steps: Mapping[int, frozenset[str]]
    decoys: Mapping[int, frozenset[str]]


def citations(truth: Path, alerts: Sequence[Alert]) -> Citations:
    """Say whose records each alert cites."""
    import pyarrow as pa

    place, streams, lines = [], [], []
    for index, alert in enumerate(alerts):
        for stream, line in alert.evidence:
            place.append(index)
            streams.append(stream)
            lines.append(line)
    cited = pa.table(
        {
            "alert": pa.array(place, pa.int64()),
            "stream": pa.array(streams, pa.string()),
            "line": pa.array(lines, pa.int64()),
        }
    )
    found: dict[str, dict[int, set[str]]] = {"step": defaultdict(set), "decoy": defaultdict(set)}
    for index, act in _rows(_CITED, cited, truth=truth) if place else ():
        kind, _, name = act.partition(":")
        found[kind][index].add(name)
    return Citations(*({index: frozenset(names) for index, names in found[kind].items()} for kind in ("step", "decoy")))


def first_deliveries(truth: Path, deliveries: Path) -> dict[tuple[str, str], int]:
    """Return when the first record of each (step, stream) was delivered, in nanoseconds since the epoch."""
    rows = _rows(_DELIVERED, None, truth=truth, deliveries=deliveries)
    return {(act.partition(":")[2], stream): delivered for act, stream, delivered in rows}


def _rows(query: str, cited: object, **files: Path) -> list[tuple[Any, ...]]:
    import duckdb

    connection = duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false"})
    try:
        if cited is not None:
            connection.register("cited", cited)
        with uninterrupted(connection.interrupt):
            found = connection.execute(query, {name: str(path) for name, path in files.items()})
            rows: list[tuple[Any, ...]] = found.fetchall()
        return rows
    except duckdb.Error as error:
        names = " and ".join(str(path) for path in files.values())
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UsageError(
            f"{names}: cannot be read as the ledger of a run ({reason}); play the playbook again"
        ) from error
    finally:
        connection.close()
