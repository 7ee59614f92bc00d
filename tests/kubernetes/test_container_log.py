"""Containers' output in the CRI format."""

import json
import re

import pytest

from simulator_kubernetes.container_log import CONTAINER_LOG
from simulator_kubernetes.formats import CriFormat
from tests.kubernetes.cluster import POD
from tests.plugins.rendering import ATTACKER, TAG, fields_of, rendered_records

# kubelet's parser: time in RFC 3339 with nanoseconds, stream, tags, and the rest of the line.
CRI = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z) (stdout|stderr) ([FP]) (.*)")
TRACE, SPAN = bytes(range(16)), bytes(range(8))
WHO = {"host": POD, "service": "cart", "version": "1.4.0"}
REQUEST = WHO | {"source": ATTACKER, "route": "/cart/{id}", "trace": TRACE, "span": SPAN, "duration": "41.9ms"}
CALL = WHO | {"peer": "payment", "route": "/charge", "trace": TRACE, "span": SPAN, "failed": 1, "error": "timeout"}


def lines(event, values):
    found = []
    for line in rendered_records(CONTAINER_LOG, CriFormat(), event, values):
        assert CriFormat().is_tagged(CriFormat().layout.parse(line), TAG)
        time, stream, flag, message = CRI.fullmatch(line).groups()
        assert flag == "F"
        found.append((time, stream, json.loads(message)))
    return found


def test_a_request_is_a_line_of_json_with_the_ids_of_its_trace():
    ((time, stream, message),) = lines("service.request", REQUEST)

    assert (time, stream) == ("2026-03-02T08:00:01.165356789Z", "stdout")
    assert message == {
        "feint": {"run": TAG.run, "playbook": TAG.playbook}, "level": "info", "msg": "request completed",
        "service": "cart", "version": "1.4.0", "pod": "cart-7c9f-2", "trace_id": TRACE.hex(), "span_id": SPAN.hex(),
        "method": "GET", "route": "/cart/{id}", "status": 200, "duration_ms": 41.9,
    }  # fmt: skip


def test_only_the_first_request_of_a_trace_is_told_when_all_went_well():
    assert lines("service.request", REQUEST | {"root": 0}) == []


@pytest.mark.parametrize("root", [0, 1])
@pytest.mark.parametrize(
    ("values", "level"),
    [({"duration": "1.2s"}, "warn"), ({"status": 500, "failed": 1, "error": "500"}, "error")],
)
def test_what_is_slow_or_fails_goes_to_stderr_wherever_it_was(root, values, level):
    ((_, stream, message),) = lines("service.request", REQUEST | {"root": root} | values)

    assert (stream, message["level"]) == ("stderr", level)
    assert message.get("error") == values.get("error")


def test_a_call_that_failed_says_whom_it_asked():
    ((_, stream, message),) = lines("service.call", CALL | {"attempt": 2})

    assert stream == "stderr"
    assert (message["peer"], message["error"], message["attempt"]) == ("payment", "timeout", 2)
    assert lines("service.call", CALL | {"failed": 0, "error": None}) == []


def test_who_starts_says_so_twice_and_who_is_killed_says_nothing():
    (began, _, starting), (up, _, ready) = lines("instance.started", WHO | {"startup": "8s"})

    assert (starting["msg"], ready["msg"], ready["startup_ms"]) == ("starting", "ready", 8000)
    assert (began, up) == ("2026-03-02T07:59:57.123456789Z", "2026-03-02T08:00:01.123456789Z")
    assert lines("instance.stopped", WHO | {"reason": "OOMKilled", "exit_code": 137}) == []
    assert [each[2]["level"] for each in lines("instance.stopped", WHO | {"reason": "Error", "exit_code": 1})] == [
        "fatal"
    ]
    assert [each[2]["signal"] for each in lines("instance.stopped", WHO | {"reason": "ScaledDown"})] == ["SIGTERM"]


def test_the_layout_takes_a_line_apart():
    (fields,) = fields_of(
        CONTAINER_LOG, CriFormat(), "service.request", REQUEST | {"failed": 1, "error": 'bad "x"', "status": 500}
    )

    assert (fields["stream"], fields["level"], fields["msg"]) == ("stderr", "error", "request failed")
    assert (fields["service"], fields["pod"], fields["trace_id"]) == ("cart", "cart-7c9f-2", TRACE.hex())
    assert (fields["route"], fields["status"], fields["error"]) == ("/cart/{id}", "500", r"bad \"x\"")
    assert "tag" not in fields
    assert set(CONTAINER_LOG.entities.values()) <= set(fields)


def test_functions_have_no_containers():
    assert lines("service.request", REQUEST | {"protocol": "function"}) == []
    assert lines("instance.started", WHO | {"kind": "function"}) == []
