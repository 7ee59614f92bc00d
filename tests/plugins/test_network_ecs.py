"""Flows and DNS transactions as ECS documents."""

import json

import pytest

from simulator_json.ecs import EcsFormat
from simulator_network import NETWORK_ECS
from tests.plugins.ecs_fields import assert_are_ecs_fields, without_duplicates
from tests.plugins.rendering import ATTACKER, DB1, WEB1, fields_of, rendered_records

CONNECTION = {"host": WEB1, "destination": ATTACKER, "destination_port": 443, "service": "ssl", "duration": "1.5s"}
QUERY = {"host": WEB1, "query": "www.example.com", "server": DB1, "answer": "192.0.2.7", "transaction": 4711}
EVENTS = [
    ("network.connection", CONNECTION),
    ("network.connection", CONNECTION | {"state": "S0", "service": None}),
    ("http.request", {"host": WEB1, "source": ATTACKER, "path": "/"}),
    ("ssh.login_failed", {"host": WEB1, "source": ATTACKER, "source_port": 40123, "connection": bytes(17)}),
    ("dns.query", QUERY),
    ("dns.query", QUERY | {"answer": None, "rcode": "NXDOMAIN"}),
]


def document(event, values):
    (line,) = rendered_records(NETWORK_ECS, EcsFormat(), event, values)
    return json.loads(line, object_pairs_hook=without_duplicates)


@pytest.mark.parametrize(("event", "values"), EVENTS)
def test_its_fields_are_those_of_the_schema(event, values):
    made = document(event, values)

    assert made["event"]["dataset"] == made["data_stream"]["dataset"]
    assert_are_ecs_fields(made)


def test_a_flow_has_ends_sizes_and_a_direction():
    made = document("network.connection", CONNECTION | {"sent": 0, "received": 1448})

    assert made["source"] == {"bytes": 268, "packets": 5, "ip": "10.20.0.11", "port": 32768}
    assert made["destination"] == {"bytes": 1716, "packets": 5, "ip": "203.0.113.66", "port": 443}
    assert made["network"] == {"direction": "outbound", "protocol": "ssl", "transport": "tcp", "type": "ipv4"}
    assert (made["event"]["start"], made["event"]["end"]) == ("2026-03-02T08:00:01.123Z", "2026-03-02T08:00:02.623Z")
    assert made["event"]["duration"] == 1_500_000_000


def test_a_lookup_has_its_question_and_its_answer():
    made = document("dns.query", QUERY)

    assert made["dns"]["question"] == {"class": "IN", "name": "www.example.com", "type": "A"}
    assert made["dns"]["answers"][0] | {"ttl": 0} == {
        "class": "IN",
        "data": "192.0.2.7",
        "name": "www.example.com",
        "ttl": 0,
        "type": "A",
    }
    assert (made["dns"]["id"], made["dns"]["resolved_ip"], made["dns"]["response_code"]) == (
        4711,
        ["192.0.2.7"],
        "NOERROR",
    )
    assert made["network"]["direction"] == "internal"


def test_rules_and_entities_find_their_fields():
    (flow,) = fields_of(NETWORK_ECS, EcsFormat(), "network.connection", CONNECTION)
    (lookup,) = fields_of(NETWORK_ECS, EcsFormat(), "dns.query", QUERY)

    assert set(NETWORK_ECS.fields.values()) | set(NETWORK_ECS.entities.values()) <= set(flow)
    assert set(NETWORK_ECS.log_sources[0].fields.values()) <= set(lookup)
