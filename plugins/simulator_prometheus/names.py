"""What Prometheus calls things: names of metrics and labels, and the labels that a target gives its series.

Names are made of OpenTelemetry's as its specification says ("Prometheus and OpenMetrics
compatibility"): dots become underscores, the unit and ``_total`` are added.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from math import inf

from simulator import Host, Metric, Series

_FAMILY = "prometheus"
_UNITS = {
    "d": "days", "h": "hours", "min": "minutes", "s": "seconds", "ms": "milliseconds", "us": "microseconds",
    "ns": "nanoseconds", "By": "bytes", "KiBy": "kibibytes", "MiBy": "mebibytes", "GiBy": "gibibytes",
    "KBy": "kilobytes", "MBy": "megabytes", "GBy": "gigabytes", "m": "meters", "V": "volts", "A": "amperes",
    "J": "joules", "W": "watts", "g": "grams", "Cel": "celsius", "Hz": "hertz", "%": "percent",
}  # fmt: skip
_TYPES = {"counter": "counter", "updown": "gauge", "gauge": "gauge", "histogram": "histogram"}
_PORT = "8080"


def metric_name(metric: Metric) -> str:
    """Return the name of a metric's family; a histogram's series add ``_bucket``, ``_sum`` and ``_count``."""
    if _FAMILY in metric.names:
        return metric.names[_FAMILY]
    name = _plain(metric.name)
    unit = _unit(metric.unit)
    if unit and not name.endswith(unit):
        name += f"_{unit}"
    elif metric.unit == "1" and metric.kind == "gauge" and not name.endswith("ratio"):
        name += "_ratio"
    if metric.kind == "counter":
        name = name.removesuffix("_total") + "_total"
    return name


def metric_type(metric: Metric) -> str:
    """Return the type of a metric, as ``# TYPE`` has it."""
    return _TYPES[metric.kind]


@lru_cache(maxsize=4096)
def label_name(name: str) -> str:
    """Return the name of a label: letters, digits and underscores, no digit first."""
    plain = re.sub(r"[^a-zA-Z0-9_]", "_", name)
    return f"key_{plain}" if plain[:1].isdigit() else plain


def series_name(series: Series) -> str:
    """Return what stands before the labels of a series."""
    name = metric_name(series.metric)
    return f"{name}_{series.part}" if series.part else name


def series_labels(series: Series) -> dict[str, str]:
    """Return the labels of a series but for its name, in order; what the target says of itself is not overwritten."""
    own = {label_name(name): value for name, value in series.labels.items()}
    if series.le is not None:
        own["le"] = bound(series.le)
    return dict(sorted({**own, **target_labels(series.host)}.items()))


def target_labels(host: Host) -> Mapping[str, str]:
    """Return the labels that a server gives all series of a target."""
    given = host.attributes
    labels = {
        "job": given.get("service", host.name),
        "instance": f"{host.ip}:{given.get('port', _PORT)}",
        "pod": host.name,
        "namespace": given.get("namespace", ""),
        "region": given.get("region", ""),
    }
    return {name: value for name, value in labels.items() if value}


def bound(value: float) -> str:
    """Return the upper bound of a bucket as Prometheus 3 keeps it: ``0.005``, ``1.0``, ``+Inf``."""
    if value == inf:
        return "+Inf"
    text = f"{value:.17g}" if float(f"{value:.15g}") != value else f"{value:.15g}"
    return text if "." in text or "e" in text else f"{text}.0"


def _plain(name: str) -> str:
    plain = re.sub(r"_+", "_", re.sub(r"[^a-zA-Z0-9_:]", "_", name))
    return f"_{plain}" if plain[:1].isdigit() else plain


def _unit(unit: str) -> str:
    """Return a unit in words: of ``By/s`` bytes_per_second; nothing for what stands in braces."""
    unit = re.sub(r"\{[^}]*\}", "", unit)
    above, _, below = unit.partition("/")
    words = "" if above == "1" else _UNITS.get(above, _plain(above))
    per = _UNITS.get(below, _plain(below)).removesuffix("s") if below else ""
    return (f"{words}_per_{per}" if words else f"per_{per}") if per else words
