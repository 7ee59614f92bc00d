"""``feint --telemetry``: Feint tells of itself where it is pointed, and no run ever notices."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simulator import __version__
from simulator.instruments import INSTRUMENTS, SPANS
from tests.cli.conftest import COMMAND
from tests.night_visit import NAME, STREAMS
from tests.otlp_receiver import Received, receiver
from tests.servers import free_port, prometheus

FILE = f"./{NAME}.yaml"
KEYS = {"playbook", "run", "version"}


def read(path: Path) -> Received:
    received = Received()
    for line in path.read_text(encoding="utf-8").splitlines():
        received.read(line)
    return received


def run_id(folder: Path) -> str:
    return str(json.loads((folder / "manifest.json").read_text())["run"])


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Return what a run left, but for when that was."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }


def test_nothing_of_opentelemetry_is_imported_when_nobody_asked(here):
    code = (
        "import sys\nfrom simulator.cli import main\n"
        f"sys.argv = ['feint', 'play', '{FILE}', '--out', 'run', '--json']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print([each for each in sys.modules if each.startswith(('opentelemetry', 'requests'))], file=sys.stderr)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ended.stderr == "[]\n"


def test_a_receiver_gets_what_the_run_was(feint, here):
    with receiver() as received:
        ended = feint("--telemetry", received.url, "play", FILE, "--out", "run", "--json")

    assert ended.err == ""
    told = json.loads(ended.out)
    assert received.total("feint.events") == told["events"]
    assert received.total("feint.records") == told["records"]
    assert {dict(labels)["stream"] for labels in received.points["feint.records ({record})"]} == set(STREAMS)
    for stream, extension in STREAMS.items():
        size = (here / "run" / "telemetry" / stream / f"{stream}.{extension}").stat().st_size
        assert 0 < received.total("feint.output", stream=stream) <= size  # headers are no records
    assert received.total("feint.runs", outcome="complete") == 1
    assert received.total("feint.rules", detector="sigma") >= 1
    assert received.total("feint.alerts", detector="sigma") >= 1


def test_all_that_is_told_stands_in_the_tables_with_playbook_run_and_version(feint, here):
    feint("--telemetry", "own.ndjson", "play", FILE, "--out", "run", "--json")
    received = read(here / "own.ndjson")

    tag = {"playbook": NAME, "run": run_id(here / "run"), "version": __version__}
    for told, points in received.points.items():
        name = told.partition(" ")[0]
        assert told == f"{name} ({INSTRUMENTS[name].unit})"
        for labels in points:
            assert tag.items() <= dict(labels).items()
            assert set(dict(labels)) - KEYS <= set(INSTRUMENTS[name].labels)
    unseen = {"feint.clock.lag"}  # only runs at a given speed have it
    assert {told.partition(" ")[0] for told in received.points} == set(INSTRUMENTS) - unseen
    for resource in received.resources:
        assert set(resource) == {"service.name", "service.version", "service.instance.id"}
        assert (resource["service.name"], resource["service.version"]) == ("feint", __version__)
    for span in received.spans.values():
        attributes = {each.key: each.value for each in span.attributes}
        assert set(attributes) == {*KEYS, *SPANS[span.name]}
        assert attributes["run"].string_value == tag["run"]


def test_spans_show_what_took_the_time_of_a_run(feint, here):
    feint("--telemetry", "own.ndjson", "play", FILE, "--out", "run", "--json")
    spans = read(here / "own.ndjson").spans

    assert set(spans) == {"run", "play", "judge", "detect"}
    assert not spans["run"].parent_span_id
    for child, parent in {"play": "run", "judge": "run", "detect": "judge"}.items():
        inner, outer = spans[child], spans[parent]
        assert inner.parent_span_id == outer.span_id
        assert inner.trace_id == outer.trace_id
        assert outer.start_time_unix_nano <= inner.start_time_unix_nano
        assert inner.end_time_unix_nano <= outer.end_time_unix_nano


def test_no_byte_of_a_run_changes_when_it_is_measured(feint, here):
    feint("play", FILE, "--out", "unseen", "--json")
    with receiver() as received:
        feint("--telemetry", received.url, "play", FILE, "--out", "seen", "--json")

    assert received.metrics
    assert bytes_of(here / "seen") == bytes_of(here / "unseen")


@pytest.mark.parametrize(
    ("answer", "why"),
    [({"status": 500}, "500"), ({"status": 307, "headers": {"Location": "http://192.0.2.1/"}}, "307")],
)
def test_who_does_not_take_it_is_named_once_and_the_run_is_whole(feint, here, answer, why):
    with receiver(**answer) as received:
        ended = feint("--telemetry", received.url, "play", FILE, "--out", "run", "--no-score", "--json")

    assert ended.code == 0
    (said,) = ended.err.splitlines()
    assert said.startswith(f"feint: telemetry: {received.url} did not take all of Feint's own telemetry")
    assert f"it answers {why} " in said
    assert (here / "run" / "manifest.json").is_file()


def test_nobody_there_and_nobody_answering_hold_a_run_up_for_seconds_at_most(feint, here):
    for number, listening in enumerate((False, True)):
        with receiver(wait=60) as received:
            url = received.url if listening else f"http://127.0.0.1:{free_port()}"
            began = time.monotonic()
            ended = feint("--telemetry", url, "play", FILE, "--out", f"run{number}", "--no-score", "--json")

        assert time.monotonic() - began < 15
        assert ended.code == 0
        assert len(ended.err.splitlines()) == 1
        assert "it does not answer" in ended.err


def test_a_server_that_knows_only_metrics_is_no_reason_to_complain(feint, here):
    """As Prometheus is one; here an address whose traces have no place."""
    with prometheus(here) as server:
        ended = feint("--telemetry", f"{server.url}/api/v1/otlp", "play", FILE, "--out", "run", "--json")
        events = server.get("/api/v1/query", query='feint_events_total{job="feint"}')["data"]["result"]

    assert ended.err == ""
    assert [float(each["value"][1]) for each in events] == [json.loads(ended.out)["events"]]
    assert events[0]["metric"]["playbook"] == NAME


def test_secrets_in_the_environment_go_where_the_environment_says_and_nowhere_else(feint, here, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=sesame")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "team=ours")
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    with receiver() as received, receiver() as asked:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", asked.url)
        feint("--telemetry", received.url, "play", FILE, "--out", "run", "--no-score", "--json")
        assert received.headers
        assert not asked.headers
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        feint("--telemetry", "env", "play", FILE, "--out", "run2", "--no-score", "--json")

    assert not any("sesame" in each.values() for each in received.headers)
    assert not any("team" in each for each in received.resources)
    assert asked.headers
    assert all(each["api-key"] == "sesame" for each in asked.headers)
    assert all(each["team"] == "ours" for each in asked.resources)


def test_a_paced_run_that_is_stopped_tells_its_lag_and_how_it_ended(here):
    process = subprocess.Popen(
        [*COMMAND, "--telemetry", "own.ndjson", "play", FILE, "--speed", "120", "--out", "run"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        until = time.monotonic() + 60
        while sum(path.stat().st_size for path in here.glob(".run.playing/telemetry/*/*")) < 20_000:
            assert time.monotonic() < until
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()

    assert process.returncode == 130, err
    received = read(here / "own.ndjson")
    assert received.total("feint.runs", outcome="interrupted") == 1
    (lag,) = received.points["feint.clock.lag (s)"].values()
    assert 0 <= lag.as_double < 60
    assert {each.key: each.value.string_value for each in received.spans["run"].attributes}["error.type"]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("127.0.0.1:4318", "'127.0.0.1:4318' is neither an address nor a file of telemetry; give http://HOST:PORT"),
        ("grpc://127.0.0.1:4317", "'grpc://127.0.0.1:4317' is no address; give http://HOST:PORT"),
        ("http://", "'http://' is no address"),
        ("http://127.0.0.1:99999", "is no address"),
        ("http://ann:sesame@127.0.0.1:4318", "the address has more than host, port and path; set OTEL_EXPORTER_OTLP"),
        ("nowhere/own.ndjson", "cannot be written"),
    ],
)
def test_what_is_no_place_for_it_is_refused_before_anything_is_played(feint, here, target, said):
    ended = feint("--telemetry", target, "play", FILE, "--out", "run")

    assert said in ended.complaint(ended.code)
    assert ended.code in (2, 4)
    assert "sesame" not in ended.err
    assert not (here / "run").exists()
