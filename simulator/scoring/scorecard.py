"""The scorecard: who caught what, when, and what was made up. Frozen; ``document.py`` writes it as JSON.

Times are nanoseconds since the epoch, durations are seconds. None stands for what
could not be measured, never 0 or 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from simulator.detection import Status
from simulator.scoring.scorecard_outages import Impact, ObjectiveScore

Verdict = Literal["met", "not met", "unmeasured"]
Outcome = Literal["caught", "late", "missed", "not expected", "unmeasured"]
Attention = Literal["noticed", "late", "unnoticed", "unmeasured"]
Effect = Literal["ignored", "fooled", "unmeasured"]
Named = Literal["cause", "symptom"]


@dataclass(frozen=True, slots=True)
class Proportion:
    """``count`` of ``of``. Ten or more are needed for a ``value``; the interval (Wilson) stands for any."""

    count: int
    of: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Rate:
    """``count`` in ``days`` of background, per day, with its exact Poisson interval (Garwood)."""

    count: int
    days: float
    per_day: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Delay:
    """The median and 90th percentile over episodes, in seconds. A miss counts as never."""

    median: float | None
    p90: float | None
    low: float | None
    high: float | None
    episodes: int


@dataclass(frozen=True, slots=True)
class Stamps:
    """What happened when in one episode."""

    onset: int | None
    evidence: int | None
    alert: int | None
    page: int | None


@dataclass(frozen=True, slots=True)
class Times:
    """Onset to alert, split into what the data and what the rule took; then what it took to tell the pager."""

    stamps: tuple[Stamps, ...]
    data: Delay
    rule: Delay
    notify: Delay
    to_alert: Delay


@dataclass(frozen=True, slots=True)
class RuleScore:
    """What one rule did. Alert groups are true, late, fooled by a decoy, or false alarms."""

    id: str
    title: str
    file: str
    level: str
    techniques: tuple[str, ...]
    status: Status
    reason: str
    alerts: bool
    expected: bool
    outcome: Outcome
    hits: int
    alert_groups: int
    true_alarms: int
    late_alarms: int
    decoy_alarms: int
    false_alarms: Rate
    caught: Proportion
    precision: Proportion
    steps_noticed: tuple[str, ...]
    steps_missed: tuple[str, ...]
    decoys: tuple[str, ...]
    times: Times


@dataclass(frozen=True, slots=True)
class Given:
    """A response that was given."""

    at: int
    do: str
    what: str


@dataclass(frozen=True, slots=True)
class StepScore:
    """Who noticed one step. Of an outage: whether the first page named its cause, and who suffered."""

    id: str
    title: str
    technique: str
    onset: int | None
    end: int | None
    events: int
    records: int
    status: Attention
    noticed_by: tuple[str, ...]
    late_by: tuple[str, ...]
    noticed: Proportion
    to_alert: Delay
    outage: bool = False
    first_page: Named | None = None
    cause_by: tuple[str, ...] = ()
    symptom_by: tuple[str, ...] = ()
    impacts: tuple[Impact, ...] = ()


@dataclass(frozen=True, slots=True)
class DecoyScore:
    """Whom a decoy fooled."""

    id: str
    title: str
    because: str
    events: int
    records: int
    status: Effect
    fooled: tuple[str, ...]
    alert_groups: int


@dataclass(frozen=True, slots=True)
class ExpectationScore:
    """Whether a rule did what the playbook expects of it, and if not, why."""

    rule: str
    title: str
    steps: tuple[str, ...]
    within: float | None
    at_least: int | None
    at_most: int | None
    exactly: int | None
    because: str
    verdict: Verdict
    reason: str
    alert_groups: int
    to_alert: float | None
    episodes_met: int
    episodes: int


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """Something the run could not tell, and why."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The score of one run, or of several of one playbook."""

    playbook: str
    runs: tuple[str, ...]
    verdict: Verdict
    reason: str
    start: int
    end: int
    days: float
    background_events: int
    background_records: int
    recall: Proportion
    precision: Proportion
    false_alarms: Rate
    times: Times
    rules: tuple[RuleScore, ...]
    steps: tuple[StepScore, ...]
    decoys: tuple[DecoyScore, ...]
    expectations: tuple[ExpectationScore, ...]
    unmeasured: tuple[Unmeasured, ...]
    objectives: tuple[ObjectiveScore, ...] = ()
    responses: tuple[Given, ...] = ()
    without_impact: int = 0

    @property
    def exit_code(self) -> int:
        """What a program that prints this scorecard ends with."""
        return 1 if self.verdict == "not met" else 0
