"""OpenTelemetry: traces, logs and metrics as OTLP, in JSON and in protobuf."""

from __future__ import annotations

from collections.abc import Iterable

from simulator import Format, Renderer, hookimpl
from simulator_otel import formats
from simulator_otel.renderers import RENDERERS


@hookimpl
def simulator_formats() -> Iterable[Format]:
    return (formats.TRACES, formats.LOGS, formats.METRICS, formats.PROTOBUF)


@hookimpl
def simulator_renderers() -> Iterable[Renderer]:
    return RENDERERS
