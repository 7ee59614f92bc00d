"""What sensors on the wire tell: Zeek's logs, a firewall's, packet capture's; and the events they tell of."""

from __future__ import annotations

from collections.abc import Iterable

from simulator import EventType, Format, Renderer, hookimpl
from simulator_network.ecs import NETWORK_ECS
from simulator_network.event_types import EVENT_TYPES
from simulator_network.firewall import FIREWALL
from simulator_network.formats import FORMATS
from simulator_network.zeek import RENDERERS


@hookimpl
def simulator_event_types() -> Iterable[EventType]:
    return EVENT_TYPES


@hookimpl
def simulator_formats() -> Iterable[Format]:
    return FORMATS


@hookimpl
def simulator_renderers() -> Iterable[Renderer]:
    return (*RENDERERS, FIREWALL, NETWORK_ECS)
