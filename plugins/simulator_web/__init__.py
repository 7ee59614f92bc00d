from __future__ import annotations

from collections.abc import Iterable

from simulator import EventType, hookimpl
from simulator_web.event_types import EVENT_TYPES


@hookimpl
def simulator_event_types() -> Iterable[EventType]:
    return EVENT_TYPES
