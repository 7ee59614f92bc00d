"""Requests as ECS documents."""

import json

from simulator_json.ecs import EcsFormat
from simulator_web import ECS
from tests.plugins.ecs_fields import assert_are_ecs_fields, without_duplicates
from tests.plugins.rendering import ATTACKER, WEB1, fields_of, rendered_records

REQUEST = {
    "host": WEB1,
    "source": ATTACKER,
    "path": '/shop/"é"',
    "query": "q=a&b",
    "status": 404,
    "bytes": 512,
    "referrer": "https://shop.example/",
    "user_agent": 'Mozilla/5.0 "x"',
    "user": "ann",
    "virtual_host": "shop.example",
}


def document(**values):
    (line,) = rendered_records(ECS, EcsFormat(), "http.request", REQUEST | values)
    return json.loads(line, object_pairs_hook=without_duplicates)


def test_a_request_is_the_document_that_filebeat_makes_of_an_access_line():
    made = document()

    assert made["@timestamp"] == "2026-03-02T08:00:01.000Z"
    assert made["event"] == {
        "category": ["web"],
        "dataset": "nginx.access",
        "kind": "event",
        "module": "nginx",
        "outcome": "failure",
        "timezone": "+00:00",
        "type": ["access"],
    }
    assert made["http"] == {
        "request": {"method": "GET", "referrer": "https://shop.example/"},
        "response": {"body": {"bytes": 512}, "status_code": 404},
        "version": "1.1",
    }
    assert made["url"] == {
        "domain": "shop.example",
        "original": '/shop/"é"?q=a&b',
        "path": '/shop/"é"',
        "query": "q=a&b",
    }
    assert made["source"] == {"address": "203.0.113.66", "ip": "203.0.113.66"}
    assert made["related"] == {"ip": ["203.0.113.66"], "user": ["ann"]}
    assert made["user_agent"] == {"original": 'Mozilla/5.0 "x"'}
    assert made["data_stream"]["dataset"] == made["event"]["dataset"]


def test_what_was_not_sent_has_no_field():
    made = document(user="-", user_agent="-", referrer="-", query="", status=200)

    assert not {"user", "user_agent"} & set(made)
    assert "query" not in made["url"]
    assert "referrer" not in made["http"]["request"]
    assert made["event"]["outcome"] == "success"


def test_its_fields_are_those_of_the_schema():
    assert_are_ecs_fields(document(), own=("nginx.",))


def test_rules_and_entities_find_their_fields():
    (fields,) = fields_of(ECS, EcsFormat(), "http.request", REQUEST)

    assert set(ECS.fields.values()) | set(ECS.entities.values()) <= set(fields)
