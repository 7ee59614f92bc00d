"""The format ``ecs``: Elastic Common Schema documents, as Beats and Elastic Agent send them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulator import JsonLayout, Layout, Tag
from simulator_json.objects import string, with_first

_LAYOUT = JsonLayout("@timestamp")


@dataclass(frozen=True, slots=True)
class EcsFormat:
    """ECS has its own place for what an operator wants to say of a document: ``tags`` and ``labels``.

    They belong to the format. A template that writes its own would have each twice in one object.
    """

    name: str = "ecs"
    extension: str = "ndjson"
    layout: Layout = _LAYOUT

    def wrapped(self, template: str, tag: Tag) -> str:
        return with_first(self.tag_text(tag), template, self.name)

    def header(self, tag: Tag) -> str:
        del tag
        return ""

    def tag_text(self, tag: Tag) -> str:
        run, playbook = string(tag.run), string(tag.playbook)
        return f'"tags":["synthetic"],"labels":{{"feint_run":{run},"feint_playbook":{playbook}}},'

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        return (
            record.get("tags") == '["synthetic"]'
            and record.get("labels.feint_run") == tag.run
            and record.get("labels.feint_playbook") == tag.playbook
        )
