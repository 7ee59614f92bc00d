"""The access log of an Application Load Balancer."""

# ruff: noqa: E501 - tables of records and patterns, a line each

import re
import shlex

import pytest

from simulator import Host, Outsider
from simulator_cloud.formats import ALB_FIELDS, AlbEntry
from simulator_cloud.load_balancer import ALB
from tests.plugins.rendering import ATTACKER, TAG, fields_of, rendered_records

CART = Host("cart-5d9f-1", "10.40.1.17", "linux", "cart-5d9f-1.kettleleaf.example", attributes={"service": "cart"})
TRACE, SPAN = bytes(range(16)), bytes(range(8))
REQUEST = {
    "host": CART, "service": "cart", "source": ATTACKER, "source_port": 40123, "route": "/cart/{id}", "trace": TRACE,
    "span": SPAN, "duration": "41.9ms", "bytes": 2400, "region": "eu-central-1",
}  # fmt: skip
# The entry's syntax as the user guide of Elastic Load Balancing has it, field by field.
ENTRY = re.compile(
    r"(?P<type>https?|h2|grpcs|wss?) (?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) (?P<elb>app/[\w-]{1,32}/[0-9a-f]{16})"
    r" (?P<client>[\d.]+:\d+) (?P<target>[\d.]+:\d+|-) (?P<request_time>-1|\d+\.\d{3}) (?P<target_time>-1|\d+\.\d{3})"
    r" (?P<response_time>-1|\d+\.\d{3}) (?P<elb_status>\d{3}) (?P<target_status>\d{3}|-) (?P<received>\d+) (?P<sent>\d+)"
    r' "(?P<request>[A-Z]+ https?://[\w.-]+:\d+/\S* HTTP/\d\.\d)" "(?P<agent>[^"]+)" (?P<cipher>\S+) (?P<protocol>TLSv1\.[23])'
    r" (?P<group>arn:aws:elasticloadbalancing:[\w-]+:\d{12}:targetgroup/[\w-]+/[0-9a-f]{16})"
    r' "(?P<trace>Root=1-[0-9a-f]{8}-[0-9a-f]{24})" "(?P<domain>[\w.-]+)" "(?P<certificate>arn:aws:acm:[\w-]+:\d{12}:certificate/[0-9a-f-]{36})"'
    r' (?P<priority>\d+) (?P<created>\S+Z) "(?P<actions>forward)" "-" "-" "(?P<targets>[\d.]+:\d+|-)" "(?P<statuses>\d{3}|-)"'
    r' "-" "-" (?P<connection>TID_[0-9a-f]{32}) "-" "-" "-" "feint run=\w+ playbook=[\w-]+"'
)


UNANSWERED = {name: value for name, value in REQUEST.items() if name not in ("span", "bytes")} | {"duration": "1.2ms"}


def entry(event="service.request", given=REQUEST, **values):
    (line,) = rendered_records(ALB, AlbEntry(), event, given | values)
    assert AlbEntry().is_tagged(AlbEntry().layout.parse(line), TAG)
    return line


@pytest.mark.parametrize(
    "values", [{}, {"method": "POST", "status": 500, "error": "500", "failed": 1}, {"route": "/"}, {"region": "main"}]
)
def test_an_entry_has_the_syntax_of_the_manual(values):
    assert ENTRY.fullmatch(entry(**values))


def test_the_values_of_an_entry_are_those_of_the_request():
    found = ENTRY.fullmatch(entry())

    assert found["client"] == "203.0.113.66:40123"
    assert found["target"] == found["targets"] == "10.40.1.17:8080"
    assert (found["target_time"], found["elb_status"], found["target_status"]) == ("0.041", "200", "200")
    assert found["created"] == "2026-03-02T08:00:01.123456Z"
    assert found["time"] == "2026-03-02T08:00:01.165356Z"
    assert re.fullmatch(r"GET https://www\.kettleleaf\.example:443/cart/\d{5} HTTP/2\.0", found["request"])
    assert "eu-central-1:111122223333:targetgroup/cart/" in found["group"]


def test_the_trace_header_is_made_of_the_trace_id():
    assert ENTRY.fullmatch(entry())["trace"].removeprefix("Root=1-").replace("-", "") == TRACE.hex()


def test_an_entry_has_as_many_fields_as_a_reader_expects_and_one_more_for_the_tag():
    assert len(shlex.split(entry())) == len(ALB_FIELDS) - 1 + 1  # client and port are one field


def test_a_request_that_reaches_no_target_is_answered_by_the_balancer():
    line = entry("service.unanswered", UNANSWERED)
    found = ENTRY.fullmatch(line)

    assert (found["target"], found["targets"]) == ("-", "-")
    assert (found["request_time"], found["target_time"], found["response_time"]) == ("-1", "-1", "-1")
    assert (found["elb_status"], found["target_status"], found["statuses"]) == ("503", "-", "-")
    assert found["client"] == "203.0.113.66:40123"
    assert found["created"] < found["time"]
    assert len(shlex.split(line)) == len(ALB_FIELDS)


def test_who_never_shook_hands_is_not_in_the_access_log():
    expired = UNANSWERED | {"status": 0, "error": "certificate_expired"}

    assert rendered_records(ALB, AlbEntry(), "service.unanswered", expired) == []


def test_the_layout_names_the_fields_in_their_order():
    (fields,) = fields_of(ALB, AlbEntry(), "service.request", REQUEST)

    assert [name for name in fields if name in ALB_FIELDS] == list(ALB_FIELDS)
    assert set(ALB.fields.values()) - set(fields) == {"query"}
    assert "tag" not in fields


def test_a_target_that_does_not_answer_in_time_has_no_status():
    found = ENTRY.fullmatch(entry(status=504, error="timeout", failed=1, duration="60.001s"))

    assert (found["target_time"], found["response_time"]) == ("-1", "-1")
    assert (found["elb_status"], found["target_status"], found["statuses"]) == ("504", "-", "-")


@pytest.mark.parametrize(("status", "answered"), [(0, "502"), (499, "460")])
def test_a_connection_that_broke_has_a_status_of_the_balancer_alone(status, answered):
    found = ENTRY.fullmatch(entry(status=status, error="connection_reset", failed=1))

    assert (found["response_time"], found["elb_status"], found["target_status"]) == ("-1", answered, "-")


@pytest.mark.parametrize("values", [{"root": 0}, {"protocol": "grpc"}, {"protocol": "function"}, {"source": None}])
def test_only_requests_from_outside_over_http_pass_the_balancer(values):
    assert rendered_records(ALB, AlbEntry(), "service.request", REQUEST | values) == []


def test_a_client_keeps_its_browser():
    clients = [Outsider(f"visitor-{n}", f"198.51.100.{n}") for n in range(40)]
    agents = [ENTRY.fullmatch(entry(source=client))["agent"] for client in clients]

    assert agents == [ENTRY.fullmatch(entry(source=client))["agent"] for client in clients]
    assert len(set(agents)) > 3
