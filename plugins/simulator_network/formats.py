"""The shapes that records of the wire are written in: Zeek's JSON and tab-separated logs, and CEF."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from simulator import DelimitedLayout, Format, JsonLayout, KeyValueLayout, Tag
from simulator_network.zeek_columns import COLUMNS


@dataclass(frozen=True, slots=True)
class ZeekJson:
    """One JSON object a line. The tag is a member of its own, at the end."""

    name: str = "zeek_json"
    extension: str = "ndjson"
    layout: JsonLayout = JsonLayout(time="ts", time_format="epoch")

    def wrapped(self, template: str, tag: Tag) -> str:
        return template.removesuffix("}") + self.tag_text(tag) + "}"

    def header(self, tag: Tag) -> str:
        return ""

    def tag_text(self, tag: Tag) -> str:
        return ',"feint":' + json.dumps(
            {"run": tag.run, "playbook": tag.playbook}, separators=(",", ":"), ensure_ascii=False
        )

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        return record.get("feint.run") == tag.run and record.get("feint.playbook") == tag.playbook


@dataclass(frozen=True, slots=True)
class ZeekTsv:
    """Tab-separated, with Zeek's header. The tag is two more columns, as a Zeek script would add fields to a log."""

    log: str
    extension: str = "tsv"

    @property
    def name(self) -> str:
        return f"zeek_tsv_{self.log}"

    @property
    def layout(self) -> DelimitedLayout:
        return DelimitedLayout((*COLUMNS[self.log], "feint_run", "feint_playbook"), time="ts")

    def wrapped(self, template: str, tag: Tag) -> str:
        return template + self.tag_text(tag)

    def header(self, tag: Tag) -> str:
        columns = COLUMNS[self.log] | {"feint_run": "string", "feint_playbook": "string"}
        lines = (
            "#separator \\x09",
            "#set_separator\t,",
            "#empty_field\t(empty)",
            "#unset_field\t-",
            f"#path\t{self.log}",
            "\t".join(("#fields", *columns)),
            "\t".join(("#types", *columns.values())),
        )
        return "".join(line + "\n" for line in lines)

    def tag_text(self, tag: Tag) -> str:
        return f"\t{tag.run}\t{tag.playbook}"

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        return record.get("feint_run") == tag.run and record.get("feint_playbook") == tag.playbook


@dataclass(frozen=True, slots=True)
class Cef:
    """ArcSight's Common Event Format, version 0. The tag is the sixth custom string, the last of the extension."""

    name: str = "cef"
    extension: str = "cef"
    layout: KeyValueLayout = KeyValueLayout(
        head=r"CEF:(?P<cef_version>\d+)\|(?P<device_vendor>(?:[^|\\]|\\.)*)\|(?P<device_product>(?:[^|\\]|\\.)*)"
        r"\|(?P<device_version>(?:[^|\\]|\\.)*)\|(?P<signature_id>(?:[^|\\]|\\.)*)\|(?P<name>(?:[^|\\]|\\.)*)"
        r"\|(?P<severity>(?:[^|\\]|\\.)*)\|",
        time="start",
        time_format="%b %d %Y %H:%M:%S.%f UTC",
    )

    def wrapped(self, template: str, tag: Tag) -> str:
        return template + self.tag_text(tag)

    def header(self, tag: Tag) -> str:
        return ""

    def tag_text(self, tag: Tag) -> str:
        return f" cs6Label=feint cs6={tag.run} {tag.playbook}"

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        return record.get("cs6Label") == "feint" and record.get("cs6") == f"{tag.run} {tag.playbook}"


FORMATS: tuple[Format, ...] = (ZeekJson(), *(ZeekTsv(log) for log in COLUMNS), Cef())
