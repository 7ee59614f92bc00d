"""What a web server tells of requests: nginx's access and error log, and ECS documents."""

from __future__ import annotations

from collections.abc import Iterable

from simulator import EventType, Format, Renderer, hookimpl
from simulator_web.ecs import ECS
from simulator_web.event_types import EVENT_TYPES
from simulator_web.formats import FORMATS
from simulator_web.nginx import ACCESS, ERROR


@hookimpl
def simulator_event_types() -> Iterable[EventType]:
    return EVENT_TYPES


@hookimpl
def simulator_formats() -> Iterable[Format]:
    return FORMATS


@hookimpl
def simulator_renderers() -> Iterable[Renderer]:
    return (ACCESS, ERROR, ECS)
