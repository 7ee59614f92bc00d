"""OpenTelemetry: traces, logs and metrics as OTLP."""

from __future__ import annotations
