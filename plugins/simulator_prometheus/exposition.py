"""The renderer ``prometheus.metrics``: what a server has scraped, in the text exposition format.

A sample stands under its target's labels and with the time of its scrape, beside what the
server adds to each scrape: ``up``, how long it took and how many samples it gave. A target
that is down gives ``up 0`` and nothing else. Samples are in the order of their times, so
that those of one metric do not stand together, as a single scrape's would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from simulator import Measure, Metric, Renderer, Sampling, Series
from simulator_prometheus.formats import BRACE
from simulator_prometheus.names import metric_name, metric_type, series_labels, series_name

OWN = (
    Metric("up", "gauge", "1 if the target answered when it was scraped, 0 if it did not.", (Measure("", "alive"),)),
    Metric("scrape.duration", "gauge", "How long the scrape took.", (Measure("", "duration"),), "s"),
    Metric("scrape.samples_scraped", "gauge", "How many samples the target exposed.", (Measure("", "samples"),)),
)
SCRAPED = Sampling(
    target="'service' in host.attributes",
    started="instance.started",
    stopped="instance.stopped",
    gone="reason == 'ScaledDown'",
    own=OWN,
)
TEMPLATE = (
    "{{ series|exposed_name }}"
    + BRACE
    + '{{ series|exposed_labels }}{{ "}" }} {{ value|number }} {{ (time|nanoseconds) // 1000000 }}'
)


def exposed_labels(series: Series) -> str:
    """Write the labels of a series as they stand between braces."""
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in series_labels(series).items())


def heading(metrics: Sequence[Metric]) -> str:
    """Write what a scrape says of each metric before its samples."""
    found = {metric_name(metric): metric for metric in metrics}
    return "".join(
        f"# HELP {name} {_escaped_help(metric.help)}\n# TYPE {name} {metric_type(metric)}\n"
        for name, metric in sorted(found.items())
    )


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _escaped_help(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")


METRICS = Renderer(
    "prometheus.metrics",
    "Prometheus: samples of scrapes",
    "prometheus_text",
    {"sample.number": TEMPLATE},
    filters={"exposed_name": series_name, "exposed_labels": exposed_labels},
    metrics=replace(SCRAPED, heading=heading),
)
