"""The store reads what the layouts say, knows nothing of the tag, and keeps what it was asked for."""

# ruff: noqa: E501 - tables of records and rules, a line each

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from simulator import (
    Column,
    DelimitedLayout,
    JsonLayout,
    KeyValueLayout,
    PatternLayout,
    Renderer,
    UsageError,
)
from simulator_sandbox.store import DuckDBStore
from tests.sandbox.recordings import SECOND, START, HandFormat, Recorder

DOCUMENTS = [
    {"@timestamp": "2026-01-01T00:00:01.123456789Z", "event": {"code": "1", "n": 7}, "user": {"name": 'Jörg "x" \\ /'}},
    {
        "@timestamp": "2026-01-01T01:00:01+01:00",
        "event.code": "2",
        "ok": True,
        "none": None,
        "list": ["a", 1, {"b": 2.5}],
    },
    {"@timestamp": "2026-01-01T00:00:03Z", "a": {"b.c": {"d": "deep"}}, "f": 1.5, "big": 9007199254740993, "e": ""},
    {
        "@timestamp": "2026-01-01T00:00:04Z",
        "a.b": {"c.d": "other"},
        "guid": "{8A5B-1}",
        "event": {"code": {"x": "object"}},
    },
    {"@timestamp": "nonsense", "quote": "O'Brien; DROP TABLE records0; --", "tab": "a\tb\nc\u0001", "日本": "語"},
    {},
]
AUTH = PatternLayout(
    r"^(?P<time>[A-Z][a-z]{2} [ 0-9]\d [\d:]{8}) (?P<hostname>\S+) (?P<program>[^\s:\[]+)(?:\[(?P<pid>\d+)\])?: *(?P<message>.*)$",
    "%b %d %H:%M:%S",
)
AUTH_LINES = [
    "Jan  1 00:00:01 web1 sshd[12]: Failed password for invalid user 'x' from 192.0.2.1",
    "Jan  1 00:00:02 web1 cron: ",
    "not a record at all",
    "Dec 31 23:59:58 web1 kernel: [ 1.0] ünïcode",
]
ACCESS = PatternLayout(
    r'^(?P<ip>\S+) \S+ (?P<user>\S+) \[(?P<time>[^\]]+)\] "(?:(?P<method>[A-Z]+) (?P<path>[^ ?"]*)(?:\?(?P<query>[^ "]*))? (?P<version>[^"]*)|(?P<broken>[^"]*))" (?P<status>\d+) "(?P<agent>[^"]*)"$',
    "%d/%b/%Y:%H:%M:%S %z",
)
ACCESS_LINES = [
    '192.0.2.1 - - [01/Jan/2026:00:00:01 +0000] "GET /a?b=c HTTP/1.1" 200 ""',
    '192.0.2.1 - bob [01/Jan/2026:02:00:02 +0200] "POST /é HTTP/2.0" 404 "curl/8 (x)"',
    '192.0.2.1 - - [01/Jan/2026:00:00:03 +0000] "\\x16\\x03" 400 "-"',
]
ZEEK = DelimitedLayout(("ts", "uid", "id.orig_h", "note"), "ts", unset=("-", "(empty)"))
ZEEK_LINES = [
    "1767225600.123456\tC1\t192.0.2.1\ta b",
    "1767225601.5\tC2\t-\t(empty)",
    "1767225602.0\tC3",
    "x\ty\tz\tw\tv",
]
AUDIT = KeyValueLayout(
    r"^type=(?P<type>\S+) msg=audit\((?P<time>\d+\.\d+):(?P<serial>\d+)\):", "time", "epoch", quoted=True,
    aliases={"auid": "loginuid"},
)  # fmt: skip
AUDIT_LINES = [
    'type=EXECVE msg=audit(1767225600.123:42): argc=3 a0="cat" a1="/etc/pass wd" a2="k=v a0=fake"',
    'type=USER_LOGIN msg=audit(1767225601.000:43): pid=1 auid=0 msg=\'op=login acct="bob" exe="/usr/sbin/sshd" res=failed\'',
    "type=X msg=audit(1767225602.000:44):",
    "nothing",
]
CEF = KeyValueLayout(r"^CEF:0\|(?P<vendor>[^|]*)\|(?P<name>[^|]*)\|", "rt", "epoch", aliases={"cs1": "label"})
CEF_LINES = [
    "CEF:0|Acme|deny|rt=1767225600.5 src=192.0.2.1 msg=a b  c cs1=two words request=/x?a\\=1 act=drop ",
    "CEF:0|Acme|bad|rt=1767225601 request=/x?a=1 next=2",
    "CEF:0|Acme|none|",
]
LAYOUTS = {
    "json": (JsonLayout(), [json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in DOCUMENTS]),
    "auth": (AUTH, AUTH_LINES),
    "access": (ACCESS, ACCESS_LINES),
    "zeek": (ZEEK, ZEEK_LINES),
    "audit": (AUDIT, AUDIT_LINES),
    "cef": (CEF, CEF_LINES),
}


def renderer(name):
    return Renderer(name, name, name, {})


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_field_reads_as_its_layout_parses_it(tmp_path, name):
    layout, lines = LAYOUTS[name]
    run = Recorder(tmp_path).add(renderer(name), HandFormat(name, layout), lines).run()
    parsed = [layout.parse(line) for line in lines]
    fields = sorted({field for record in parsed for field in record} | {"absent", "a.b.c", "event", "0", "list.0"})

    with DuckDBStore(run) as store:
        table = store.table(name, {f"c{place}": Column(field) for place, field in enumerate(fields)})
        rows = store.query(f"SELECT * FROM {table} ORDER BY line").to_pylist()

    read = [{field: row[f"c{place}"] for place, field in enumerate(fields)} for row in rows]
    assert read == [{field: record.get(field) for field in fields} for record in parsed]


def test_fields_that_are_a_whole_line_read_the_same_without_the_expression(tmp_path):
    layout = PatternLayout(
        r"(?P<series>(?P<name>\w+)\{(?P<labels>.*)\}) (?P<value>\S+) (?P<time>\d+)",
        "epoch_ms",
        split=("series", "value", "time"),
    )
    lines = ['a{x="b c} 1",y="é  z"} +Inf 1767225601000', "b{} 1.5e-07 1767225602000"]
    run = Recorder(tmp_path).add(renderer("s"), HandFormat("s", layout), lines).run()
    split = {name: Column(name) for name in ("series", "value")}

    with DuckDBStore(run) as store:
        first = store.query(f"SELECT * FROM {store.table('s', split)} ORDER BY line").to_pylist()
        more = store.table("s", {**split, "labels": Column("labels")})
        second = store.query(f"SELECT * FROM {more} ORDER BY line").to_pylist()

    assert [(row["series"], row["value"]) for row in first] == [
        ('a{x="b c} 1",y="é  z"}', "+Inf"),
        ("b{}", "1.5e-07"),
    ]
    assert [(row["time"] - START) // SECOND for row in first] == [1, 2]
    assert [row.pop("labels") for row in second] == ['x="b c} 1",y="é  z"', ""]
    assert second == first


def test_times_are_those_that_the_records_tell_and_of_the_arrival_where_they_tell_none(tmp_path):
    recorder = Recorder(tmp_path)
    for name, (layout, lines) in LAYOUTS.items():
        recorder.add(renderer(name), HandFormat(name, layout), lines, START + 10 * SECOND)

    with DuckDBStore(recorder.run()) as store:
        times = {
            name: [(row["time"] - START) / SECOND for row in store.query(
                f"SELECT time FROM {store.table(name, {})} ORDER BY line").to_pylist()]
            for name in LAYOUTS
        }  # fmt: skip

    assert times == {
        "json": [1.123456789, 1, 3, 4, 10, 10],
        "auth": [1, 2, 10, -2],  # December lies far ahead of an arrival in January: it is last year's
        "access": [1, 2, 3],
        "zeek": [0.123456, 1.5, 2, 10],
        "audit": [0.123, 1, 2, 10],
        "cef": [0.5, 1, 10],
    }
    assert datetime.fromtimestamp(START // SECOND, UTC).year == 2026


def test_a_folded_column_turns_plain_letters_small_and_no_others(tmp_path):
    run = Recorder(tmp_path).add(renderer("j"), HandFormat("j", JsonLayout()), ['{"x":"ÄBC İ z"}', '{"x":"ABC"}']).run()

    with DuckDBStore(run) as store:
        table = store.table("j", {"x": Column("x", folded=True)})
        rows = store.query(f"SELECT x FROM {table} ORDER BY line").to_pylist()

    assert [row["x"] for row in rows] == ["Äbc İ z", "abc"]


def test_nobody_sees_the_tag_neither_in_fields_nor_in_the_text(tmp_path):
    tag = '"tags":["synthetic"],'
    lines = [f'{{{tag}"host":{{"name":"web1"}},"count":3}}']
    run = Recorder(tmp_path).add(renderer("j"), HandFormat("j", JsonLayout(), tag), lines).run()

    with DuckDBStore(run) as store:
        table = store.table("j", {"tags": Column("tags"), "host": Column("host.name"), "text": Column()})
        rows = store.query(f"SELECT tags, host, text FROM {table}").to_pylist()

    assert rows == [{"tags": None, "host": "web1", "text": "web1\n3"}]


def test_lines_that_were_not_delivered_are_not_there_and_numbers_count_headers(tmp_path):
    form = HandFormat("z", ZEEK, heading="#separator\n#fields\n")
    recorder = Recorder(tmp_path).add(renderer("z"), form, ZEEK_LINES, START + 10 * SECOND)
    recorder.rows.remove(("z", 4, START + 10 * SECOND))

    with DuckDBStore(recorder.run()) as store:
        rows = store.query(
            f"SELECT line, uid FROM {store.table('z', {'uid': Column('uid')})} ORDER BY line"
        ).to_pylist()

    assert [(row["line"], row["uid"]) for row in rows] == [(3, "C1"), (5, "C3"), (6, "y")]


def test_bytes_that_are_no_utf_8_do_not_stop_the_store(tmp_path):
    recorder = Recorder(tmp_path).add(renderer("auth"), HandFormat("auth", AUTH), AUTH_LINES)
    path = recorder.streams[0].path
    path.write_bytes(path.read_bytes().replace(b"Failed", b"F\xffiled"))

    with DuckDBStore(recorder.run()) as store:
        table = store.table("auth", {"m": Column("message"), "text": Column(folded=True)})
        rows = store.query(f"SELECT m FROM {table} ORDER BY line").to_pylist()

    assert rows[0]["m"].startswith("F\ufffdiled password")


def test_columns_that_are_asked_for_later_are_added(tmp_path):
    run = Recorder(tmp_path).add(renderer("auth"), HandFormat("auth", AUTH), AUTH_LINES[:1]).run()

    with DuckDBStore(run) as store:
        first = store.table("auth", {"program": Column("program")})
        second = store.table("auth", {"program": Column("pid"), "other name": Column("hostname", folded=True)})
        rows = store.query(
            f'SELECT a.program AS p, b.program AS q, "other name" FROM {first} a, {second} b'
        ).to_pylist()

    assert rows == [{"p": "sshd", "q": "12", "other name": "web1"}]


def test_a_record_that_cannot_be_read_is_told_with_its_file(tmp_path):
    run = Recorder(tmp_path).add(renderer("j"), HandFormat("j", JsonLayout()), ['{"x":1}', "{broken"]).run()

    with DuckDBStore(run) as store, pytest.raises(UsageError, match=r"j\.log: the records of j cannot be read: .*JSON"):
        store.table("j", {"x": Column("x")})


def test_rules_become_sql_but_sql_cannot_leave_the_store(tmp_path):
    run = Recorder(tmp_path).add(renderer("auth"), HandFormat("auth", AUTH), AUTH_LINES).run()

    with DuckDBStore(run) as store, pytest.raises(Exception, match=r"(?i)disabled|permission"):
        store.query("SELECT * FROM read_text('/etc/passwd')")
