"""Names in Prometheus, as OpenTelemetry's specification makes them of its own."""

from __future__ import annotations

import pytest

from simulator import Metric, Series
from simulator_prometheus.exposition import exposed_labels
from simulator_prometheus.names import bound, label_name, metric_name, series_labels, series_name
from tests.prometheus.scrapes import CARTS, PLUGINS, instance


@pytest.mark.parametrize(
    ("name", "kind", "unit", "expected"),
    [
        ("http.server.request.duration", "histogram", "s", "http_server_request_duration_seconds"),
        ("http.requests", "counter", "", "http_requests_total"),
        ("http.requests", "counter", "{request}", "http_requests_total"),
        ("requests.total", "counter", "", "requests_total"),
        ("process.cpu.time", "counter", "s", "process_cpu_time_seconds_total"),
        ("process.memory.usage", "gauge", "By", "process_memory_usage_bytes"),
        ("disk.bytes", "gauge", "By", "disk_bytes"),
        ("cache.hits", "gauge", "1", "cache_hits_ratio"),
        ("cache.hits", "counter", "1", "cache_hits_total"),
        ("network.io", "gauge", "By/s", "network_io_bytes_per_second"),
        ("rate", "gauge", "1/s", "rate_per_second"),
        ("a..b-c", "gauge", "", "a_b_c"),
        ("9lives", "gauge", "", "_9lives"),
        ("temperature", "gauge", "Cel", "temperature_celsius"),
        ("odd", "gauge", "furlong", "odd_furlong"),
    ],
)
def test_names_carry_their_unit_and_counters_total(name, kind, unit, expected):
    assert metric_name(Metric(name, kind, "", (), unit)) == expected


def test_what_an_exporter_calls_otherwise_has_its_name():
    names = {metric_name(metric) for metric in PLUGINS.metrics.values()}

    assert {
        "http_requests_total", "http_server_request_duration_seconds", "http_client_request_duration_seconds",
        "process_cpu_seconds_total", "process_resident_memory_bytes", "node_filesystem_avail_bytes",
        "node_timex_offset_seconds", "probe_ssl_earliest_cert_expiry", "kube_pod_container_status_restarts_total",
        "db_client_connections_usage", "db_client_operation_duration_seconds", "faas_coldstarts_total",
    } <= names  # fmt: skip
    assert len(names) == len(PLUGINS.metrics)


def test_labels_have_letters_that_prometheus_takes():
    assert label_name("http.request.method") == "http_request_method"
    assert label_name("9a-b") == "key_9a_b"


@pytest.mark.parametrize(("value", "text"), [(0.005, "0.005"), (1, "1.0"), (10, "10.0"), (float("inf"), "+Inf")])
def test_bounds_are_what_prometheus_3_makes_of_them(value, text):
    assert bound(value) == text


def test_a_series_has_its_targets_labels_and_its_own_in_order():
    series = Series(PLUGINS.metrics["http.requests"], {"code": "200", "method": 'G"E\\T\n'}, CARTS[0])

    assert series_name(series) == "http_requests_total"
    assert list(series_labels(series)) == sorted(series_labels(series))
    assert exposed_labels(series) == (
        r'code="200",instance="10.1.4.1:8080",job="cart",method="G\"E\\T\n",namespace="shop",'
        'pod="cart-7c9f-1",region="eu-1"'
    )


def test_targets_may_have_a_port_of_their_own_and_no_region():
    labels = series_labels(Series(PLUGINS.metrics["http.requests"], {}, instance("db", 1, port="5432", region="")))

    assert labels["instance"] == "10.1.2.1:5432"
    assert "region" not in labels
