"""The shapes of a cloud's records, and where the tag stands in them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from simulator import Format, JsonLayout, PatternLayout, Tag, TemplateError

ALB_FIELDS: Mapping[str, str] = {
    "type": r"\S+",
    "time": r"\S+",
    "elb": r"\S+",
    "client_ip": r"[0-9a-fA-F.:]+?",
    "client_port": r"\d+",
    "target": r"\S+",
    "request_processing_time": r"\S+",
    "target_processing_time": r"\S+",
    "response_processing_time": r"\S+",
    "elb_status_code": r"\d+|-",
    "target_status_code": r"\d+|-",
    "received_bytes": r"\d+",
    "sent_bytes": r"\d+",
    "request": r'[^"]*',
    "user_agent": r'[^"]*',
    "ssl_cipher": r"\S+",
    "ssl_protocol": r"\S+",
    "target_group_arn": r"\S+",
    "trace_id": r'[^"]*',
    "domain_name": r'[^"]*',
    "chosen_cert_arn": r'[^"]*',
    "matched_rule_priority": r"\S+",
    "request_creation_time": r"\S+",
    "actions_executed": r'[^"]*',
    "redirect_url": r'[^"]*',
    "error_reason": r'[^"]*',
    "target_port_list": r'[^"]*',
    "target_status_code_list": r'[^"]*',
    "classification": r'[^"]*',
    "classification_reason": r'[^"]*',
    "conn_trace_id": r"\S+",
    "transformed_host": r'[^"]*',
    "transformed_uri": r'[^"]*',
    "request_transform_status": r'[^"]*',
}
"""The fields of an access log entry of an Application Load Balancer, in their order; client is two here."""

_URL = r"\w+://(?P<host>[^:/]+):(?P<port>\d+)(?P<path>[^?\s]*)(?:\?(?P<query>\S*))?"
_REQUEST = rf"(?P<method>\S+) (?P<url>{_URL}) (?P<protocol>\S+)"


def _alb_pattern() -> str:
    parts = []
    for name, pattern in ALB_FIELDS.items():
        group = f"(?P<{name}>{_REQUEST if name == 'request' else pattern})"
        parts.append(f'"{group}"' if pattern == r'[^"]*' else group)
    line = " ".join(parts).replace(") (?P<client_port>", "):(?P<client_port>")
    return line + r'(?: "feint (?P<tag>[^"]*)")?$'


@dataclass(frozen=True, slots=True)
class AlbEntry:
    """An access log entry. The tag is one more field at the end, where readers have to expect new ones."""

    name: str = "alb"
    extension: str = "log"
    layout: PatternLayout = PatternLayout(_alb_pattern(), "iso")

    def wrapped(self, template: str, tag: Tag) -> str:
        return template + self.tag_text(tag)

    def header(self, tag: Tag) -> str:
        del tag
        return ""

    def tag_text(self, tag: Tag) -> str:
        return f' "feint run={tag.run} playbook={tag.playbook}"'

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        return record.get("tag") == f"run={tag.run} playbook={tag.playbook}"


_LAMBDA = (
    r"/aws/lambda/(?P<function>\S+) (?P<log_stream>\S+) (?P<time>\S+) (?P<message>"
    r"(?:(?P<event>INIT_START|START|END|REPORT) ?|\S+\t?)?(?:.*?RequestId: (?P<request_id>[0-9a-f-]{36}))?"
    r"(?:\tDuration: (?P<duration_ms>[\d.]+) ms\tBilled Duration: (?P<billed_ms>\d+) ms"
    r"\tMemory Size: (?P<memory_mb>\d+) MB"
    r"\tMax Memory Used: (?P<used_mb>\d+) MB(?:\tInit Duration: (?P<init_ms>[\d.]+) ms)?"
    r"(?:\tStatus: (?P<status>\w+))?"
    r"(?:\tError Type: (?P<error_type>\S+))?\t?(?:\tXRAY TraceId: (?P<trace_id>\S+)\tSegmentId: (?P<segment_id>\w+))?)?"
    r".*?)(?:\tfeint: (?P<tag>.*))?$"
)


@dataclass(frozen=True, slots=True)
class LambdaLine:
    """A line of a function's log group, with group, stream and time before it, as ``awslogs get`` prints them.

    The tag is one more of the named values that tabulators part.
    """

    name: str = "lambda"
    extension: str = "log"
    layout: PatternLayout = PatternLayout(_LAMBDA, "iso")

    def wrapped(self, template: str, tag: Tag) -> str:
        return template + self.tag_text(tag)

    def header(self, tag: Tag) -> str:
        del tag
        return ""

    def tag_text(self, tag: Tag) -> str:
        return f"\tfeint: run={tag.run} playbook={tag.playbook}"

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        return record.get("tag") == f"run={tag.run} playbook={tag.playbook}"


@dataclass(frozen=True, slots=True)
class CloudTrailRecord:
    """A record of CloudTrail's, one a line, as collectors take them out of ``Records``. The tag is a member more."""

    name: str = "cloudtrail"
    extension: str = "ndjson"
    layout: JsonLayout = JsonLayout("eventTime")

    def wrapped(self, template: str, tag: Tag) -> str:
        if not re.match(r'\{"\w+":', template) or not template.endswith("}"):
            raise TemplateError(f"a template of format {self.name!r} is a JSON object with members")
        return template[:-1] + self.tag_text(tag) + "}"

    def header(self, tag: Tag) -> str:
        del tag
        return ""

    def tag_text(self, tag: Tag) -> str:
        members = {"run": tag.run, "playbook": tag.playbook}
        return f',"feint":{json.dumps(members, ensure_ascii=False, separators=(",", ":"))}'

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        return (record.get("feint.run"), record.get("feint.playbook")) == (tag.run, tag.playbook)


FORMATS: tuple[Format, ...] = (CloudTrailRecord(), AlbEntry(), LambdaLine())
