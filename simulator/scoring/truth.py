"""The truth ledger of a run, as scoring reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from simulator.errors import UsageError
from simulator.scoring.objectives import Objective, read_objectives


@dataclass(frozen=True, slots=True)
class Act:
    """A step of the storyline, or a decoy: what it was, when, whom it touched, what it left behind.

    ``symptoms`` are those who show what an effect of it does to others; None where it has no effects.
    """

    id: str
    title: str
    technique: str
    because: str
    onset: int | None
    end: int | None
    events: int
    records: int
    entities: Mapping[str, frozenset[str]]
    symptoms: Mapping[str, frozenset[str]] | None = None

    @property
    def is_outage(self) -> bool:
        """Say whether it acts on a system of the world, so that others than those it touches show it."""
        return self.symptoms is not None

    @property
    def is_there(self) -> bool:
        """Say whether there was anything of it to notice; an effect shows in what others leave, too."""
        return self.records > 0 or (self.is_outage and self.onset is not None)


@dataclass(frozen=True, slots=True)
class Truth:
    """What really happened, from ``start`` to ``end`` (nanoseconds since the epoch)."""

    start: int
    end: int
    steps: Mapping[str, Act]
    decoys: Mapping[str, Act]
    background_events: int
    background_records: int
    objectives: tuple[Objective, ...] = ()

    @property
    def onset(self) -> int | None:
        return min((step.onset for step in self.steps.values() if step.onset is not None), default=None)


def read_truth(folder: Path) -> Truth:
    """Read ``truth.json`` of a run folder."""
    path = folder / "truth.json"
    try:
        written = json.loads(path.read_bytes())
        steps, decoys = ([_act(act) for act in written[kind]] for kind in ("steps", "decoys"))
        start, end = int(written["start"]), int(written["end"])
        return Truth(
            start=start,
            end=end,
            steps={step.id: step for step in steps},
            decoys={decoy.id: decoy for decoy in decoys},
            background_events=int(written["background"]["events"]),
            background_records=int(written["background"]["records"]),
            objectives=read_objectives(folder, written.get("objectives", ()), start, end),
        )
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}; is this the folder of a finished run?") from error
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise UsageError(f"{path}: is not the truth of a run ({error!r}); play the playbook again") from error


def comparable(kind: str, value: str) -> str:
    """Bring an entity's name to the form in which two products' ways of writing it are equal."""
    value = value.strip().casefold()
    if kind == "user":
        return value.rpartition("\\")[2].partition("@")[0]
    if kind == "host" and not _is_address(value):
        return value.partition(".")[0]
    return value


def _act(written: Mapping[str, Any]) -> Act:
    entities = _names(written["entities"])
    # a tap knows a machine of the world by its address alone
    entities["source"] = entities.get("source", frozenset()) | entities.get("address", frozenset())
    return Act(
        id=str(written["id"]),
        title=str(written.get("title") or written["id"]),
        technique=str(written.get("technique") or ""),
        because=str(written.get("because") or ""),
        onset=written["onset"],
        end=written["end"],
        events=int(written["events"]),
        records=int(written["records"]),
        entities=entities,
        symptoms=_names(written["symptoms"]) if "symptoms" in written else None,
    )


def _names(written: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    return {kind: frozenset(comparable(kind, name) for name in names) - {"", "-"} for kind, names in written.items()}


def _is_address(value: str) -> bool:
    try:
        ip_address(value)
    except ValueError:
        return False
    return True
