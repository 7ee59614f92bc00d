"""The detector: reads rules, runs them all over a store, and reports on each of them, whatever became of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simulator import Detection, Explanation, Schedule, Store

_ENDINGS = frozenset({".yml", ".yaml"})
_SIGMA = re.compile(rb"(?m)^(detection|correlation|filter|logsource)\s*:")
_HEAD = 65_536


@dataclass(frozen=True, slots=True)
class SigmaDetector:
    """Runs Sigma rules, correlations and filters. pySigma reads them; DuckDB finds the records."""

    name: str = "sigma"

    def claims(self, path: Path) -> bool:
        if path.suffix.lower() not in _ENDINGS:
            return False
        try:
            with path.open("rb") as file:
                head = file.read(_HEAD)
        except OSError:
            return True  # its reading will say what is wrong
        return bool(_SIGMA.search(head))

    def detect(self, rules: Sequence[Path], store: Store, schedule: Schedule) -> Detection:
        from simulator_sigma.rule_run import Play

        return Play.of(rules, store, schedule).detection()

    def explain(self, rules: Sequence[Path], rule: str, store: Store, schedule: Schedule) -> Explanation:
        from simulator_sigma.explain import explanation
        from simulator_sigma.rule_run import Play

        return explanation(Play.of(rules, store, schedule), rule)
