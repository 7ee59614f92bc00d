"""nginx's access and error log."""

import json
import os
import re
import shutil
import subprocess

import pytest

from simulator_web import ACCESS, ERROR
from simulator_web.formats import Combined, NginxError
from tests.plugins.rendering import ATTACKER, TAG, TIME, WEB1, fields_of, rendered_records

REQUEST = {"host": WEB1, "source": ATTACKER, "path": "/login", "status": 401, "bytes": 512, "user_agent": "curl/8.5.0"}
MISSING_FILE = 'open() "/var/www/html/.env" failed (2: No such file or directory)'


def access(**values):
    return rendered_records(ACCESS, Combined(), "http.request", REQUEST | values)[0]


def test_a_request_is_a_combined_line_with_the_tag_as_one_more_field():
    assert access(query="next=%2F", referrer="https://shop.example/") == (
        '203.0.113.66 - - [02/Mar/2026:08:00:01 +0000] "GET /login?next=%2F HTTP/1.1" 401 512'
        ' "https://shop.example/" "curl/8.5.0" "feint run=r1a2b3c4d playbook=ssh-brute-force"'
    )
    assert Combined().is_tagged(Combined().layout.parse(access()), TAG)


def test_quotes_backslashes_and_letters_beyond_ascii_are_written_as_nginx_escapes_them():
    line = access(user_agent='a "b" \\ é', path='/"><script>', query="q='\t")

    assert line.count('"') == 8
    assert r'"GET /\x22><script>?q=' + r"'\x09 HTTP/1.1" + '"' in line
    assert r'"a \x22b\x22 \x5C \xC3\xA9"' in line
    assert Combined().layout.parse(line)["user_agent"] == r"a \x22b\x22 \x5C \xC3\xA9"


def test_the_fields_of_a_line_are_those_that_rules_ask_for():
    (fields,) = fields_of(ACCESS, Combined(), "http.request", REQUEST | {"query": "a=1?b", "user": "ann"})

    assert {name: fields[field] for name, field in ACCESS.fields.items() if field in fields} == {
        "c-ip": "203.0.113.66",
        "src_ip": "203.0.113.66",
        "cs-username": "ann",
        "cs-method": "GET",
        "c-uri": "/login?a=1?b",
        "cs-uri": "/login?a=1?b",
        "cs-uri-stem": "/login",
        "cs-uri-query": "a=1?b",
        "cs-version": "HTTP/1.1",
        "sc-status": "401",
        "sc-bytes": "512",
        "cs-user-agent": "curl/8.5.0",
        "c-useragent": "curl/8.5.0",
    }


def test_a_dash_is_no_value():
    (fields,) = fields_of(ACCESS, Combined(), "http.request", REQUEST | {"user_agent": "-"})

    assert not {"user_agent", "referrer", "remote_user", "query", "tag"} & set(fields)


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 304), ("DELETE", 204)])
def test_answers_without_a_body_have_no_bytes(method, status):
    assert f" {status} 0 " in access(method=method, status=status)


def test_only_requests_with_an_error_reach_the_error_log():
    assert rendered_records(ERROR, NginxError(), "http.request", REQUEST) == []

    (line,) = rendered_records(
        ERROR,
        NginxError(),
        "http.request",
        REQUEST | {"path": "/.env", "error": MISSING_FILE, "virtual_host": "shop.example"},
    )
    process = re.search(r"\[error\] (\d+)#(\d+): \*\d+ ", line)
    assert process[1] == process[2]
    assert line.startswith("2026/03/02 08:00:01 [error] ")
    assert line.endswith(
        MISSING_FILE + ", client: 203.0.113.66, server: shop.example,"
        ' request: "GET /.env HTTP/1.1", host: "shop.example", feint: "run=r1a2b3c4d playbook=ssh-brute-force"'
    )
    assert NginxError().is_tagged(NginxError().layout.parse(line), TAG)


def test_the_error_log_is_taken_apart_even_where_the_request_has_quotes():
    values = REQUEST | {"path": '/"><x>', "query": 'q="1"', "error": MISSING_FILE, "referrer": "https://shop.example/"}
    (fields,) = fields_of(ERROR, NginxError(), "http.request", values)

    assert fields["message"] == MISSING_FILE
    assert (fields["client"], fields["path"], fields["query"]) == ("203.0.113.66", '/"><x>', 'q="1"')
    assert (fields["host"], fields["referrer"]) == ("web1.example.test", "https://shop.example/")


@pytest.mark.parametrize(("renderer", "record_format"), [(ACCESS, Combined()), (ERROR, NginxError())])
def test_taking_the_tag_out_leaves_a_record_of_the_same_layout(renderer, record_format):
    (line,) = rendered_records(renderer, record_format, "http.request", REQUEST | {"error": MISSING_FILE})
    bare = line.replace(record_format.tag_text(TAG), "")

    assert record_format.layout.parse(line) == record_format.layout.parse(bare) | {
        "tag": record_format.layout.parse(line)["tag"]
    }
    assert set(renderer.entities.values()) <= set(record_format.layout.parse(bare))


@pytest.mark.parametrize("log_format", ["COMBINED", '%h %^[%d:%t %^] "%r" %s %b "%R" "%u" "%^"'])
def test_goaccess_reads_every_line(tmp_path, log_format):
    if not shutil.which("goaccess"):
        assert not os.environ.get("FEINT_REQUIRE_SERVERS"), "goaccess is not installed"
        pytest.skip("goaccess is not installed")
    lines = [
        rendered_records(
            ACCESS,
            Combined(),
            "http.request",
            REQUEST | {"path": path, "query": query, "status": status, "user_agent": agent},
            time=TIME + number * 10**9,
        )[0]
        for number, (path, query, status, agent) in enumerate(
            [
                ("/", "", 200, "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
                ("/search", "q=%22a%22", 200, "curl/8.5.0"),
                ('/"><script>', "q='--", 404, 'sqlmap "1.8"'),
                ("/é", "", 500, "-"),
            ]
            * 25
        )
    ]
    log, report = tmp_path / "access.log", tmp_path / "report.json"
    log.write_text("".join(line + "\n" for line in lines))

    formats = [f"--log-format={log_format}", "--date-format=%d/%b/%Y", "--time-format=%T"]
    command = ["goaccess", str(log), *formats, "--no-global-config", "-o", str(report)]
    subprocess.run(command, check=True, capture_output=True)
    read = json.loads(report.read_text())
    assert (read["general"]["valid_requests"], read["general"]["failed_requests"]) == (100, 0)
    assert read["general"]["bandwidth"] == 100 * 512
