"""A border firewall's connections in CEF."""

import re
from datetime import datetime

import pytest

from simulator_network import FIREWALL
from simulator_network.firewall import escaped
from simulator_network.formats import Cef
from tests.plugins.rendering import ATTACKER, DB1, TAG, WEB1, fields_of, rendered_records

OUTWARD = {"host": WEB1, "destination": ATTACKER, "destination_port": 443, "service": "ssl", "duration": "1.5s"}
INWARD = {"host": WEB1, "source": ATTACKER, "destination": WEB1, "destination_port": 22}
# Of ArcSight's dictionary; those whose values are numbers, addresses, or moments.
NUMBERS = {"spt", "dpt", "in", "out", "deviceDirection"}
MOMENTS = {"rt", "start", "end"}
TEXTS = {"src", "dst", "proto", "app", "act", "cat", "externalId", "cs6", "cs6Label"}


def strictly_read(line):
    """Read CEF by its specification: seven pipes, then keys of letters and digits, each escape a known one."""
    parts = re.split(r"(?<!\\)\|", line, maxsplit=7)
    assert len(parts) == 8
    assert parts[0] == "CEF:0"
    assert 0 <= int(parts[6]) <= 10
    extension = parts[7]
    assert re.fullmatch(r"(?:[^\\]|\\[\\=rn])*", extension)
    keys = list(re.finditer(r"(?:^| )([A-Za-z0-9_]+)=", extension))
    ends = [key.start() for key in keys[1:]] + [len(extension)]
    read = {key[1]: extension[key.end() : end] for key, end in zip(keys, ends, strict=True)}
    assert len(read) == len(keys), "a key stands twice"
    return parts[1:7], read


def told(values, event="network.connection"):
    (line,) = rendered_records(FIREWALL, Cef(), event, values)
    return strictly_read(line)


def test_a_connection_that_goes_out_is_accepted():
    head, extension = told(OUTWARD | {"sent": 0, "received": 1448})

    assert head == ["Example Networks", "Border Firewall", "4.2", "100", "Connection accepted", "3"]
    assert (extension["src"], extension["dst"], extension["dpt"]) == ("10.20.0.11", "203.0.113.66", "443")
    assert (extension["proto"], extension["app"], extension["act"]) == ("TCP", "SSL", "accept")
    assert (extension["in"], extension["out"]) == ("268", "1716")
    assert extension["deviceDirection"] == "1"
    assert (extension["start"], extension["end"]) == ("Mar 02 2026 08:00:01.123 UTC", "Mar 02 2026 08:00:02.623 UTC")
    assert list(extension)[-2:] == ["cs6Label", "cs6"]


@pytest.mark.parametrize("state", ["S0", "REJ"])
def test_what_comes_from_outside_and_gets_nowhere_was_denied(state):
    head, extension = told(INWARD | {"state": state})

    assert head[3:] == ["101", "Connection denied", "5"]
    assert (extension["act"], extension["deviceDirection"]) == ("deny", "0")
    assert not {"in", "out", "app"} & set(extension)


def test_it_does_not_see_what_stays_inside():
    assert rendered_records(FIREWALL, Cef(), "network.connection", OUTWARD | {"destination": DB1}) == []
    assert rendered_records(FIREWALL, Cef(), "dns.query", {"host": WEB1, "query": "a.example", "server": DB1}) == []
    assert rendered_records(FIREWALL, Cef(), "http.request", {"host": WEB1, "source": DB1, "path": "/"}) == []


@pytest.mark.parametrize(
    ("event", "values"),
    [
        ("network.connection", OUTWARD),
        ("network.connection", INWARD | {"state": "S0"}),
        ("http.request", {"host": WEB1, "source": ATTACKER, "path": "/"}),
        ("dns.query", {"host": WEB1, "query": "a.example"}),
        ("ssh.login_failed", {"host": WEB1, "source": ATTACKER, "source_port": 40123, "connection": bytes(17)}),
    ],
)
def test_keys_and_values_are_those_of_the_dictionary(event, values):
    _, extension = told(values, event)

    assert set(extension) <= NUMBERS | MOMENTS | TEXTS
    assert all(extension[key].isdecimal() for key in NUMBERS & set(extension))
    moments = [datetime.strptime(extension[key], "%b %d %Y %H:%M:%S.%f UTC") for key in ("start", "end", "rt")]  # noqa: DTZ007
    assert moments == sorted(moments)


def test_the_layout_and_an_independent_reader_agree():
    values = OUTWARD | {"service": "a=b\\c"}
    (line,) = rendered_records(FIREWALL, Cef(), "network.connection", values)
    read = Cef().layout.parse(line)
    head, extension = strictly_read(line)

    assert {key: read[key] for key in extension} == extension
    assert extension["app"] == "A\\=B\\\\C"
    assert [read[key] for key in ("device_vendor", "signature_id", "severity")] == [head[0], head[3], head[5]]
    assert Cef().is_tagged(read, TAG)


def test_taking_the_tag_out_leaves_the_rest():
    (fields,) = fields_of(FIREWALL, Cef(), "network.connection", OUTWARD)

    assert not {"cs6", "cs6Label"} & set(fields)
    assert set(FIREWALL.fields.values()) | set(FIREWALL.entities.values()) <= set(fields)


def test_structure_in_values_is_escaped():
    assert escaped("a=b\\c\nd\re|f") == "a\\=b\\\\c\\nd\\re|f"
