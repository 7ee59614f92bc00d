"""Feint rehearses attacks and outages.

What stands here is what plugins may use; the rest of the package is Feint's own.
Names are imported when they are asked for: `feint --help` asks for none.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.chance import Streams, fractions, scrambled
    from simulator.detection import (
        Alert,
        Column,
        Detection,
        Detector,
        Explanation,
        RecordedRun,
        RuleReport,
        Sandbox,
        Schedule,
        Store,
        Stream,
    )
    from simulator.errors import FeintError, PluginError, SinkError, TemplateError, UsageError, did_you_mean
    from simulator.events.batch import Batch
    from simulator.events.columns import Coded, Durations, Identifiers, Integers, Numbers, Vocabulary
    from simulator.events.event_types import EventType, Field
    from simulator.hookspecs import hookimpl
    from simulator.interruption import uninterrupted
    from simulator.places import NOWHERE, Complaints, Place, Word
    from simulator.playbook.reading.words import Help, Id, Range
    from simulator.quantities import Bytes, Nanoseconds, PerSecond, Share
    from simulator.telemetry.layouts import (
        DelimitedLayout,
        JsonLayout,
        KeyValueLayout,
        Layout,
        PairedJsonLayout,
        PatternLayout,
        ProtobufLayout,
    )
    from simulator.telemetry.messages.message import Member, Message, Nested
    from simulator.telemetry.metrics.metric import Measure, Metric, Packed, Sampling, Series
    from simulator.telemetry.renderer import Counter, Format, LogSource, Record, Renderer
    from simulator.telemetry.tag import Tag
    from simulator.timeline.arrivals import Arrivals, Cell, Span
    from simulator.world.description import HostGroup
    from simulator.world.model import Host, Outsider, User, World
    from simulator.world.system import Behaviour, Effect, Happened, Outlet, Setting, System, Touched

__all__ = [
    "NOWHERE",
    "Alert",
    "Arrivals",
    "Batch",
    "Behaviour",
    "Bytes",
    "Cell",
    "Coded",
    "Column",
    "Complaints",
    "Counter",
    "DelimitedLayout",
    "Detection",
    "Detector",
    "Durations",
    "Effect",
    "EventType",
    "Explanation",
    "FeintError",
    "Field",
    "Format",
    "Happened",
    "Help",
    "Host",
    "HostGroup",
    "Id",
    "Identifiers",
    "Integers",
    "JsonLayout",
    "KeyValueLayout",
    "Layout",
    "LogSource",
    "Measure",
    "Member",
    "Message",
    "Metric",
    "Nanoseconds",
    "Nested",
    "Numbers",
    "Outlet",
    "Outsider",
    "Packed",
    "PairedJsonLayout",
    "PatternLayout",
    "PerSecond",
    "Place",
    "PluginError",
    "ProtobufLayout",
    "Range",
    "Record",
    "RecordedRun",
    "Renderer",
    "RuleReport",
    "Sampling",
    "Sandbox",
    "Schedule",
    "Series",
    "Setting",
    "Share",
    "SinkError",
    "Span",
    "Store",
    "Stream",
    "Streams",
    "System",
    "Tag",
    "TemplateError",
    "Touched",
    "UsageError",
    "User",
    "Vocabulary",
    "Word",
    "World",
    "did_you_mean",
    "fractions",
    "hookimpl",
    "scrambled",
    "uninterrupted",
]
__version__ = "0.1.0"

_HOMES = (
    "errors", "events.event_types", "hookspecs", "telemetry.renderer", "telemetry.layouts", "telemetry.tag",
    "telemetry.messages.message", "telemetry.metrics.metric", "detection", "world.model", "world.description",
    "interruption", "places", "quantities", "playbook.reading.words", "events.columns", "events.batch",
    "world.system", "chance", "timeline.arrivals",
)  # fmt: skip
"""Where the names above are at home; in this order, since the last ones import numpy."""

if not TYPE_CHECKING:  # a type checker would take any name for one of ours

    def __getattr__(name: str) -> Any:
        """Import what a plugin asks for (PEP 562)."""
        for home in _HOMES if name in __all__ else ():
            module = import_module(f"simulator.{home}")
            if hasattr(module, name):
                globals()[name] = getattr(module, name)
                return globals()[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
