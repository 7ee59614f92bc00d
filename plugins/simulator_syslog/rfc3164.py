"""The format ``rfc3164``: ``Mar  2 08:00:01 web1 sshd[1234]: message``, as rsyslog's traditional file format has it.

A template is what follows the host: ``sshd[{{ pid }}]: Failed password …``. There is no
place for a tag, so the host carries it in its domain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulator import Layout, PatternLayout, Tag

_LINE = (
    r"^(?P<time>[A-Z][a-z]{2} [ 0-9]\d \d{2}:\d{2}:\d{2}) (?P<hostname>\S+) "
    r"(?P<program>[^\s:\[]+)(?:\[(?P<pid>\d+)\])?: *(?P<message>.*)$"
)
_LAYOUT = PatternLayout(_LINE, "%b %d %H:%M:%S")


@dataclass(frozen=True, slots=True)
class Rfc3164Format:
    """No year, no time zone, whole seconds: what many log files still are."""

    name: str = "rfc3164"
    extension: str = "log"
    layout: Layout = _LAYOUT

    def wrapped(self, template: str, tag: Tag) -> str:
        return "{{ time|strftime('%b %e %H:%M:%S') }} {{ host.name }}" + self.tag_text(tag) + " " + template

    def header(self, tag: Tag) -> str:
        del tag
        return ""

    def tag_text(self, tag: Tag) -> str:
        return f".{tag.domain}"

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        return record.get("hostname", "").endswith(self.tag_text(tag))
