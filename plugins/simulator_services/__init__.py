"""Graphs of services: what they do for a request, and what becomes of it when something is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator import EventType, hookimpl
from simulator_services.event_types import EVENT_TYPES

if TYPE_CHECKING:
    from simulator import Metric, System


@hookimpl
def simulator_event_types() -> Iterable[EventType]:
    return EVENT_TYPES


@hookimpl
def simulator_systems() -> Iterable[System]:
    from simulator_services.system import ServicesSystem

    return (ServicesSystem(),)


@hookimpl
def simulator_metrics() -> Iterable[Metric]:
    from simulator_services.metrics import METRICS

    return METRICS
