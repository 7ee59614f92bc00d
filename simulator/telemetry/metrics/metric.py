"""What a plugin gives to have events counted: metrics, and how a renderer samples them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from simulator.world.model import Host

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from simulator.events.batch import Batch
    from simulator.telemetry.tag import Tag

_NOTHING: Mapping[str, str] = MappingProxyType({})
_SECOND = 1_000_000_000
MetricKind = Literal["counter", "updown", "gauge", "histogram"]
Part = Literal["", "bucket", "sum", "count"]


@dataclass(frozen=True, slots=True)
class Measure:
    """What one type of event adds to a metric; the event's ``host`` is whose series it is.

    ``value`` is a whole number that Jinja2 would compute of the event's fields (``memory``,
    ``disk_size - disk``, ``-1``), empty to count the events; durations are taken in seconds.
    ``labels`` are expressions over coded fields, ``{"code": "status"}``; a label without a
    value is left out. ``when`` says which events count, ``"root == 1"``. ``lasts`` names
    the duration after which an event counts: a request does when it is over.
    """

    event: str
    value: str = ""
    labels: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    when: str = ""
    lasts: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric. ``name`` and ``unit`` are OpenTelemetry's: ``http.server.request.duration`` in ``s``.

    counter     sums what its measures give; restarts at zero with its target
    updown      the same, with values that may be negative
    gauge       is the last value given
    histogram   sorts values into buckets, each up to and including one of ``buckets``

    All measures of a metric share one unit; ``per`` of it make one (1000 for thousandths).
    ``names`` says what a family of products calls it if not by rule: ``{"prometheus": "process_cpu_seconds_total"}``.
    """

    name: str
    kind: MetricKind
    help: str
    measures: tuple[Measure, ...]
    unit: str = ""
    buckets: tuple[float, ...] = ()
    per: int = 1
    names: Mapping[str, str] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One series of samples, as templates see it: of a metric, with its own labels, on a host.

    In the shape ``numbers`` a histogram has a series for each ``part`` of it; ``le`` is the
    upper bound of a bucket.
    """

    metric: Metric
    labels: Mapping[str, str]
    host: Host
    part: Part = ""
    le: float | None = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a renderer samples metrics: each target every ``interval`` nanoseconds, at a moment of its own.

    What its templates render are not the events but samples of them, of these types:

    sample.number      series, host, value, start. Counters, gauges; in the shape ``numbers`` all there is
    sample.histogram   series, host, count, sum, buckets, start. Only in the shape ``histograms``; ``buckets``
                       has a count for each upper bound of the metric and one for what is above, not cumulative

    ``time`` is that of the sample, ``start`` when its counting began.

    ``target`` is an expression that says of which ``host`` there are samples at all. ``started``,
    ``stopped`` name event types: with the first a target's counters begin at zero; after the second
    it is silent. ``gone`` says of which stopped events a target is not even looked for any more.
    Hosts with the attribute ``standby: "true"`` are targets from their first start on.

    ``own`` are gauges that the sampling itself gives, each with one measure of no event:
    ``alive`` (1, or 0 while a target is silent), ``duration`` (of the sampling) or ``samples``.
    ``stale`` adds a sample that is :data:`STALE` where a series ends. ``heading`` is put behind
    the format's header. With ``packing`` no template renders the samples: it gives, for a run's tag, what puts
    all those of a target at one moment into one record.
    """

    interval: int = 15 * _SECOND
    shape: Literal["numbers", "histograms"] = "numbers"
    target: str = ""
    started: str = ""
    stopped: str = ""
    gone: str = ""
    own: tuple[Metric, ...] = ()
    stale: bool = False
    heading: Callable[[Sequence[Metric]], str] | None = None
    packing: Callable[[Tag], Callable[[Batch], Packed]] | None = None
    most_values: int = 200  # of a label, in one metric
    most_series: int = 10_000  # sets of labels, all metrics and hosts together


@dataclass(frozen=True, slots=True)
class Packed:
    """Records of many samples each: record i ends before ``ends[i]`` and holds the samples before row ``stops[i]``."""

    data: NDArray[np.uint8]
    ends: NDArray[np.int64]
    stops: NDArray[np.int64]
