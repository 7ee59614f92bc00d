"""Feint's own telemetry: how fast it plays, how far it lags, what failed. Off and free until it is pointed somewhere.

It tells of Feint alone: nothing of it is synthetic, none of it is told by a playbook,
and no byte of a run depends on it. As with the log, all that is ever told stands in a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from simulator.instruments.exporting import Exporting

Kind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True, slots=True)
class Instrument:
    """One metric, its unit in UCUM, and the labels that it has beside playbook, run and version."""

    kind: Kind
    unit: str
    help: str
    labels: tuple[str, ...] = ()


INSTRUMENTS: Mapping[str, Instrument] = MappingProxyType(
    {
        "feint.runs": Instrument("counter", "{run}", "Runs that ended", ("outcome",)),
        "feint.run.duration": Instrument("histogram", "s", "Time to play and to score a run", ("outcome",)),
        "feint.events": Instrument("counter", "{event}", "Events that happened on the timeline"),
        "feint.records": Instrument("counter", "{record}", "Records that reached the sink", ("stream",)),
        "feint.output": Instrument("counter", "By", "Bytes that reached the sink", ("stream",)),
        "feint.batches": Instrument("counter", "{batch}", "Batches that reached the sink", ("stream",)),
        "feint.window.duration": Instrument("histogram", "s", "Time to record one window of the timeline"),
        "feint.render.duration": Instrument("histogram", "s", "Time to render one batch", ("stream",)),
        "feint.delivery.duration": Instrument("histogram", "s", "Time of one batch in gate and sink", ("stream",)),
        "feint.clock.lag": Instrument("gauge", "s", "How late records are in a run at a given speed"),
        "feint.sink.errors": Instrument("counter", "{error}", "Writes that the sink did not take", ("stream",)),
        "feint.gate.failures": Instrument("counter", "{batch}", "Batches that the gate refused", ("stream",)),
        "feint.detector.duration": Instrument("histogram", "s", "Time of a detector to run its rules", ("detector",)),
        "feint.rules": Instrument("counter", "{rule}", "Rules that were run", ("detector", "status")),
        "feint.alerts": Instrument("counter", "{alert}", "Alerts before they are grouped", ("detector",)),
    }
)
"""Everything that is ever measured."""

SPANS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"run": (), "play": (), "judge": (), "detect": ("detector", "rules")}
)
"""Every span, and its attributes beside playbook, run and version."""

_exporting: list[Exporting] = []
_OFF: AbstractContextManager[None] = nullcontext()


def switch_on(target: str, version: str) -> None:
    """Measure from now on; export to an OTLP/HTTP address, to a file (``.ndjson``), or as the environment says (env).

    Raises UsageError for what is none of these. What is there but does not take it disturbs nobody.
    """
    from simulator.instruments.exporting import Exporting

    _exporting[:] = [Exporting(target, version)]


def switch_off() -> str | None:
    """Export what is left, for a few seconds at most; return a sentence if not all of it was taken."""
    said = [each.finish() for each in _exporting]
    _exporting.clear()
    return said[0] if said else None


def about(playbook: str, run: str) -> None:
    """Name the run that all that follows is measured of."""
    for each in _exporting:
        each.about(playbook, run)


def count(name: str, amount: float = 1, **labels: str) -> None:
    """Add to a counter."""
    for each in _exporting:
        each.measure(name, amount, labels)


def gauge(name: str, value: float, **labels: str) -> None:
    """Set a gauge."""
    for each in _exporting:
        each.measure(name, value, labels)


def timed(name: str, **labels: str) -> AbstractContextManager[None]:
    """Measure how long the block takes, into a histogram."""
    return _exporting[0].timed(name, labels) if _exporting else _OFF


def span(name: str, **attributes: str | int) -> AbstractContextManager[None]:
    """Make the block a span. Of an exception it keeps the type, never the text."""
    return _exporting[0].span(name, attributes) if _exporting else _OFF


def observed_run(playbook: str, run: str) -> AbstractContextManager[None]:
    """Make the block a run: a span, a duration, and how it ended."""
    return _exporting[0].run(playbook, run) if _exporting else _OFF
