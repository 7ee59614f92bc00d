"""The renderer ``prometheus.metrics_remote_write``: bodies as a server or an agent sends them on, remote write 1.0.

One body has the samples of one target's scrape: a series ends with the marker that Prometheus
has for it, a NaN of its own. A line of the ledger is therefore a scrape, not a sample.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from simulator import Packed, Renderer, Series, Tag
from simulator_prometheus.exposition import SCRAPED
from simulator_prometheus.formats import LABEL
from simulator_prometheus.names import series_labels, series_name

if TYPE_CHECKING:
    from simulator import Batch


def packing(tag: Tag) -> Callable[[Batch], Packed]:
    """Return what packs samples into bodies with a run's tag."""
    from simulator_prometheus.write_requests import Packer

    return Packer(lambda series: encoded_labels(series, tag)).packed


def encoded_labels(series: Series, tag: Tag) -> bytes:
    """Return the labels of a series as protobuf, sorted by name as remote write wants it."""
    labels = {"__name__": series_name(series), LABEL: tag.run, **series_labels(series)}
    return b"".join(_delimited(1, _label(name, value)) for name, value in sorted(labels.items()))


def _label(name: str, value: str) -> bytes:
    return _delimited(1, name.encode()) + _delimited(2, value.encode())


def _delimited(number: int, data: bytes) -> bytes:
    return bytes([number << 3 | 2]) + varint(len(data)) + data


def varint(number: int) -> bytes:
    """Return a number from 0 on in protobuf's variable length."""
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


METRICS_REMOTE_WRITE = Renderer(
    "prometheus.metrics_remote_write",
    "Prometheus: bodies of remote-write requests",
    "prometheus_remote_write",
    {},
    metrics=replace(SCRAPED, stale=True, packing=packing),
)
