"""What a run was made from, kept with it: playbook, world, responses, parameters, seed, and the rules it expects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from simulator.recording.folder import RunFolder, write_bytes

INPUTS, RULES = "inputs", "inputs/rules"


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that a run depends on, beside Feint itself and its plugins.

    ``texts`` are the files that were read, by the name that they are kept under;
    ``rules`` are the expected rules in the same way: they do not change the telemetry.
    """

    version: str
    seed: int
    parameters: Mapping[str, Any]
    texts: Mapping[str, str]
    rules: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def run_id(self) -> str:
        """Return ``r`` and 8 hex digits: the same inputs, the same run."""
        told = [self.version, self.seed, dict(self.parameters), dict(self.texts)]
        return f"r{sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:8]}"

    def write(self, folder: RunFolder) -> None:
        """Keep the texts and the expected rules with the run."""
        (folder.path / RULES).mkdir(parents=True, exist_ok=True)
        for name, text in self.texts.items():
            folder.write_text(f"{INPUTS}/{name}", text)
        for name, rule in self.rules.items():
            write_bytes(folder.path / RULES / name, rule)
