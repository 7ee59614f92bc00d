"""The detector ``prometheus``: runs files of alerting and recording rules over samples that arrived in a sandbox."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simulator import Detection, Explanation, Schedule, Store

_ENDINGS = frozenset({".yml", ".yaml"})
_RULES = re.compile(rb"(?m)^(?:\xef\xbb\xbf)?[\"']?groups[\"']?\s*:")
_ROUTE = re.compile(rb"(?m)^[\"']?route[\"']?\s*:")
_RECEIVERS = re.compile(rb"(?m)^[\"']?receivers[\"']?\s*:")
_HEAD = 1_000_000


@dataclass(frozen=True, slots=True)
class PrometheusDetector:
    """Runs rules as Prometheus does, and tells people as the alertmanager.yml says that is among the files.

    The sandbox's schedule says from when to when; how often a rule runs, its group says.
    """

    name: str = "prometheus"

    def claims(self, path: Path) -> bool:
        if path.suffix.lower() not in _ENDINGS:
            return False
        try:
            with path.open("rb") as file:
                head = file.read(_HEAD)
        except OSError:
            return False
        return bool(_RULES.search(head) or (_ROUTE.search(head) and _RECEIVERS.search(head)))

    def detect(self, rules: Sequence[Path], store: Store, schedule: Schedule) -> Detection:
        from simulator_prometheus.rule_run import Play

        return Play.of(rules, store, schedule).detection()

    def explain(self, rules: Sequence[Path], rule: str, store: Store, schedule: Schedule) -> Explanation:
        from simulator_prometheus.explaining import explanation
        from simulator_prometheus.rule_run import Play

        return explanation(Play.of(rules, store, schedule), rule)
