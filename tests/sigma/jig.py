"""Small runs of logins, and what the embedded sandbox makes of them with rules written in the test."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from simulator import Detection, Explanation, JsonLayout, LogSource, Renderer
from simulator_sandbox import Embedded
from simulator_sigma.detector import SigmaDetector
from tests.sandbox.recordings import SECOND, START, HandFormat, Recorder

TAG_TEXT = '"tags":["synthetic"],"labels":{"feint_run":"r1a2b3c4d","feint_playbook":"a-playbook"},'
FORMAT = HandFormat("json", JsonLayout(), TAG_TEXT, "ndjson")
LOGINS = Renderer(
    "logins", "Logins", "json", {},
    log_sources=(
        LogSource("demo", "login", where={"kind": ("login",)}),
        LogSource("demo", service="doors", where={"kind": ("door",)}, fields={"who": "badge"}),
    ),
    fields={"user": "user.name", "who": "user.name", "Data*": "extra.*"},
    entities={"source": "source.ip", "host": "host.name"},
)  # fmt: skip

FAILED = """title: Failed login
id: 0c3e5a7e-0000-4000-8000-000000000001
name: failed
level: low
tags: [attack.credential-access, attack.t1110.001]
logsource: {product: demo, category: login}
detection: {s: {outcome: failure}, condition: s}
"""


def counting(count=3, span="1m", more=""):
    return f"""title: Guessing
id: 0c3e5a7e-0000-4000-8000-000000000002
level: high
correlation: {{type: event_count, rules: [failed], group-by: [user], timespan: {span},
  condition: {{gte: {count}}}{more}}}
"""


def login(second: float, *, arrives: float | None = None, **fields: object) -> tuple[str, int]:
    """Return a record and when it arrives; by default at once."""
    time = START + int(second * SECOND)
    stamp = f"2026-01-01T{int(second) // 3600:02}:{int(second) // 60 % 60:02}:{second % 60:09.6f}Z"
    record = {"@timestamp": stamp, "kind": "login", "outcome": "failure", "user": {"name": "anna"}} | fields
    return "{" + TAG_TEXT + json.dumps(record)[1:], time if arrives is None else START + int(arrives * SECOND)


def recorder(folder: Path, records: Sequence[tuple[str, int]], **schedule: int) -> Recorder:
    lines, delivered = zip(*records, strict=True)
    return Recorder(folder, **schedule).add(LOGINS, FORMAT, lines, delivered)


def written(folder: Path, *texts: str) -> list[Path]:
    paths = []
    for number, text in enumerate(texts):
        path = folder / f"rule{number}.yml"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def detected(folder: Path, records: Sequence[tuple[str, int]], *texts: str, **schedule: int) -> Detection:
    run = recorder(folder, records, **schedule).run()
    return Embedded().detect(run, [SigmaDetector()], written(folder, *texts))


def explained(folder: Path, records: Sequence[tuple[str, int]], rule: str, *texts: str, **schedule: int) -> Explanation:
    run = recorder(folder, records, **schedule).run()
    return Embedded().explain(run, [SigmaDetector()], written(folder, *texts), rule)


def seconds(time: int) -> float:
    return (time - START) / SECOND
