"""Recorders: they turn a window's events into a renderer's records, told one by one or counted and sampled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from simulator.events.batch import Batch
from simulator.events.event_types import EventType
from simulator.places import NOWHERE
from simulator.telemetry.deployment import Deployment
from simulator.telemetry.metrics.metric import Metric
from simulator.telemetry.metrics.recorder import MetricRecorder
from simulator.telemetry.renderer import Format, Renderer
from simulator.telemetry.streams import RenderedBatch, StreamRecorder
from simulator.telemetry.tag import Tag
from simulator.telemetry.templates import Backend
from simulator.timeline.emission import Plan


class Recorder(Protocol):
    """Records what one renderer's product sees, window after window."""

    @property
    def renderer(self) -> Renderer: ...

    @property
    def heading(self) -> str:
        """What stands at the head of its file, behind the format's header, with line ends."""

    def records(self, batches: Sequence[tuple[EventType, Batch]], end: int) -> Iterator[RenderedBatch]:
        """Yield the records of a window that ends at a time, in the order of their times."""


def recorder_of(
    renderer: Renderer,
    form: Format,
    tag: Tag,
    plan: Plan,
    metrics: Mapping[str, Metric],
    emission: int,
    backend: Backend,
) -> Recorder:
    """Return the recorder of a renderer; samples are numbered as events of an emission that is not the timeline's."""
    deployment = Deployment.of(renderer, plan.world, plan.seed)
    if renderer.metrics is None:
        return StreamRecorder(renderer, form, tag, deployment, backend)
    intervals = [witness.every for witness in deployment.witnesses if witness.every is not None]
    if intervals:
        renderer = replace(renderer, metrics=replace(renderer.metrics, interval=intervals[0]))
    return MetricRecorder(
        renderer,
        form,
        tag,
        deployment,
        tuple(metrics.values()),
        plan.world.hosts,
        seed=plan.seed,
        start=plan.span.start,
        emission=emission,
        backend=backend,
        place=deployment.witnesses[0].place if deployment.witnesses else NOWHERE,
    )
