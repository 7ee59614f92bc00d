"""The formats ``prometheus_text``, samples in the text exposition format, and ``prometheus_remote_write``.

https://prometheus.io/docs/instrumenting/exposition_formats/
https://prometheus.io/docs/specs/prw/remote_write_spec/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulator import Layout, PatternLayout, ProtobufLayout, Tag, TemplateError
from simulator_prometheus.snappy import uncompressed

LABEL = "feint_run"
BRACE = '{{ "{" }}'  # how a template writes the brace before the labels
_LINE = PatternLayout(
    r'(?P<series>(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)\{(?:feint_run="(?P<feint_run>[^"]*)",)?(?P<labels>.*)\}) '
    r"(?P<value>\S+) (?P<time>-?[0-9]+)",
    "epoch_ms",
    split=("series", "value", "time"),
)
_REQUEST = ProtobufLayout((1, 1), unpacked=uncompressed)


@dataclass(frozen=True, slots=True)
class TextFormat:
    """A line for each sample, with its time in milliseconds. The tag is the first of its labels.

    Taken out it leaves a sample with the labels that it would have had.
    """

    name: str = "prometheus_text"
    extension: str = "prom"
    layout: Layout = _LINE

    def wrapped(self, template: str, tag: Tag) -> str:
        if BRACE not in template:
            raise TemplateError(f"a template of format {self.name!r} has labels between {BRACE} and the closing brace")
        return template.replace(BRACE, BRACE + self.tag_text(tag), 1)

    def header(self, tag: Tag) -> str:
        del tag
        return ""

    def tag_text(self, tag: Tag) -> str:
        return f'{LABEL}="{tag.run}",'

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        return record.get(LABEL) == tag.run


@dataclass(frozen=True, slots=True)
class RemoteWriteFormat:
    """Bodies of remote-write 1.0 requests, each after its length as a varint: a WriteRequest, compressed by snappy.

    The tag is a label of every series.
    """

    name: str = "prometheus_remote_write"
    extension: str = "binpb"
    layout: Layout = _REQUEST

    def wrapped(self, template: str, tag: Tag) -> str:
        del tag
        raise TemplateError(f"format {self.name!r} has no templates: {template[:40]!r}")

    def header(self, tag: Tag) -> str:
        del tag
        return ""

    def tag_text(self, tag: Tag) -> str:
        """Return the tag as protobuf writes a label: its name and its value, each after its key and its length."""
        return f"\n{chr(len(LABEL))}{LABEL}\x12{chr(len(tag.run))}{tag.run}"

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        return record.get(LABEL) == tag.run
