"""The shapes of Kubernetes' records, and where the tag stands in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from simulator import Format, JsonLayout, PatternLayout, Tag, TemplateError

_TEXT = r'(?:[^"\\]|\\.)*'
_CRI = (
    r"(?P<time>\S+) (?P<stream>stdout|stderr) (?P<flag>[FP]) (?P<message>\{"
    r'(?:"feint":(?P<tag>\{[^}]*\}),)?'
    rf'"level":"(?P<level>\w+)","msg":"(?P<msg>{_TEXT})","service":"(?P<service>{_TEXT})"'
    rf',"version":"(?P<version>{_TEXT})","pod":"(?P<pod>{_TEXT})"'
    r'(?:,"trace_id":"(?P<trace_id>[0-9a-f]{32})","span_id":"(?P<span_id>[0-9a-f]{16})")?'
    rf'(?:,"peer":"(?P<peer>{_TEXT})")?'
    rf'(?:,"method":"(?P<method>{_TEXT})","route":"(?P<route>{_TEXT})","status":(?P<status>\d+))?'
    r'(?:,"duration_ms":(?P<duration_ms>[\d.]+))?'
    rf'(?:,"error":"(?P<error>{_TEXT})")?'
    r".*\})$"
)


def _placed(template: str, before: str, text: str, name: str) -> str:
    """Put a text before the first place where another one stands."""
    if before not in template:
        raise TemplateError(f"a template of format {name!r} has {before!r} in it: the tag stands before it")
    return template.replace(before, text + before, 1)


def _members(tag: Tag) -> str:
    run, playbook = json.dumps(tag.run), json.dumps(tag.playbook, ensure_ascii=False)
    return f'"feint.playbook":{playbook},"feint.run":{run}'


@dataclass(frozen=True, slots=True)
class AuditFormat:
    """The API server's log backend in its JSON form. The tag is two annotations more, behind those it sets itself."""

    name: str = "kubernetes_audit"
    extension: str = "ndjson"
    layout: JsonLayout = JsonLayout("stageTimestamp")

    def wrapped(self, template: str, tag: Tag) -> str:
        if not template.endswith("}}"):
            raise TemplateError(f"a template of format {self.name!r} ends with the annotations")
        return template[:-2] + self.tag_text(tag) + "}}"

    def header(self, tag: Tag) -> str:
        del tag
        return ""

    def tag_text(self, tag: Tag) -> str:
        return "," + _members(tag)

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        return (record.get("annotations.feint.run"), record.get("annotations.feint.playbook")) == (
            tag.run,
            tag.playbook,
        )


@dataclass(frozen=True, slots=True)
class EventFormat:
    """Event objects of core/v1, one a line. The tag is in the annotations that any object may have."""

    name: str = "kubernetes_event"
    extension: str = "ndjson"
    layout: JsonLayout = JsonLayout("metadata.creationTimestamp")

    def wrapped(self, template: str, tag: Tag) -> str:
        return _placed(template, '},"involvedObject"', self.tag_text(tag), self.name)

    def header(self, tag: Tag) -> str:
        del tag
        return ""

    def tag_text(self, tag: Tag) -> str:
        return f',"annotations":{{{_members(tag)}}}'

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        return (record.get("metadata.annotations.feint.run"), record.get("metadata.annotations.feint.playbook")) == (
            tag.run,
            tag.playbook,
        )


@dataclass(frozen=True, slots=True)
class CriFormat:
    """What the container runtime writes of a container's output: time, stream, ``F`` for a full line, the line.

    The line is the service's own, a JSON object; the tag is its first member. In a cluster the
    name of the file says which container it is; here all are in one, so the line says it.
    """

    name: str = "cri"
    extension: str = "log"
    layout: PatternLayout = PatternLayout(_CRI, "iso")

    def wrapped(self, template: str, tag: Tag) -> str:
        return _placed(template, '"level":', self.tag_text(tag), self.name)

    def header(self, tag: Tag) -> str:
        del tag
        return ""

    def tag_text(self, tag: Tag) -> str:
        return f'"feint":{self._tag(tag)},'

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        return record.get("tag") == self._tag(tag)

    def _tag(self, tag: Tag) -> str:
        return json.dumps({"run": tag.run, "playbook": tag.playbook}, ensure_ascii=False, separators=(",", ":"))


FORMATS: tuple[Format, ...] = (AuditFormat(), EventFormat(), CriFormat())
