"""Series and rules for tests, and what ``promtool test rules`` says of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import yaml

from simulator_prometheus.promql.series import STALE, Labels, SeriesStore, labels_of
from simulator_prometheus.rules.engine import Engine
from simulator_prometheus.rules.outcomes import Outcome, Span
from simulator_prometheus.rules.reading import Rule, read_rule_file
from tests.servers import promtool

MINUTE = 60_000  # ms
_ASKED = re.compile(r'^ {4}expr: "(.*)", time: (\S+),$', re.MULTILINE)
_SAMPLE = re.compile(r'\{((?:[^"}]|"(?:\\.|[^"\\])*")*)\} ([-+.0-9A-Za-z]+)')
_UNITS = {"h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:\\.|[^"\\])*)"')


def duration(text: str) -> int:
    """Return the milliseconds of ``1h2m3.5s``."""
    return round(sum(float(amount) * _UNITS[unit] for amount, unit in re.findall(r"([0-9.]+)(ms|h|m|s)", text)))


def store_of(series: Mapping[str, Sequence[float | str | None]], interval: int) -> SeriesStore:
    """Return a store with series of a value an interval; None is no sample, ``stale`` a stale marker."""
    store = SeriesStore()
    for name, values in series.items():
        times = np.array([at * interval for at, value in enumerate(values) if value is not None], np.int64)
        given = np.array([STALE if value == "stale" else value for value in values if value is not None], np.float64)
        store.add(labels_of(_labels(name)), times, given)
    return store


def _labels(name: str) -> Iterator[tuple[str, str]]:
    metric, _, rest = name.partition("{")
    yield "__name__", metric
    for label, text in _LABEL.findall(rest):
        yield label, json.loads(f'"{text}"')


def ours(path: Path, store: SeriesStore, end: int) -> dict[Rule, Outcome]:
    """Run the rules of a file from 0 to ``end`` (ms)."""
    file = read_rule_file(path)
    assert not file.faults.found, [str(fault) for fault in file.faults.found]
    engine = Engine(file.groups, store, Span(0, end * 1_000_000))
    engine.run()
    return engine.outcomes


def alerts(outcomes: Mapping[Rule, Outcome], times: Sequence[int], interval: int) -> dict[int, set[tuple[Labels, str]]]:
    """Return which alerts are in which state at each time (ms)."""
    found: dict[int, set[tuple[Labels, str]]] = {time: set() for time in times}
    for outcome in outcomes.values():
        for life in outcome.lives:
            for time in times:
                if life.active <= time and (life.ended is None or time < life.ended):
                    firing = life.fired is not None and life.fired <= time
                    found[time].add((life.labels, "firing" if firing else "pending"))
    return found


def asked(
    folder: Path,
    path: Path,
    series: Mapping[str, Sequence[float | str | None]],
    interval: int,
    expressions: Sequence[tuple[str, int]],
) -> dict[tuple[str, int], dict[Labels, float]]:
    """Return what expressions give at times (ms), says ``promtool test rules``: of what it did not expect, it tells."""
    test = {
        "rule_files": [str(path)],
        "evaluation_interval": "1m",
        "group_eval_order": [group.name for group in read_rule_file(path).groups],
        "tests": [
            {
                "interval": f"{interval}ms",
                "input_series": [
                    {"series": name, "values": " ".join(written(value) for value in values)}
                    for name, values in series.items()
                ],
                "promql_expr_test": [
                    {"expr": expression, "eval_time": f"{time}ms", "exp_samples": []}
                    for expression, time in expressions
                ],
            }
        ],
    }
    file = folder / "test.yml"
    file.write_text(yaml.safe_dump(test, width=1_000_000, allow_unicode=True))
    answer = promtool("test", "rules", file)
    told = answer.stdout + answer.stderr
    assert " err: " not in told, told
    found: dict[tuple[str, int], dict[Labels, float]] = {each: {} for each in expressions}
    pieces = _ASKED.split(told)
    for expression, time, said in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        for labels, value in _SAMPLE.findall(said.split("got:")[1]):
            pairs = [(name, json.loads(f'"{text}"')) for name, text in _LABEL.findall(labels)]
            found[expression, duration(time)][labels_of(pairs)] = float(value)
    return found


def theirs(
    folder: Path, path: Path, series: Mapping[str, Sequence[float | str | None]], interval: int, times: Sequence[int]
) -> dict[int, set[tuple[Labels, str]]]:
    """Return which alerts are in which state at each time (ms), as Prometheus says."""
    told = asked(folder, path, series, interval, [("ALERTS", time) for time in times])
    found: dict[int, set[tuple[Labels, str]]] = {}
    for (_, time), samples in told.items():
        found[time] = set()
        for labels in samples:
            pairs = dict(labels)
            state = pairs.pop("alertstate")
            del pairs["__name__"]
            found[time].add((labels_of(pairs.items()), state))
    return found


def written(value: float | str | None) -> str:
    if value is None or isinstance(value, str):
        return value or "_"
    text = repr(float(value))
    return {"nan": "NaN", "inf": "Inf", "-inf": "-Inf"}.get(text, text)
