"""How what is measured leaves: opentelemetry-sdk, in threads of its own, to the one place that the user named."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Thread
from typing import Any

from opentelemetry.metrics import Meter
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import StatusCode

from simulator.clock import new_instance, stopwatch
from simulator.instruments import INSTRUMENTS, SPANS
from simulator.instruments.targets import Exporters, exporters_for

_EVERY_MILLISECONDS = 5_000
_LAST_SECONDS = 3.0
"""How long the end of a run may wait for somebody who does not answer."""

_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)
_AT_ZERO = ("feint.events", "feint.sink.errors", "feint.gate.failures")
"""Counters that are told from the start: who is to be woken by the first error has to see that there was none."""


class Exporting:
    """The instruments of one process, and the way out of it."""

    def __init__(self, target: str, version: str) -> None:
        exporters = exporters_for(target)
        _silence(logging.getLogger("opentelemetry"))
        resource = _resource(exporters, version)
        reader = PeriodicExportingMetricReader(exporters.metrics, _EVERY_MILLISECONDS)  # type: ignore[arg-type]
        self._meters = MeterProvider(
            [reader], resource, shutdown_on_exit=False, exemplar_filter=AlwaysOffExemplarFilter()
        )
        self._tracers = TracerProvider(ALWAYS_ON, resource, shutdown_on_exit=False)
        self._tracers.add_span_processor(
            BatchSpanProcessor(exporters.spans, schedule_delay_millis=_EVERY_MILLISECONDS)  # type: ignore[arg-type]
        )
        self._tracer = self._tracers.get_tracer("feint", version)
        self._instruments = _made(self._meters.get_meter("feint", version))
        self._exporters = exporters
        self._labels: dict[str, str] = {"version": version}

    def about(self, playbook: str, run: str) -> None:
        self._labels = {**self._labels, "playbook": playbook, "run": run}
        for name in _AT_ZERO:
            self.measure(name, 0, {})

    def measure(self, name: str, amount: float, labels: Mapping[str, str]) -> None:
        assert set(labels) <= set(INSTRUMENTS[name].labels), f"{name} has no such labels: {', '.join(labels)}"
        self._instruments[name](amount, {**self._labels, **labels})

    @contextmanager
    def timed(self, name: str, labels: Mapping[str, str]) -> Iterator[None]:
        began = stopwatch()
        try:
            yield
        finally:
            self.measure(name, stopwatch() - began, labels)

    @contextmanager
    def span(self, name: str, attributes: Mapping[str, str | int]) -> Iterator[None]:
        assert set(attributes) == set(SPANS[name]), f"span {name!r} has {SPANS[name]}"
        facts = {**self._labels, **attributes}
        with self._tracer.start_as_current_span(
            name, attributes=facts, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except BaseException as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(StatusCode.ERROR)
                raise

    @contextmanager
    def run(self, playbook: str, run: str) -> Iterator[None]:
        self.about(playbook, run)
        labels = {"outcome": "failed"}
        try:
            with self.timed("feint.run.duration", labels), self.span("run", {}):
                try:
                    yield
                except KeyboardInterrupt:
                    labels["outcome"] = "interrupted"
                    raise
                labels["outcome"] = "complete"
        finally:
            self.measure("feint.runs", 1, labels)

    def finish(self) -> str | None:
        """Send what is left, and leave what does not go: a daemon's thread holds nobody up."""
        ends = [Thread(target=end, daemon=True) for end in (self._meters.shutdown, self._tracers.shutdown)]
        until = stopwatch() + _LAST_SECONDS
        for thread in ends:
            thread.start()
        for thread in ends:
            thread.join(max(0.0, until - stopwatch()))
        return self._exporters.complaint(late=any(thread.is_alive() for thread in ends))


def _made(meter: Meter) -> dict[str, Any]:
    """Return for each name what takes an amount and labels."""
    made: dict[str, Any] = {}
    for name, each in INSTRUMENTS.items():
        if each.kind == "counter":
            made[name] = meter.create_counter(name, each.unit, each.help).add
        elif each.kind == "gauge":
            made[name] = meter.create_gauge(name, each.unit, each.help).set
        else:
            histogram = meter.create_histogram(name, each.unit, each.help, explicit_bucket_boundaries_advisory=_BOUNDS)
            made[name] = histogram.record
    return made


def _resource(exporters: Exporters, version: str) -> Resource:
    """Say who tells this. What OTEL_RESOURCE_ATTRIBUTES says counts only where the environment was asked for."""
    ours = {"service.name": "feint", "service.version": version, "service.instance.id": new_instance()}
    return Resource.create(ours) if exporters.by_environment else Resource(ours)


def _silence(logger: logging.Logger) -> None:
    """Let the SDK's log be quiet: failures are counted, and said once, at the end."""
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
