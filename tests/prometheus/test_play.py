"""A run with metrics: what the ledger says of samples, and that a run repeats to the byte."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from simulator.playbook.loader import load_playbook
from simulator.playbook.planning.casting import cast_playbook
from simulator.recording.inputs import Inputs
from simulator.usecases.play import Manner, play
from tests.prometheus.scrapes import PLUGINS

WORLD = """
title: Two services
domain: mesh.example
networks: {pods: 10.9.0.0/24}
witnesses:
  - {renderer: prometheus.metrics, delay: {p50: 40ms, p99: 400ms}}
  - {renderer: prometheus.metrics_remote_write}
systems:
  services:
    services:
      web:
        routes:
          GET /: {p50: 5ms, calls: [cart GET /cart]}
      cart:
        routes:
          GET /cart: {p50: 8ms, p99: 40ms}
    traffic:
      - {to: web GET /, arrivals: {poisson: {rate: 5/s}}}
"""
PLAYBOOK = """
name: quiet
title: A cart slows down
kind: incident
description: Two services do their work.
start: 2026-03-03T09:00:00Z
duration: 3m
world: {use: mesh}
storyline:
  - step: slower
    title: The cart slows down
    at: +1m
    for: 1m
    effects: [{effect: latency, with: {service: cart, factor: 3}}]
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> list[Path]:
    folder = tmp_path_factory.mktemp("playbooks")
    (folder / "worlds").mkdir()
    (folder / "worlds" / "mesh.yaml").write_text(WORLD, encoding="utf-8")
    (folder / "quiet.yaml").write_text(PLAYBOOK, encoding="utf-8")
    found = []
    for name in ("one", "other"):
        playbook = load_playbook(folder / "quiet.yaml", PLUGINS)
        casting = cast_playbook(playbook, 1)
        inputs = Inputs("0", 1, casting.parameters, playbook.texts())
        manner = Manner(window=None if name == "one" else 17_000_000_000)
        play(casting, inputs, PLUGINS, folder / name, manner=manner, rules=None)
        found.append(folder / name)
    return found


def test_a_run_repeats_to_the_byte_whatever_its_windows(runs):
    for name in (
        "prometheus.metrics/prometheus.metrics.prom",
        "prometheus.metrics_remote_write/prometheus.metrics_remote_write.binpb",
    ):
        one, other = (run / "telemetry" / name for run in runs)
        assert one.read_bytes() == other.read_bytes()
        assert one.stat().st_size > 10_000


def test_every_sample_is_an_event_of_no_act_at_its_line(runs):
    truth = pq.read_table(runs[0] / "truth.parquet").to_pylist()
    samples = [row for row in truth if row["stream"] == "prometheus.metrics"]
    lines = (runs[0] / "telemetry" / "prometheus.metrics" / "prometheus.metrics.prom").read_text().splitlines()

    assert {row["emission"] for row in samples} == {"metrics/prometheus.metrics"}
    assert {row["act"] for row in truth} == {""}
    assert len({row["event"] for row in truth}) == len(truth)
    assert [row["line"] for row in samples] == [n for n, line in enumerate(lines, 1) if not line.startswith("#")]
    assert all(row["time"] // 10**6 == int(lines[row["line"] - 1].rpartition(" ")[2]) for row in samples)


def test_a_scrape_and_a_sent_body_of_a_target_are_of_one_moment(runs):
    truth = pq.read_table(runs[0] / "truth.parquet").to_pylist()
    moments = {
        name: {row["time"] for row in truth if row["stream"] == name} for name in {row["stream"] for row in truth}
    }

    assert len(moments) == 2
    assert moments["prometheus.metrics"] == moments["prometheus.metrics_remote_write"]
