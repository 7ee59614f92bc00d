"""The format ``ecs``: a template is the text of one JSON object; the tag becomes its first members."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from simulator import JsonLayout, Layout, Tag, TemplateError

_LAYOUT = JsonLayout("@timestamp")
_SETUP = r"(?:\s*\{%-?\s*set\b.*?%\}|\s*\{%-?\s*macro\b.*?\bendmacro\s*-?%\})*"  # may stand before the object
_TEMPLATE = re.compile(rf'(?P<setup>{_SETUP})\s*\{{\s*(?P<members>"[^"]*"\s*:.*\}})\s*', re.DOTALL)


@dataclass(frozen=True, slots=True)
class EcsFormat:
    """ECS has its own place for what an operator wants to say of a document: ``tags`` and ``labels``.

    They belong to the format. A template that writes its own would have each twice in one object.
    """

    name: str = "ecs"
    extension: str = "ndjson"
    layout: Layout = _LAYOUT

    def wrapped(self, template: str, tag: Tag) -> str:
        parts = _TEMPLATE.fullmatch(template)
        if parts is None:
            raise TemplateError("a template of format 'ecs' is a JSON object with members: {\"@timestamp\": …}")
        return parts["setup"] + "{" + self.tag_text(tag) + parts["members"]

    def header(self, tag: Tag) -> str:
        del tag
        return ""

    def tag_text(self, tag: Tag) -> str:
        run, playbook = (json.dumps(text, ensure_ascii=False) for text in (tag.run, tag.playbook))
        return f'"tags":["synthetic"],"labels":{{"feint_run":{run},"feint_playbook":{playbook}}},'

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        return (
            record.get("tags") == '["synthetic"]'
            and record.get("labels.feint_run") == tag.run
            and record.get("labels.feint_playbook") == tag.playbook
        )
