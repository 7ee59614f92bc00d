"""Window for window what pySigma's SQLite backend finds for correlations of every type, lateness aside."""

# ruff: noqa: E501 - tables of records and rules, a line each

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from simulator import JsonLayout, LogSource, RecordedRun, Renderer
from tests.sandbox.recordings import MINUTE, SECOND, START, HandFormat, Recorder
from tests.sigma.reference import our_windows, reference_windows

LOGINS = Renderer(
    "logins", "Logins", "json", {}, log_sources=(LogSource("demo", "login"),),
    fields={"user": "user.name", "from": "source.ip"}, entities={"source": "source.ip"},
)  # fmt: skip
FLOWS = Renderer("flows", "Flows", "json", {}, log_sources=(LogSource("demo", "flow"),), fields={"src": "source.ip"})
HORIZON = START + 60 * MINUTE

BASES = """
title: failed
name: failed
logsource: {product: demo, category: login}
detection: {s: {outcome: failure}, condition: s}
---
title: succeeded
name: succeeded
logsource: {product: demo, category: login}
detection: {s: {outcome: success}, condition: s}
---
title: any login
name: any_login
logsource: {product: demo, category: login}
detection: {s: {outcome|exists: true}, condition: s}
---
title: flow
name: flow
logsource: {product: demo, category: flow}
detection: {s: {bytes|exists: true}, condition: s}
---
"""

CORRELATIONS = {
    "event_count": "{type: event_count, rules: [failed], group-by: [from], timespan: 3m, condition: {gte: 5}}",
    "event_count without groups": "{type: event_count, rules: [failed], timespan: 1m, condition: {gt: 6}}",
    "event_count of two rules that share events": "{type: event_count, rules: [failed, any_login], group-by: [user, from], timespan: 4m, condition: {gte: 3}}",
    "few events": "{type: event_count, rules: [failed], group-by: [user], timespan: 2m, condition: {lte: 2}}",
    "exactly": "{type: event_count, rules: [failed], group-by: [user], timespan: 2m, condition: {eq: 3}}",
    "not exactly": "{type: event_count, rules: [failed], group-by: [user], timespan: 2m, condition: {neq: 1}}",
    "value_count": "{type: value_count, rules: [failed], group-by: [from], timespan: 5m, condition: {field: user, gte: 4}}",
    "few values": "{type: value_count, rules: [failed], group-by: [from], timespan: 5m, condition: {field: user, lt: 2}}",
    "value_sum": "{type: value_sum, rules: [flow], group-by: [src], timespan: 5m, condition: {field: bytes, gt: 3000}}",
    "value_avg": "{type: value_avg, rules: [flow], group-by: [src], timespan: 5m, condition: {field: bytes, gte: 600}}",
    "value_percentile": "{type: value_percentile, rules: [flow], group-by: [src], timespan: 10m, condition: {field: bytes, percentile: 90, gte: 800}}",
    "value_median": "{type: value_median, rules: [flow], timespan: 2m, condition: {field: bytes, lt: 300}}",
    "temporal": "{type: temporal, rules: [failed, succeeded], group-by: [user, from], timespan: 2m}",
    "temporal over two log sources": "{type: temporal, rules: [failed, flow], group-by: [ip], timespan: 30s, aliases: {ip: {failed: from, flow: src}}}",
    "temporal, two of three": "{type: temporal, rules: [failed, succeeded, flow], group-by: [from], timespan: 20s, condition: {gte: 2}}",
    "temporal_ordered": "{type: temporal_ordered, rules: [failed, succeeded], group-by: [user], timespan: 1m}",
    "temporal_ordered, two of three": "{type: temporal_ordered, rules: [succeeded, failed, any_login], group-by: [user, from], timespan: 5m, condition: {gte: 2}}",
    "temporal_ordered, at most": "{type: temporal_ordered, rules: [failed, succeeded], group-by: [user], timespan: 1m, condition: {lte: 1}}",
    "either": "{type: temporal, group-by: [user, from], timespan: 1m, condition: failed and succeeded or flow}",
    "without": "{type: temporal, rules: [failed, succeeded], group-by: [user], timespan: 1m, condition: failed and not succeeded}",
    "ordered, extended": "{type: temporal_ordered, rules: [failed, succeeded], group-by: [from], timespan: 1m, condition: failed and succeeded}",
}  # fmt: skip

CHAINS = {
    "a correlation over a correlation": (
        "{type: event_count, rules: [failed], group-by: [user, from], timespan: 5m, condition: {gte: 3}}",
        "{type: value_count, rules: [below], group-by: [from], timespan: 10m, condition: {field: user, gte: 2}}",
    ),
    "one that wants other fields of the evidence": (
        "{type: event_count, rules: [failed], group-by: [from], timespan: 3m, condition: {gte: 4}}",
        "{type: value_count, rules: [below], group-by: [from], timespan: 5m, condition: {field: user, gte: 4}}",
    ),
    "a burst, then a success": (
        "{type: event_count, rules: [failed], group-by: [from], timespan: 3m, condition: {gte: 4}}",
        "{type: temporal_ordered, rules: [below, succeeded], group-by: [from], timespan: 2m}",
    ),
    "metrics of metrics": (
        "{type: value_sum, rules: [flow], group-by: [src], timespan: 1m, condition: {field: bytes, gt: 900}}",
        "{type: value_avg, rules: [below], group-by: [src], timespan: 10m, condition: {field: sigma_metric, gte: 1200}}",
    ),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RecordedRun:
    chance = np.random.default_rng(3)
    users, sources = ["Anna", "anna", "bob", "eve", "joe", "kim"], ["192.0.2.1", "192.0.2.2", "192.0.2.3"]

    def times(rows):
        return np.sort(chance.integers(0, 3600, rows)) * SECOND + START

    def stamp(time):
        return str(np.datetime64(int(time), "ns"))[:23] + "Z"

    logins, flows = [], []
    for time in times(400):
        record = {"@timestamp": stamp(time), "outcome": ["failure", "failure", "success"][chance.integers(3)]}
        if chance.random() < 0.95:
            record["user"] = {"name": users[chance.integers(6)]}
        logins.append(json.dumps(record | {"source.ip": sources[chance.integers(3)]}))
    for time in times(300):
        amount = int(chance.integers(1000)) if chance.random() < 0.95 else "many"
        flows.append(
            json.dumps({"@timestamp": stamp(time), "source": {"ip": sources[chance.integers(3)]}, "bytes": amount})
        )
    recorder = Recorder(tmp_path_factory.mktemp("run"))
    recorder.add(LOGINS, HandFormat("json", JsonLayout()), logins).add(FLOWS, HandFormat("json", JsonLayout()), flows)
    return recorder.run()


def agreed(run: RecordedRun, path: Path, text: str) -> int:
    path.write_text(BASES + text, encoding="utf-8")
    ours, theirs = (find(run, path, "on trial", HORIZON) for find in (our_windows, reference_windows))
    assert ours == theirs
    return len(ours)


@pytest.mark.parametrize("name", CORRELATIONS)
def test_a_correlation_finds_the_windows_that_sqlite_finds(run, tmp_path, name):
    text = f"title: on trial\nname: on_trial\ncorrelation: {CORRELATIONS[name]}\n"

    assert agreed(run, tmp_path / "rules.yml", text) > 0


@pytest.mark.parametrize("name", CHAINS)
def test_a_correlation_of_correlations_finds_the_windows_that_sqlite_finds(run, tmp_path, name):
    below, above = CHAINS[name]
    text = (
        f"title: below\nname: below\ncorrelation: {below}\n---\ntitle: on trial\nname: on_trial\ncorrelation: {above}\n"
    )

    assert agreed(run, tmp_path / "rules.yml", text) > 0
