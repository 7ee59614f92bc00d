"""Event types that happen on any machine, whatever its operating system. Other plugins say how products tell them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from simulator import EventType


@hookimpl
def simulator_event_types() -> Iterable[EventType]:
    from simulator_endpoint.event_types import EVENT_TYPES

    return EVENT_TYPES
