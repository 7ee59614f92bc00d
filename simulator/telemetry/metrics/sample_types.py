"""The events that samples are, as renderers' templates see them."""

from __future__ import annotations

from simulator.events.event_types import EventType, Field
from simulator.telemetry.metrics.metric import Sampling

_WHOSE = (Field("series", "series"), Field("host", "host"), Field("start", "time"))
NUMBER = EventType(
    "sample.number", "A counter, a gauge or a part of a histogram was sampled", (*_WHOSE, Field("value", "number"))
)
HISTOGRAM = EventType(
    "sample.histogram",
    "A histogram was sampled",
    (*_WHOSE, Field("count", "integer"), Field("sum", "number"), Field("buckets", "list")),
)
STALE_BITS = 0x7FF0000000000002  # the one NaN by which Prometheus marks the end of a series


def sample_types(sampling: Sampling) -> tuple[EventType, ...]:
    """Return the types of the samples that a renderer gets."""
    return (NUMBER, HISTOGRAM) if sampling.shape == "histograms" else (NUMBER,)
