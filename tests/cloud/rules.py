"""Real Sigma rules over records that a test writes: what they route to, and what they find."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from simulator import Format, Renderer
from simulator_sandbox import Embedded
from simulator_sigma.detector import SigmaDetector
from tests.plugins.rendering import rendered_records
from tests.sandbox.recordings import SECOND, START, TAG, Recorder
from tests.sigma.reference import sigmahq_rules

Row = tuple[str, Mapping[str, Any]]  # an event type, and its fields


def rules_of(product: str) -> dict[str, tuple[Path, Mapping[str, Any]]]:
    """Return title → the file and the text of the real rules for a product."""
    found = {}
    for path in sigmahq_rules():
        if f"product: {product}\n" in (text := path.read_text(encoding="utf-8")):
            rule = yaml.safe_load(text)
            if "detection" in rule:
                found[rule["title"]] = (path, rule)
    assert found
    return found


def hits(
    folder: Path, renderer: Renderer, form: Format, rows: Sequence[Row], rules: Iterable[Path]
) -> dict[str, tuple[str, int]]:
    """Return title → what became of each rule and how many records it found."""
    numbers = count()
    lines = [
        line
        for event, values in rows
        for line in rendered_records(renderer, form, event, values, TAG, time=START + next(numbers) * SECOND)
    ]
    run = Recorder(folder).add(renderer, form, lines, START + (len(lines) + 60) * SECOND).run()
    found = Embedded().detect(run, [SigmaDetector()], sorted(rules))
    return {report.title: (report.status, report.hits) for report in found.rules}


def selections(rule: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Return the maps of a rule's selections that are met by one value for each field."""
    for name, selection in rule["detection"].items():
        if name.startswith("selection") and isinstance(selection, Mapping):
            yield {key: value[0] if isinstance(value, list) else value for key, value in selection.items()}
