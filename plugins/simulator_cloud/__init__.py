"""A cloud's own records: API calls, load balancers, functions."""

from __future__ import annotations

from collections.abc import Iterable

from simulator import EventType, Format, Renderer, hookimpl


@hookimpl
def simulator_event_types() -> Iterable[EventType]:
    from simulator_cloud.event_types import EVENT_TYPES

    return EVENT_TYPES


@hookimpl
def simulator_formats() -> Iterable[Format]:
    from simulator_cloud.formats import FORMATS

    return FORMATS


@hookimpl
def simulator_renderers() -> Iterable[Renderer]:
    from simulator_cloud.cloudtrail import CLOUDTRAIL
    from simulator_cloud.functions import LAMBDA
    from simulator_cloud.load_balancer import ALB

    return (CLOUDTRAIL, ALB, LAMBDA)
