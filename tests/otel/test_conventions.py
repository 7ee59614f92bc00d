"""Spans and log records say what OpenTelemetry's semantic conventions have them say."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from simulator import Format, Host, Outsider
from tests.otel.jig import FORMATS, HOSTS, RENDERERS
from tests.plugins.rendering import TIME, rendered_records

CHECKOUT: Host = HOSTS[0]
CLIENT = Outsider("client", "198.51.100.7")
SPAN_ID, PARENT_ID, TRACE_ID = bytes(range(1, 9)), bytes(range(9, 17)), bytes(range(16, 32))


def form_of(name: str) -> Format:
    return FORMATS[RENDERERS[name].format]


def told(name: str, event: str, **values: Any) -> list[dict[str, Any]]:
    """Return the requests that a renderer makes of one event."""
    usual = {"host": CHECKOUT, "version": "1.4.2"}
    if event in ("service.request", "service.call"):
        usual |= {"trace": TRACE_ID, "span": SPAN_ID, "parent": PARENT_ID, "duration": "35ms"}
    if event == "service.call":
        usual |= {"peer": "cart", "peer_host": HOSTS[3]}
    lines = rendered_records(RENDERERS[name], form_of(name), event, usual | values)
    return [json.loads(line) for line in lines]


def span(event: str, **values: Any) -> dict[str, Any]:
    (request,) = told("otlp.traces", event, **values)
    return request["resourceSpans"][0]["scopeSpans"][0]["spans"][0]


def logs(event: str, **values: Any) -> list[dict[str, Any]]:
    return [
        request["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0] for request in told("otlp.logs", event, **values)
    ]


def attributes(record: dict[str, Any]) -> dict[str, Any]:
    return {each["key"]: next(iter(each["value"].values())) for each in record["attributes"]}


def test_the_resource_is_the_instance_and_carries_the_tag():
    (request,) = told("otlp.traces", "service.request")
    found = attributes(request["resourceSpans"][0]["resource"])

    assert found["service.name"] == "checkout"
    assert found["service.version"] == "1.4.2"
    assert found["service.instance.id"] == found["k8s.pod.name"] == "checkout-7c9f-0"
    assert (found["service.namespace"], found["cloud.region"]) == ("shop", "eu-1")
    assert list(found)[:3] == ["deployment.environment.name", "feint.run", "feint.playbook"]
    assert found["deployment.environment.name"] == "test"


def test_a_server_span_has_its_ids_times_and_parent():
    found = span("service.request", root=0)

    assert (found["traceId"], found["spanId"], found["parentSpanId"]) == (
        TRACE_ID.hex(),
        SPAN_ID.hex(),
        PARENT_ID.hex(),
    )
    assert (found["startTimeUnixNano"], found["endTimeUnixNano"]) == (str(TIME), str(TIME + 35_000_000))
    assert found["flags"] == 0x301
    assert re.fullmatch(r"[0-9a-f]{32}", found["traceId"])


@pytest.mark.parametrize("values", [{"root": 1}, {"root": 0, "parent": bytes(8)}])
def test_a_span_without_a_parent_names_none(values):
    assert "parentSpanId" not in span("service.request", **values)


@pytest.mark.parametrize(
    ("event", "values", "kind"),
    [
        ("service.request", {}, 2),
        ("service.request", {"protocol": "grpc"}, 2),
        ("service.request", {"protocol": "function"}, 2),
        ("service.request", {"protocol": "messaging", "kind": "consumer"}, 5),
        ("service.call", {}, 3),
        ("service.call", {"protocol": "database", "system": "postgresql"}, 3),
        ("service.call", {"protocol": "messaging", "kind": "producer"}, 4),
    ],
)
def test_kinds_of_spans(event, values, kind):
    assert span(event, **values)["kind"] == kind


@pytest.mark.parametrize(
    ("event", "values", "failed"),
    [
        ("service.request", {"status": 404, "error": "404", "failed": 1}, False),
        ("service.request", {"status": 503, "error": "503", "failed": 1}, True),
        ("service.call", {"status": 404, "error": "404", "failed": 1}, True),
        ("service.call", {"status": 0, "error": "timeout", "failed": 1}, True),
        ("service.call", {"status": 200}, False),
        ("service.request", {"protocol": "grpc", "status": 5, "error": "NOT_FOUND", "failed": 1}, False),
        ("service.request", {"protocol": "grpc", "status": 14, "error": "UNAVAILABLE", "failed": 1}, True),
        ("service.call", {"protocol": "grpc", "status": 5, "error": "NOT_FOUND", "failed": 1}, True),
        ("service.call", {"protocol": "database", "status": 0, "error": "pool_timeout", "failed": 1}, True),
    ],
)
def test_a_span_is_an_error_where_the_conventions_say_so(event, values, failed):
    found = span(event, **values)

    assert found.get("status") == ({"code": 2} if failed else None)
    assert attributes(found).get("error.type") == (values["error"] if failed else None)


def test_attributes_of_http_calls_and_databases():
    server = attributes(span("service.request", route="/cart/{id}", source=CLIENT, source_port=40001))
    client = attributes(span("service.call", route="/cart/{id}", port=8080, attempt=3))
    database = span(
        "service.call", protocol="database", system="postgresql", method="SELECT", route="stock", status=0, port=5432
    )

    assert server["http.route"] == "/cart/{id}"
    assert re.fullmatch(r"/cart/\d{4}", server["url.path"])
    assert (server["client.address"], server["client.port"]) == ("198.51.100.7", "40001")
    assert re.fullmatch(r"http://cart:8080/cart/\d{4}", client["url.full"])
    assert client["http.request.resend_count"] == "2"
    assert (client["server.address"], client["network.peer.address"]) == ("cart", HOSTS[3].ip)
    assert database["name"] == "SELECT stock"
    assert attributes(database)["db.system.name"] == "postgresql"


def test_a_message_is_linked_to_the_span_that_sent_it():
    values = {"protocol": "messaging", "kind": "consumer", "method": "process", "route": "orders"}
    linked = span("service.request", **values, link_trace=TRACE_ID, link_span=SPAN_ID)

    assert linked["links"] == [{"traceId": TRACE_ID.hex(), "spanId": SPAN_ID.hex(), "flags": 769}]
    assert "links" not in span("service.request", **values, link_trace=bytes(16), link_span=bytes(8))


@pytest.mark.parametrize(
    ("values", "severities"),
    [
        ({"root": 1}, ["INFO"]),
        ({"root": 0}, []),
        ({"root": 0, "status": 500, "error": "500", "failed": 1}, ["ERROR"]),
        ({"root": 1, "status": 404, "error": "404", "failed": 1}, ["INFO"]),
        ({"root": 1, "duration": "1500ms"}, ["INFO", "WARN"]),
        ({"root": 0, "cold": 1, "cold_duration": "900ms"}, ["INFO"]),
        ({"root": 1, "protocol": "grpc", "status": 14, "error": "UNAVAILABLE", "failed": 1}, ["ERROR"]),
    ],
)
def test_what_is_logged_of_a_request(values, severities):
    assert [each["severityText"] for each in logs("service.request", **values)] == severities


def test_a_log_record_has_the_ids_of_its_span_and_is_written_when_that_is_over():
    (found,) = logs("service.request", status=500, error="pool_timeout", failed=1)

    assert (found["traceId"], found["spanId"]) == (TRACE_ID.hex(), SPAN_ID.hex())
    assert found["timeUnixNano"] == str(TIME + 35_000_000)
    assert attributes(found)["exception.type"] == "PoolTimeoutError"


def test_what_becomes_of_instances_and_versions_are_events():
    (stopped,) = logs("instance.stopped", reason="OOMKilled", exit_code=137)
    (deployed,) = logs("service.deployed", service="checkout", reason="canary")

    assert (stopped["eventName"], stopped["severityText"]) == ("k8s.pod.stopped", "ERROR")
    assert attributes(stopped)["process.exit.code"] == "137"
    assert (deployed["eventName"], attributes(deployed)["deployment.name"]) == ("deployment.finished", "checkout")
    assert "traceId" not in stopped
