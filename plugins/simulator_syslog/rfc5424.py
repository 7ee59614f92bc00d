"""The format ``rfc5424``: ``<86>1 2026-03-02T08:00:01.123456+00:00 web1.example.test sshd 1234 - [feint@32473 …] x``.

A template is an RFC 5424 record without VERSION, TIMESTAMP and HOSTNAME, which the
format writes:

    <PRI>APP-NAME PROCID MSGID STRUCTURED-DATA MSG
    <86>sshd {{ pid }} - - Failed password for {{ user.name }} from {{ source.ip }}
    <30>{{ unit }} - started [origin@32473 software="x"] The unit has started

Header fields may be expressions, but each must stand between blanks. The value of a
parameter needs a backslash before ``"``, ``\\`` and ``]``: that is the template's to do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from simulator import Layout, PatternLayout, Tag, TemplateError

_WORD = r"(?:\{\{.*?\}\}|\{%.*?%\}|[^\s{]|\{(?![{%]))+"
_ELEMENT = r'\[[^\s=\]"]+(?: [^\s=\]"]+="(?:[^"\\\]]|\\.)*")*\]'
_SETUP = r"(?:\s*\{%-?\s*set\b.*?%\}|\s*\{%-?\s*macro\b.*?\bendmacro\s*-?%\})*"  # may stand before the record
_TEMPLATE = re.compile(
    rf"(?P<setup>{_SETUP})\s*(?P<pri><{_WORD}>)"
    rf"(?P<header>{_WORD} {_WORD} {_WORD}) (?P<data>-|(?:{_ELEMENT})+)(?P<message>(?: .*)?)",
    re.DOTALL,
)
_LINE = (
    r"^<(?P<pri>\d{1,3})>1 (?P<time>\S+) (?P<hostname>[^\s.]+)(?P<domain>\S*) (?P<program>\S+) (?P<pid>\S+) "
    r'(?P<msgid>\S+) (?P<structured_data>-|(?:\[(?:[^"\\\]]|"(?:[^"\\\]]|\\.)*")*\])*)(?: (?P<message>.*))?$'
)
_LAYOUT = PatternLayout(_LINE, "%Y-%m-%dT%H:%M:%S.%f+00:00")


def parameter(value: object) -> str:
    """Escape a value for a parameter of structured data (RFC 5424, 6.3.3)."""
    return re.sub(r'(["\\\]])', r"\\\1", str(value))


@dataclass(frozen=True, slots=True)
class Rfc5424Format:
    """Microseconds and an offset, as rsyslog's ``RSYSLOG_SyslogProtocol23Format`` writes them in UTC."""

    name: str = "rfc5424"
    extension: str = "log"
    layout: Layout = _LAYOUT

    def wrapped(self, template: str, tag: Tag) -> str:
        parts = _TEMPLATE.fullmatch(template)
        if parts is None:
            raise TemplateError(
                "a template of format 'rfc5424' is '<PRI>APP-NAME PROCID MSGID STRUCTURED-DATA MSG', "
                "e.g. '<86>sshd {{ pid }} - - Failed password'; '-' stands for what a record does not have"
            )
        data = parts["data"].removeprefix("-")
        stamp = "{{ time|strftime('%Y-%m-%dT%H:%M:%S.%6f+00:00') }}"
        head = f"{parts['setup']}{parts['pri']}1 {stamp} {{{{ host.fqdn }}}} {parts['header']} "
        return head + self.tag_text(tag) + data + parts["message"]

    def header(self, tag: Tag) -> str:
        del tag
        return ""

    def tag_text(self, tag: Tag) -> str:
        return f'[feint@32473 run="{parameter(tag.run)}" playbook="{parameter(tag.playbook)}"]'

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        return record.get("structured_data", "").startswith(self.tag_text(tag))
