"""Zeek's logs, as JSON and as tab-separated values."""

import json
import re

import pytest

from simulator_network import FORMATS, RENDERERS
from tests.plugins.ecs_fields import without_duplicates
from tests.plugins.rendering import ATTACKER, DB1, TAG, WEB1, fields_of, rendered_records

BY_FORMAT = {each.name: each for each in FORMATS}
BY_NAME = {each.name: each for each in RENDERERS}
UID = bytes(range(10, 27))
CONNECTION = {"host": WEB1, "destination": ATTACKER, "destination_port": 443, "connection": UID, "service": "ssl"}
REQUEST = {"host": WEB1, "source": ATTACKER, "path": "/", "connection": UID, "scheme": "http", "port": 80}
QUERY = {"host": WEB1, "query": "www.example.com", "server": DB1, "connection": UID}
HANDSHAKE = {"host": WEB1, "destination": ATTACKER, "server_name": "c2.example", "connection": UID}
LOGIN = {"host": WEB1, "source": ATTACKER, "source_port": 40123, "connection": UID}
EVERYTHING = {
    "conn": [
        ("network.connection", CONNECTION),
        ("network.connection", CONNECTION | {"state": "S0"}),
        ("network.connection", CONNECTION | {"state": "REJ", "service": None}),
        ("network.connection", CONNECTION | {"protocol": "udp", "destination_port": 123, "service": "ntp"}),
        ("network.connection", CONNECTION | {"protocol": "icmp", "destination_port": 0, "service": None}),
        ("http.request", REQUEST),
        ("http.request", REQUEST | {"scheme": "https", "port": 443, "method": "HEAD"}),
        ("dns.query", QUERY),
        ("dns.query", QUERY | {"query_type": "TXT", "answer": "v=spf1 -all"}),
        ("ssh.login_failed", LOGIN),
        ("ssh.login_succeeded", LOGIN),
    ],
    "dns": [
        ("dns.query", QUERY | {"answer": "192.0.2.7"}),
        ("dns.query", QUERY | {"rcode": "NXDOMAIN"}),
        ("dns.query", QUERY | {"query_type": "TXT", "answer": "v=spf1 a, b"}),
    ],
    "http": [
        ("http.request", REQUEST),
        ("http.request", REQUEST | {"path": "/a%5C%09b", "query": "q=%22x%22", "user_agent": 'a\t"b"', "user": "ann"}),
        ("http.request", REQUEST | {"method": "HEAD", "status": 404, "referrer": "http://shop.example/"}),
    ],
    "ssl": [
        ("tls.handshake", HANDSHAKE),
        ("tls.handshake", HANDSHAKE | {"version": "TLSv12", "cipher": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"}),
        (
            "tls.handshake",
            HANDSHAKE | {"version": "TLSv10", "cipher": "TLS_RSA_WITH_AES_128_CBC_SHA", "server_name": None},
        ),
        ("http.request", REQUEST | {"scheme": "https", "port": 443}),
    ],
}
CASES = [(log, *case) for log, cases in EVERYTHING.items() for case in cases]
HEADERS = {
    "conn": """\
#fields ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes conn_state \
local_orig local_resp missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents ip_proto
#types time string addr port addr port enum string interval count count string \
bool bool count string count count count count set[string] count""",
    "dns": """\
#fields ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto trans_id rtt query qclass qclass_name qtype qtype_name \
rcode rcode_name AA TC RD RA Z answers TTLs rejected
#types time string addr port addr port enum count interval string count string count string \
count string bool bool bool bool count vector[string] vector[interval] bool""",
    "http": """\
#fields ts uid id.orig_h id.orig_p id.resp_h id.resp_p trans_depth method host uri referrer version user_agent origin \
request_body_len response_body_len status_code status_msg info_code info_msg tags username password proxied \
orig_fuids orig_filenames orig_mime_types resp_fuids resp_filenames resp_mime_types
#types time string addr port addr port count string string string string string string string \
count count count string count string set[enum] string string set[string] \
vector[string] vector[string] vector[string] vector[string] vector[string] vector[string]""",
    "ssl": """\
#fields ts uid id.orig_h id.orig_p id.resp_h id.resp_p version cipher curve server_name resumed last_alert \
next_protocol established ssl_history cert_chain_fps client_cert_chain_fps sni_matches_cert
#types time string addr port addr port string string string string bool string \
string bool string vector[string] vector[string] bool""",
}


def as_json(log, event, values):
    renderer = BY_NAME[f"zeek.{log}"]
    (line,) = rendered_records(renderer, BY_FORMAT["zeek_json"], event, values)
    return json.loads(line, object_pairs_hook=without_duplicates)


def as_tabs(log, event, values):
    """Read a log as zeek-cut does: by the names in its header."""
    record_format = BY_FORMAT[f"zeek_tsv_{log}"]
    (line,) = rendered_records(BY_NAME[f"zeek_tsv.{log}"], record_format, event, values)
    header = dict(each.split("\t", 1) for each in record_format.header(TAG).splitlines() if "\t" in each)
    names, kinds, values = header["#fields"].split("\t"), header["#types"].split("\t"), line.split("\t")
    assert len(names) == len(kinds) == len(values)
    return dict(zip(names, zip(kinds, values, strict=True), strict=True))


@pytest.mark.parametrize("log", EVERYTHING)
def test_the_header_is_zeeks_with_the_tag_as_two_more_columns(log):
    separator, *between, fields, types = BY_FORMAT[f"zeek_tsv_{log}"].header(TAG).splitlines()

    assert separator == "#separator \\x09"
    assert between == ["#set_separator\t,", "#empty_field\t(empty)", "#unset_field\t-", f"#path\t{log}"]
    expected_fields, expected_types = HEADERS[log].replace(" ", "\t").splitlines()
    assert fields == expected_fields + "\tfeint_run\tfeint_playbook"
    assert types == expected_types + "\tstring\tstring"


@pytest.mark.parametrize(("log", "event", "values"), CASES)
def test_json_and_tabs_tell_the_same(log, event, values):
    told = as_json(log, event, values)
    assert told.pop("feint") == {"run": TAG.run, "playbook": TAG.playbook}

    tabs = as_tabs(log, event, values)
    assert (tabs.pop("feint_run")[1], tabs.pop("feint_playbook")[1]) == (TAG.run, TAG.playbook)
    assert {name: read(kind, value) for name, (kind, value) in tabs.items() if value != "-"} == told
    assert list(told) == [name for name, (_, value) in tabs.items() if value != "-"]


def read(kind, value):
    """Read a value of Zeek's ASCII writer by its type."""
    if kind.startswith(("set[", "vector[")):
        return [] if value == "(empty)" else [read(kind.partition("[")[2][:-1], each) for each in value.split(",")]
    if kind == "bool":
        return {"T": True, "F": False}[value]
    if kind in ("time", "interval"):
        assert re.fullmatch(r"\d+\.\d{6}", value)
        return float(value)
    if kind in ("count", "port"):
        return int(value)
    return re.sub(r"\\(\\|x([0-9a-f]{2}))", lambda found: chr(int(found[2], 16)) if found[2] else "\\", value)


def test_one_connection_has_one_uid_in_all_logs():
    logs = [
        as_json("conn", "http.request", REQUEST),
        as_json("http", "http.request", REQUEST),
        as_json("ssl", "http.request", REQUEST | {"scheme": "https"}),
        as_json("conn", "network.connection", CONNECTION),
        as_json("ssl", "tls.handshake", HANDSHAKE),
        as_json("dns", "dns.query", QUERY),
    ]

    assert {each["uid"] for each in logs} == {"CABCDEFGHIJKLMNOPQ"}


def test_a_finished_connection_has_sizes_that_packets_and_headers_explain():
    told = as_json("conn", "network.connection", CONNECTION | {"sent": 14480, "received": 0, "duration": "1.5s"})

    assert (told["conn_state"], told["history"], told["duration"]) == ("SF", "ShADadFf", 1.5)
    assert (told["orig_bytes"], told["orig_pkts"], told["orig_ip_bytes"]) == (14480, 15, 14480 + 15 * 52 + 8)
    assert (told["resp_bytes"], told["resp_pkts"], told["resp_ip_bytes"]) == (0, 9, 9 * 52 + 8)
    assert (told["local_orig"], told["local_resp"], told["ip_proto"]) == (True, False, 6)


def test_an_attempt_without_an_answer_has_no_duration_and_no_sizes():
    told = as_json("conn", "network.connection", CONNECTION | {"state": "S0"})

    assert not {"duration", "orig_bytes", "resp_bytes"} & set(told)
    assert (told["history"], told["orig_pkts"], told["orig_ip_bytes"]) == ("S", 1, 60)
    assert (told["resp_pkts"], told["resp_ip_bytes"]) == (0, 0)


def test_a_refused_attempt_is_a_syn_and_a_reset():
    told = as_json("conn", "network.connection", CONNECTION | {"state": "REJ"})

    assert (told["history"], told["orig_bytes"], told["resp_bytes"]) == ("Sr", 0, 0)
    assert (told["orig_pkts"], told["orig_ip_bytes"], told["resp_pkts"], told["resp_ip_bytes"]) == (1, 60, 1, 40)


def test_only_plain_http_is_read_and_https_is_a_handshake():
    secure = REQUEST | {"scheme": "https", "port": 443, "virtual_host": "shop.example"}
    formats = BY_FORMAT["zeek_json"]

    assert rendered_records(BY_NAME["zeek.http"], formats, "http.request", secure) == []
    assert rendered_records(BY_NAME["zeek.ssl"], formats, "http.request", REQUEST) == []
    assert as_json("ssl", "http.request", secure)["server_name"] == "shop.example"
    assert as_json("conn", "http.request", secure)["service"] == "ssl"
    assert as_json("conn", "http.request", REQUEST)["service"] == "http"


def test_a_uri_is_told_without_its_percent_encoding():
    assert (
        as_json("http", "http.request", REQUEST | {"path": "/%2e%2e/a", "query": "q=%22é%zz"})["uri"] == '/../a?q="é%zz'
    )


def test_certificates_are_seen_before_tls_1_3_only():
    old = as_json("ssl", "tls.handshake", HANDSHAKE | {"version": "TLSv12"})
    new = as_json("ssl", "tls.handshake", HANDSHAKE)

    assert [len(each) for each in old["cert_chain_fps"]] == [64, 64]
    assert old["sni_matches_cert"] is True
    assert not {"cert_chain_fps", "client_cert_chain_fps", "sni_matches_cert", "next_protocol"} & set(new)
    assert (new["ssl_history"], old["ssl_history"]) == ("CsiI", "CsxnGIti")


def test_a_denied_name_has_a_code_and_no_answers():
    told = as_json("dns", "dns.query", QUERY | {"rcode": "NXDOMAIN"})

    assert (told["rcode"], told["rcode_name"], told["rejected"]) == (3, "NXDOMAIN", False)
    assert not {"answers", "TTLs", "rtt"} & set(told)


def test_a_text_answer_is_told_with_its_length():
    assert as_json("dns", "dns.query", QUERY | {"query_type": "TXT", "answer": "v=spf1"})["answers"] == ["TXT 6 v=spf1"]


@pytest.mark.parametrize(("log", "event", "values"), CASES)
def test_the_tag_is_found_and_leaves_a_record_of_the_same_layout(log, event, values):
    for name in (f"zeek.{log}", f"zeek_tsv.{log}"):
        renderer = BY_NAME[name]
        record_format = BY_FORMAT[renderer.format]
        (line,) = rendered_records(renderer, record_format, event, values)
        (bare,) = fields_of(renderer, record_format, event, values)
        whole = record_format.layout.parse(line)

        assert record_format.is_tagged(whole, TAG)
        assert not record_format.is_tagged(bare, TAG)
        assert bare == {key: value for key, value in whole.items() if not key.startswith("feint")}
        assert set(renderer.entities.values()) <= set(bare)
