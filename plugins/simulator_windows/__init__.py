"""What Windows machines record: Security, System, Sysmon and PowerShell as Winlogbeat ships them, and ECS documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from simulator import EventType, Renderer


@hookimpl
def simulator_event_types() -> Iterable[EventType]:
    from simulator_windows.event_types import EVENT_TYPES

    return EVENT_TYPES


@hookimpl
def simulator_renderers() -> Iterable[Renderer]:
    from simulator_windows.endpoint_renderer import ENDPOINT
    from simulator_windows.winlogbeat_renderers import WINLOGBEAT_RENDERERS

    return (*WINLOGBEAT_RENDERERS, ENDPOINT)
