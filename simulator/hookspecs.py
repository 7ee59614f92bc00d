"""Every hook a plugin may implement. This page is the whole plugin API.

A hook returns what its plugin adds. The answers are collected once, when a
command starts; none is called for each event: a run has millions of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from simulator.detection import Detector, Sandbox
    from simulator.events.event_types import EventType
    from simulator.telemetry.metrics.metric import Metric
    from simulator.telemetry.renderer import Format, Renderer
    from simulator.world.system import System

hookspec = pluggy.HookspecMarker("simulator")
hookimpl = pluggy.HookimplMarker("simulator")


@hookspec
def simulator_event_types() -> Iterable[EventType]:
    """Add event types. A playbook's emission names one after ``event:``."""
    return ()


@hookspec
def simulator_systems() -> Iterable[System]:
    """Add systems: parts of a world that behave by themselves, and that a playbook's effects act on."""
    return ()


@hookspec
def simulator_metrics() -> Iterable[Metric]:
    """Add metrics: what events count. Every renderer that samples metrics samples all of them."""
    return ()


@hookspec
def simulator_formats() -> Iterable[Format]:
    """Add formats. A renderer names the one that its records are in."""
    return ()


@hookspec
def simulator_renderers() -> Iterable[Renderer]:
    """Add renderers. A world's ``witnesses`` and ``feint play --only`` name one by its ``name``."""
    return ()


@hookspec
def simulator_detectors() -> Iterable[Detector]:
    """Add detectors: engines that run detection rules over what arrived in a sandbox."""
    return ()


@hookspec
def simulator_sandboxes() -> Iterable[Sandbox]:
    """Add sandboxes: where telemetry is stored, watched and paged about."""
    return ()


@hookspec
def simulator_playbook_folders() -> Iterable[Path]:
    """Add folders that hold ``attacks/``, ``incidents/``, ``worlds/`` or ``rules/``, as the shipped ones do."""
    return ()
