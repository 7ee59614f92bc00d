"""Descriptions of services: what they amount to, and what is refused with its place."""

from __future__ import annotations

import pytest

from simulator.errors import PlaybookError
from simulator.places import Complaints
from simulator_services.language.description import Services
from simulator_services.system import ServicesSystem
from tests.services.worlds import SHOP, TWO, bound, effect

WEB = "{services: {web: {routes: {GET /: {calls: [%s]}}}, db: {kind: database}, mail: {kind: queue}}, traffic: %s}"
SOME = "[{to: web GET /, arrivals: {poisson: {rate: 1/s}}}]"


def complaints_about(text: str, *effects: tuple[str, str]) -> list[str]:
    try:
        described = bound(text, Services)
        found = Complaints()
        ServicesSystem().check(described, [effect(*each) for each in effects], found)
        found.settle()
    except PlaybookError as error:
        return [f"{each.line}:{each.column}: {each.message}" for each in error.complaints]
    return []


@pytest.mark.parametrize(
    ("calls", "said"),
    [
        ("wbe GET /", "there is no service 'wbe'; did you mean 'web'?"),
        ("web GET /x", "'web' has no route 'GET /x'"),
        ("web GET /", "calls go round in a circle: web GET / → web GET /"),
        ("publish: db", "messages go to a queue; 'db' is a database"),
        ("mail publish mail", "'mail' is a queue; write {publish: mail}"),
        ("{call: db SELECT x, on_miss: [db SELECT y]}", "only caches miss; 'db' is a database"),
        ("{call: db SELECT x, retries: 99}", "99 is out of range"),
        ("web", "expected a service and a route of it"),
    ],
)
def test_a_call_that_cannot_be_is_refused_with_its_place(calls, said):
    text = WEB % (f"{{{calls}}}" if calls.startswith("publish") else calls, SOME)

    (complaint,) = complaints_about(text)

    assert said in complaint
    assert complaint.startswith("1:")


@pytest.mark.parametrize(
    ("service", "said"),
    [
        ("regions: [mars]", "there is no region 'mars'; there are main"),
        ("memory: 2GiB, memory_limit: 1GiB", "is killed at once"),
        ("memory: 2", "expected a size such as 512MiB or 2GB"),
        ("memory: 2 apples", "is not a size"),
        ("instances: 9, autoscale: {most: 4}", "has more `instances` than `most`"),
        ("pool: {to: web}", "a pool is of connections to a database; this is a service"),
        ("workers: 1, routes: {GET /: {p50: 5s}}", "its backlog would never end"),
        ("cores: 0.1, routes: {GET /: {cpu: 1s}}", "its backlog would never end"),
        ("kind: cache", "traffic goes to services and functions, not to a cache"),
    ],
)
def test_a_service_that_cannot_be_is_refused(service, said):
    routes = "" if "routes" in service else ", routes: {GET /: {}}"
    text = f"{{services: {{web: {{{service}{routes}}}}}, traffic: {SOME}}}"

    assert any(said in complaint for complaint in complaints_about(text))


def test_messages_that_go_round_in_a_circle_are_refused():
    text = """
    services:
      web: {routes: {GET /: {calls: [{publish: mail}]}}}
      mail: {kind: queue}
      mailer: {routes: {process mail: {calls: [{publish: mail}]}}}
    traffic: [{to: web GET /, arrivals: {poisson: {rate: 1/s}}}]
    """

    (complaint,) = complaints_about(text)

    assert "calls go round in a circle: mailer process mail → mailer process mail" in complaint


def test_a_request_that_leads_to_too_many_spans_is_refused():
    layers = "\n".join(
        f"  s{number}: {{routes: {{GET /: {{calls: [{', '.join([f's{number + 1} GET /'] * 4)}]}}}}}}"
        for number in range(8)
    )
    text = f"services:\n{layers}\n  s8: {{routes: {{GET /: {{}}}}}}\ntraffic: [{SOME[1:-1].replace('web', 's0')}]"

    (complaint,) = complaints_about(text)

    assert "leads to 174,761 spans; the most is 5,000" in complaint


@pytest.mark.parametrize(
    ("name", "said", "complaint"),
    [
        ("latency", "{service: crat, factor: 2}", "there is no service 'crat'; did you mean 'cart'?"),
        ("latency", "{service: cart, factor: 2, route: GET /x}", "the service has no route 'GET /x'"),
        ("latency", "{service: cart, factor: 2, region: mars}", "there is no region 'mars'"),
        ("pool_size", "{service: cart, size: 2}", "'cart' has no `pool`"),
        ("cache_hit_rate", "{service: cart}", "'cart' is not a cache"),
        ("cold_start_storm", "{service: cart}", "'cart' is not a function"),
        ("disk_fill", "{service: cart, per_hour: 1GiB}", "'cart' has no `disk`"),
        ("memory_leak", "{service: cart}", "nothing leaks"),
        (
            "bad_version",
            "{service: cart, version: 2.0.0, share: 50%, promoted: 10%}",
            "`promoted` is less than `share`",
        ),
        ("region_loss", "{region: mars}", "there is no region 'mars'"),
        ("traffic", "{factor: 2, to: web GET /x}", "no traffic goes to 'web GET /x'"),
    ],
)
def test_an_effect_that_cannot_be_is_refused(name, said, complaint):
    assert any(complaint in each for each in complaints_about(TWO, (name, said)))


def test_what_is_fine_is_not_complained_about():
    assert complaints_about(TWO) == []
    assert complaints_about(SHOP) == []


def test_instances_are_machines_with_names_of_their_own():
    hosts = ServicesSystem().hosts(bound(SHOP, Services))

    names = [str(each.name) for each in hosts]
    assert len(set(names)) == len(names)
    assert "orders-db-eu-0" in names
    checkout = [each for each in hosts if each.attributes["service"] == "checkout"]
    assert [each.attributes.get("standby") for each in checkout[:5]] == [None, None, "true", "true", "true"]
    assert checkout[0].attributes == {
        "service": "checkout", "version": "1.0.0", "region": "eu", "kind": "service", "namespace": "default",
    }  # fmt: skip
    assert {each.attributes["region"] for each in checkout} == {"eu", "us"}
