"""Feint's own instruments: free when off, read back by Prometheus, and all that the dashboard asks for."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest

from simulator.instruments import (
    INSTRUMENTS,
    about,
    count,
    gauge,
    observed_run,
    span,
    switch_off,
    switch_on,
    timed,
)
from tests.otlp_receiver import Received, receiver
from tests.servers import prometheus

DASHBOARD = Path(__file__).resolve().parents[1] / "sandbox" / "grafana" / "feint.json"
VARIABLES = {"$__rate_interval": "1m", "$__range": "6h", "$playbook": ".*", "$run": ".*", "$version": ".*"}
UNITS = {"s": "_seconds", "By": "_bytes"}


def names_in_prometheus(name: str) -> set[str]:
    """Return what an instrument's series are called there: OpenTelemetry's compatibility specification."""
    instrument = INSTRUMENTS[name]
    stem = name.replace(".", "_") + UNITS.get(instrument.unit, "")
    endings = {"counter": ["_total"], "gauge": [""], "histogram": ["_bucket", "_sum", "_count"]}
    return {stem + ending for ending in endings[instrument.kind]}


ALL_NAMES = {each for name in INSTRUMENTS for each in names_in_prometheus(name)}


def told_of_everything() -> None:
    """Use each instrument once, with all of its labels."""
    with observed_run("a-playbook", "r00000001"):
        for name, instrument in INSTRUMENTS.items():
            labels = dict.fromkeys(instrument.labels, "x")
            if instrument.kind == "counter":
                count(name, 3, **labels)
            elif instrument.kind == "gauge":
                gauge(name, 0.5, **labels)
            else:
                with timed(name, **labels):
                    pass


def expressions() -> Iterator[tuple[str, str]]:
    """Yield what each panel asks for, and its title."""
    for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]:
        for target in panel.get("targets", ()):
            asked = target["expr"]
            for variable, value in VARIABLES.items():
                asked = asked.replace(variable, value)
            yield panel["title"], asked


def selectors(node: Any) -> Iterator[Any]:
    """Yield the vector selectors of a parsed expression."""
    if isinstance(node, promql_parser.VectorSelector):
        yield node
    for name in ("expr", "lhs", "rhs", "vector_selector", "param"):
        inner = getattr(node, name, None)
        if inner is not None:
            yield from selectors(inner)
    for argument in getattr(node, "args", ()):
        yield from selectors(argument)


def test_what_is_off_costs_next_to_nothing():
    began = time.perf_counter()
    for _ in range(10_000):
        count("feint.records", 1, stream="x")
        with timed("feint.render.duration", stream="x"), span("play"):
            pass
    each = (time.perf_counter() - began) / 10_000

    assert each < 20e-6  # and that for each batch of thousands of records; it is about 1 µs


def test_an_exception_leaves_its_type_and_never_its_text():
    with receiver() as received:
        switch_on(received.url, "1.2.3")
        with pytest.raises(ValueError, match="sesame"), observed_run("a-playbook", "r00000001"), span("play"):
            raise ValueError("sesame")
        said = switch_off()

    assert said is None
    assert received.total("feint.runs", outcome="failed") == 1
    for each in received.spans.values():
        assert {label.key: label.value.string_value for label in each.attributes}["error.type"] == "ValueError"
        assert not each.events
    assert "sesame" not in str(received.traces) + str(received.metrics)


def test_what_follows_is_told_of_the_run_that_was_named_last():
    with receiver() as received:
        switch_on(received.url, "1.2.3")
        for number in (1, 2):
            about("a-playbook", f"r0000000{number}")
            count("feint.events", number)
        switch_off()

    assert received.total("feint.events", run="r00000001") == 1
    assert received.total("feint.events", run="r00000002", version="1.2.3") == 2
    assert received.total("feint.sink.errors", run="r00000002") == 0


def test_lines_of_a_file_are_those_that_a_server_gets(tmp_path):
    with receiver() as received:
        for target in (received.url, str(tmp_path / "own.ndjson")):
            switch_on(target, "1.2.3")
            told_of_everything()
            assert switch_off() is None
    read = Received()
    for line in (tmp_path / "own.ndjson").read_text().splitlines():
        read.read(line)

    def without_times(request: Any) -> Any:
        for metric in request.resource_metrics[0].scope_metrics[0].metrics:
            for point in getattr(metric, metric.WhichOneof("data")).data_points:
                for name in ("start_time_unix_nano", "time_unix_nano"):
                    point.ClearField(name)
                if metric.WhichOneof("data") == "histogram":
                    for name in ("sum", "min", "max", "bucket_counts"):
                        point.ClearField(name)
        request.resource_metrics[0].ClearField("resource")
        return request

    assert list(map(without_times, read.metrics)) == list(map(without_times, received.metrics))
    assert read.spans.keys() == received.spans.keys() == {"run"}


def test_prometheus_names_them_as_the_dashboard_does(tmp_path):
    with prometheus(tmp_path) as server:
        switch_on(f"{server.url}/api/v1/otlp", "1.2.3")
        told_of_everything()
        assert switch_off() is None
        named = set(server.get("/api/v1/label/__name__/values")["data"])
        answers = {
            title: server.get("/api/v1/query", query=asked)["data"]["result"]
            for title, asked in expressions()
            if "rate(" not in asked  # which takes more than one sample
        }

    assert named >= ALL_NAMES
    assert named - ALL_NAMES <= {"target_info"}
    assert all(answers.values()), [title for title, answer in answers.items() if not answer]


@pytest.mark.parametrize(("title", "asked"), list(expressions()), ids=str)
def test_the_dashboard_asks_for_what_there_is(title, asked):
    found = list(selectors(promql_parser.parse(asked)))

    assert found
    for each in found:
        assert each.name in ALL_NAMES
        assert each.name is not None
        (instrument,) = (INSTRUMENTS[name] for name in INSTRUMENTS if each.name in names_in_prometheus(name))
        labels = {matcher.name for matcher in each.matchers.matchers}
        assert labels <= {"job", "playbook", "run", "version", *instrument.labels}
    labels = set(re.findall(r"\b(?:by|on) \(([^)]*)\)", asked))
    known = {"le", "playbook", "run", "version", "instance", "stream", "detector", "status", "outcome"}
    assert {label.strip() for each in labels for label in each.split(",")} <= known


def test_each_instrument_is_on_the_dashboard():
    asked = {each.name for _, text in expressions() for each in selectors(promql_parser.parse(text))}

    assert [name for name in INSTRUMENTS if not names_in_prometheus(name) & asked] == []


def test_the_dashboard_has_its_rows_and_no_panel_twice():
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    panels = dashboard["panels"]

    assert [each["title"] for each in panels if each["type"] == "row"] == ["Overview", "On-call", "Debug"]
    assert len({each["id"] for each in panels}) == len(panels)
    assert len({each["title"] for each in panels}) == len(panels)
    assert all(each["description"] for each in panels if each["type"] != "row")
    assert dashboard["schemaVersion"] >= 41
    places = [each["gridPos"] for each in panels]
    taken = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(taken)) == len(taken)
    assert max(x for x, _ in taken) < 24
    variables = {each["name"] for each in dashboard["templating"]["list"]}
    assert variables == {"datasource", "playbook", "run", "version"}
