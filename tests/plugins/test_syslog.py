"""The formats ``rfc3164`` and ``rfc5424``, the second one read by a parser that follows the RFC's grammar."""

import re

import pytest

from simulator import Renderer, Tag, TemplateError
from simulator_syslog.rfc3164 import Rfc3164Format
from simulator_syslog.rfc5424 import Rfc5424Format
from tests.plugins.rendering import TAG, WEB1, rendered_records

# RFC 5424, section 6, rule by rule
PRINTABLE = r"[\x21-\x7e]"
SD_NAME = r"[\x21\x23-\x3c\x3e-\x5c\x5e-\x7e]{1,32}"
PARAM = rf'{SD_NAME}="(?:\\["\\\]]|[^"\\\]])*"'
ELEMENT = rf"\[{SD_NAME}(?: {PARAM})*\]"
RFC5424 = re.compile(
    r"<(?P<pri>\d{1,3})>(?P<version>[1-9]\d{0,2}) "
    r"(?P<timestamp>-|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)) "
    rf"(?P<hostname>-|{PRINTABLE}{{1,255}}) (?P<app>-|{PRINTABLE}{{1,48}}) (?P<procid>-|{PRINTABLE}{{1,128}}) "
    rf"(?P<msgid>-|{PRINTABLE}{{1,32}}) (?P<data>-|(?:{ELEMENT})+)(?: (?P<message>.*))?"
)


def rendered(record_format, template, tag=TAG, **values):
    renderer = Renderer("sample", "A sample", record_format.name, {"a.thing": template})
    return rendered_records(renderer, record_format, "a.thing", {"host": WEB1, "pid": 1234, **values}, tag)[0]


def test_a_classic_line_is_the_one_rsyslog_writes_with_the_tag_in_the_domain():
    line = rendered(Rfc3164Format(), "sshd[{{ pid }}]: Invalid user x")

    assert line == "Mar  2 08:00:01 web1.r1a2b3c4d.feint.test sshd[1234]: Invalid user x"


def test_a_classic_line_falls_apart_into_host_program_pid_and_message():
    parse = Rfc3164Format().layout.parse
    line = rendered(Rfc3164Format(), "sudo:    alice : TTY=pts/0 ; COMMAND=/usr/bin/id")
    bare = line.replace(Rfc3164Format().tag_text(TAG), "")

    assert Rfc3164Format().is_tagged(parse(line), TAG)
    assert not Rfc3164Format().is_tagged(parse(bare), TAG)
    assert parse(bare) == {
        "time": "Mar  2 08:00:01",
        "hostname": "web1",
        "program": "sudo",
        "message": "alice : TTY=pts/0 ; COMMAND=/usr/bin/id",
    }
    assert parse(rendered(Rfc3164Format(), "CRON[{{ pid }}]: (root) CMD (x)"))["pid"] == "1234"
    assert parse(rendered(Rfc3164Format(), "kernel: [ 12.345678] eth0: up"))["message"] == "[ 12.345678] eth0: up"


def test_an_rfc_5424_record_obeys_the_grammar():
    line = rendered(Rfc5424Format(), "<86>sshd {{ pid }} - - Invalid user x from 192.0.2.1 port 22")
    record = RFC5424.fullmatch(line)

    assert record is not None
    assert record.groupdict() == {
        "pri": "86",
        "version": "1",
        "timestamp": "2026-03-02T08:00:01.123456+00:00",
        "hostname": "web1.example.test",
        "app": "sshd",
        "procid": "1234",
        "msgid": "-",
        "data": '[feint@32473 run="r1a2b3c4d" playbook="ssh-brute-force"]',
        "message": "Invalid user x from 192.0.2.1 port 22",
    }


def test_an_authors_own_structured_data_stands_behind_the_tag():
    line = rendered(Rfc5424Format(), '<30>systemd {{ pid }} started [a@32473 b="c\\]d e"][f@32473] [x] Started.')

    assert RFC5424.fullmatch(line)["data"].endswith("]" + '[a@32473 b="c\\]d e"][f@32473]')
    assert RFC5424.fullmatch(line)["message"] == "[x] Started."


def test_a_record_needs_no_message_and_header_fields_may_be_expressions():
    template = "{% set facility = 4 %}<{{ facility * 8 + 6 }}>{{ 'a' ~ 'b' }} {% if pid > 9 %}{{ pid }}{% endif %} - -"

    assert RFC5424.fullmatch(rendered(Rfc5424Format(), template)).group("pri", "app", "procid") == ("38", "ab", "1234")


def test_the_layout_agrees_with_the_grammar():
    line = rendered(Rfc5424Format(), '<86>sshd {{ pid }} - [a@32473 b="\\"\\]"] Invalid "user" ]')
    record, parsed = RFC5424.fullmatch(line), Rfc5424Format().layout.parse(line)

    assert (parsed["hostname"], parsed["domain"]) == ("web1", ".example.test")
    assert parsed["program"] == record["app"]
    assert parsed["pid"] == record["procid"]
    assert parsed["structured_data"] == record["data"]
    assert parsed["message"] == record["message"]
    assert Rfc5424Format().is_tagged(parsed, TAG)
    assert not Rfc5424Format().is_tagged(parsed, Tag("r00000000", TAG.playbook))


def test_taking_the_tag_out_leaves_a_record_of_the_same_layout():
    line = rendered(Rfc5424Format(), "<86>sshd {{ pid }} - - Invalid user x")
    parsed = Rfc5424Format().layout.parse(line.replace(Rfc5424Format().tag_text(TAG), ""))

    assert parsed["message"] == "Invalid user x"
    assert not Rfc5424Format().is_tagged(parsed, TAG)


def test_a_playbooks_name_is_escaped_as_the_rfc_wants_it():
    tag = Tag("r1a2b3c4d", 'a "b" [c] \\d')

    assert RFC5424.fullmatch(rendered(Rfc5424Format(), "<86>sshd - - - x", tag))["message"] == "x"
    assert Rfc5424Format().is_tagged(Rfc5424Format().layout.parse(rendered(Rfc5424Format(), "<86>a - - - x", tag)), tag)


@pytest.mark.parametrize("template", ["sshd - - - x", "<86>sshd - - x", "<86>sshd - - [bad x", "<86>a  - - - x"])
def test_a_template_with_another_header_is_refused(template):
    with pytest.raises(TemplateError, match="APP-NAME PROCID MSGID STRUCTURED-DATA MSG"):
        Rfc5424Format().wrapped(template, TAG)
