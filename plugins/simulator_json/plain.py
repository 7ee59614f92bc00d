"""The formats ``json``, ``json_time`` and ``json_ts``: one JSON object a line, with the members a product gives it.

They differ in where a record's time stands, which a detector has to know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulator import JsonLayout, Layout, Tag
from simulator_json.objects import string, with_first


@dataclass(frozen=True, slots=True)
class JsonFormat:
    """The tag is one member more, the first: ``"feint":{"run":…,"playbook":…}``."""

    name: str
    layout: Layout
    extension: str = "ndjson"

    def wrapped(self, template: str, tag: Tag) -> str:
        return with_first(self.tag_text(tag), template, self.name)

    def header(self, tag: Tag) -> str:
        del tag
        return ""

    def tag_text(self, tag: Tag) -> str:
        return f'"feint":{{"run":{string(tag.run)},"playbook":{string(tag.playbook)}}},'

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        return record.get("feint.run") == tag.run and record.get("feint.playbook") == tag.playbook


TIMESTAMP = JsonFormat("json", JsonLayout("timestamp"))
TIME = JsonFormat("json_time", JsonLayout("time"))
TS = JsonFormat("json_ts", JsonLayout("ts", "epoch"))
