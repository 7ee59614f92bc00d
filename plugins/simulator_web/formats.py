"""The shapes of nginx's two logs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulator import Format, PatternLayout, Tag


def _request(path: str, query: str) -> str:
    uri = rf"(?P<uri>(?P<path>{path})(?:\?(?P<query>{query}))?)"
    return rf'"(?P<request>(?P<method>[A-Za-z_-]+) {uri} (?P<protocol>HTTP/\d(?:\.\d)?))"'


_COMBINED = (
    r"(?P<remote_addr>\S+) - (?:-|(?P<remote_user>.*?)) \[(?P<time>[^\]]+)\] "
    + _request(r'[^?"]*', r'[^"]*')
    + r" (?P<status>\d{3}) (?P<bytes>\d+)"
    r' "(?:-|(?P<referrer>[^"]*))" "(?:-|(?P<user_agent>[^"]*))"(?: "(?P<tag>[^"]*)")?$'
)
_ERROR = (
    r"(?P<time>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) \[(?P<level>\w+)\] (?P<pid>\d+)#(?P<tid>\d+):(?: \*(?P<connection>\d+))?"
    r" (?P<message>.*?), client: (?P<client>[^,]+), server: (?P<server>[^,]*), request: "
    + _request(r"[^?]*?", r".*?")
    + r', host: "(?P<host>[^"]*)"(?:, referrer: "(?P<referrer>.*?)")?'
    r'(?:, feint: "(?P<tag>[^"]*)")?$'
)


def _words(tag: Tag) -> str:
    return f"run={tag.run} playbook={tag.playbook}"


@dataclass(frozen=True, slots=True)
class Combined:
    """The combined log format. The tag is one more field at the end, as ``log_format`` would add it.

    A dash is how nginx writes that there was nothing: the layout then has no such field.
    """

    name: str = "combined"
    extension: str = "log"
    layout: PatternLayout = PatternLayout(_COMBINED, "%d/%b/%Y:%H:%M:%S +0000")

    def wrapped(self, template: str, tag: Tag) -> str:
        return template + self.tag_text(tag)

    def header(self, tag: Tag) -> str:
        del tag
        return ""

    def tag_text(self, tag: Tag) -> str:
        return f' "feint {_words(tag)}"'

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        return record.get("tag") == f"feint {_words(tag)}"


@dataclass(frozen=True, slots=True)
class NginxError:
    """nginx's error log. The tag is one more of the named values that end a message."""

    name: str = "nginx_error"
    extension: str = "log"
    layout: PatternLayout = PatternLayout(_ERROR, "%Y/%m/%d %H:%M:%S")

    def wrapped(self, template: str, tag: Tag) -> str:
        return template + self.tag_text(tag)

    def header(self, tag: Tag) -> str:
        del tag
        return ""

    def tag_text(self, tag: Tag) -> str:
        return f', feint: "{_words(tag)}"'

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        return record.get("tag") == _words(tag)


FORMATS: tuple[Format, ...] = (Combined(), NginxError())
