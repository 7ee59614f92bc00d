"""Kubernetes: the API's audit log, events, and containers' logs."""

from __future__ import annotations

from collections.abc import Iterable

from simulator import EventType, Format, Renderer, hookimpl


@hookimpl
def simulator_event_types() -> Iterable[EventType]:
    from simulator_kubernetes.event_types import EVENT_TYPES

    return EVENT_TYPES


@hookimpl
def simulator_formats() -> Iterable[Format]:
    from simulator_kubernetes.formats import FORMATS

    return FORMATS


@hookimpl
def simulator_renderers() -> Iterable[Renderer]:
    from simulator_kubernetes.audit import AUDIT
    from simulator_kubernetes.cluster_events import EVENTS
    from simulator_kubernetes.container_log import CONTAINER_LOG

    return (AUDIT, EVENTS, CONTAINER_LOG)
