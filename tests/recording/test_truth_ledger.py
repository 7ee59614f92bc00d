"""The ledger of the truth: the same files however its rows come in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from simulator.errors import SinkError, UsageError
from simulator.events.event_types import EventType
from simulator.events.ids import event_ids
from simulator.recording.truth_ledger import Ledger, check_ledger
from simulator.telemetry.streams import RenderedBatch
from simulator.timeline.arrivals import Span
from simulator.timeline.emission import Act, Emission

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HEADINGS = {"one": 0, "two": 8}
EVENT = EventType("thing.happened", "A thing happened", ())
EMISSIONS = [
    Emission("background/things", EVENT, Act("background"), Span(0, MINUTE), {}),
    Emission("storyline/break/things", EVENT, Act("step", "break"), Span(0, MINUTE), {}),
]
TIMES = {"one": [3, 9, 10, 11, 29, 30, 59], "two": [0, 10, 45]}


def batch(stream: str, emission: int, low: int, high: int) -> RenderedBatch:
    """Return what a stream recorded from one second to another: a record each of its times."""
    rows = [(row, at) for row, at in enumerate(TIMES[stream]) if low <= at < high]
    times = np.array([at * SECOND for _, at in rows], np.int64)
    ids = event_ids(emission, 0, len(TIMES[stream]))[[row for row, _ in rows]]
    return RenderedBatch(stream, np.zeros(0, np.uint8), np.arange(len(rows)), ids, times, times + SECOND)


def written(folder: Path, windows: Sequence[int]) -> Path:
    """Write a ledger, window after window; each number is the second that one ends at."""
    folder.mkdir()
    ledger = Ledger(folder, EMISSIONS, HEADINGS, 0, 10 * SECOND)
    for low, high in zip([0, *windows], windows, strict=False):
        for emission, stream in enumerate(HEADINGS):
            found = batch(stream, emission, low, high)
            if len(found):
                ledger.recorded(found)
        ledger.passed(high * SECOND)
    ledger.close()
    ledger.close()  # a second time is harmless
    return folder


@pytest.mark.parametrize("windows", [[60], [7, 14, 21, 28, 35, 42, 49, 56, 60], [10, 20, 60], range(1, 61)], ids=str)
def test_its_bytes_do_not_depend_on_the_windows_that_rows_come_in(tmp_path, windows):
    usual, other = written(tmp_path / "usual", [20, 40, 60]), written(tmp_path / "other", windows)

    for name in ("truth.parquet", "deliveries.parquet"):
        assert (usual / name).read_bytes() == (other / name).read_bytes()


def test_each_record_has_its_line_behind_the_heading_its_time_and_its_act(tmp_path):
    folder = written(tmp_path / "run", [60])
    truth = pq.read_table(folder / "truth.parquet").to_pylist()
    deliveries = pq.read_table(folder / "deliveries.parquet").to_pylist()
    second = [row for row in truth if row["stream"] == "two"]

    assert [(row["line"], row["time"] // SECOND) for row in second] == [(9, 0), (10, 10), (11, 45)]
    assert {(row["emission"], row["act"]) for row in second} == {("storyline/break/things", "step:break")}
    assert {row["act"] for row in truth if row["stream"] == "one"} == {""}
    assert [row["delivered"] for row in deliveries] == [row["time"] + SECOND for row in truth]


def test_a_ledger_of_nothing_can_be_read(tmp_path):
    check_ledger(written(tmp_path / "run", []))


@pytest.mark.parametrize("name", ["truth.parquet", "deliveries.parquet"])
def test_a_file_that_is_no_ledger_is_refused(tmp_path, name):
    folder = written(tmp_path / "run", [60])
    other = {"truth.parquet": "deliveries.parquet", "deliveries.parquet": "truth.parquet"}[name]
    (folder / name).write_bytes((folder / other).read_bytes())

    with pytest.raises(UsageError, match=f"{name}: is not the ledger of a run"):
        check_ledger(folder)


def test_a_folder_that_is_gone_is_a_failed_sink(tmp_path):
    with pytest.raises(SinkError, match=r"truth\.parquet: cannot be written"):
        Ledger(tmp_path / "gone", EMISSIONS, HEADINGS, 0, SECOND)
