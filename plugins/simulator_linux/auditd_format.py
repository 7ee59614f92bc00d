"""The format ``auditd``: a record of audit.log, with the machine's name before it and the tag behind.

auditd writes ``node=`` when its ``name_format`` is ``hostname``. A template is what
follows: ``type=CWD msg=audit({{ time|epoch(3) }}:{{ serial }}): cwd="/root"``. Tools
of the audit system keep pairs that they do not know, so the tag is two of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulator import KeyValueLayout, Layout, Tag
from simulator_linux.auditd_encoding import untrusted

_HEAD = r"^(?:node=(?P<node>\S+) )?type=(?P<type>\S+) msg=audit\((?P<time>\d+\.\d+):(?P<serial>\d+)\): ?"
_LAYOUT = KeyValueLayout(_HEAD, "time", "epoch", quoted=True)


@dataclass(frozen=True, slots=True)
class AuditdFormat:
    """What auditd's ``log_format = ENRICHED`` leaves: names of users behind a group separator (0x1d)."""

    name: str = "auditd"
    extension: str = "log"
    layout: Layout = _LAYOUT

    def wrapped(self, template: str, tag: Tag) -> str:
        return "node={{ host.name }} " + template + self.tag_text(tag)

    def header(self, tag: Tag) -> str:
        del tag
        return ""

    def tag_text(self, tag: Tag) -> str:
        return f" feint_run={untrusted(tag.run)} feint_playbook={untrusted(tag.playbook)}"

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        return (record.get("feint_run"), record.get("feint_playbook")) == (
            tag.run,
            untrusted(tag.playbook).strip('"'),
        )
