"""Prometheus: scrapes, remote write, and the detector that runs its rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator import hookimpl

if TYPE_CHECKING:
    from simulator import Detector, Format, Renderer


@hookimpl
def simulator_detectors() -> Iterable[Detector]:
    from simulator_prometheus.detector import PrometheusDetector

    return (PrometheusDetector(),)


@hookimpl
def simulator_formats() -> Iterable[Format]:
    from simulator_prometheus.formats import RemoteWriteFormat, TextFormat

    return (TextFormat(), RemoteWriteFormat())


@hookimpl
def simulator_renderers() -> Iterable[Renderer]:
    from simulator_prometheus.exposition import METRICS
    from simulator_prometheus.remote_write import METRICS_REMOTE_WRITE

    return (METRICS, METRICS_REMOTE_WRITE)
