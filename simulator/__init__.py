"""Feint rehearses attacks and outages.

What stands here is what plugins may use; the rest of the package is Feint's own.
"""

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
from simulator.errors import FeintError, PluginError, SinkError, TemplateError, UsageError
from simulator.events.event_types import EventType, Field
from simulator.hookspecs import hookimpl
from simulator.telemetry.layouts import DelimitedLayout, JsonLayout, KeyValueLayout, Layout, PatternLayout
from simulator.telemetry.renderer import Counter, Format, LogSource, Record, Renderer
from simulator.telemetry.tag import Tag
from simulator.world.model import Host, Outsider, User

__all__ = [
    "Alert",
    "Column",
    "Counter",
    "DelimitedLayout",
    "Detection",
    "Detector",
    "EventType",
    "Explanation",
    "FeintError",
    "Field",
    "Format",
    "Host",
    "JsonLayout",
    "KeyValueLayout",
    "Layout",
    "LogSource",
    "Outsider",
    "PatternLayout",
    "PluginError",
    "Record",
    "RecordedRun",
    "Renderer",
    "RuleReport",
    "Sandbox",
    "Schedule",
    "SinkError",
    "Store",
    "Stream",
    "Tag",
    "TemplateError",
    "UsageError",
    "User",
    "hookimpl",
]
__version__ = "0.1.0"
