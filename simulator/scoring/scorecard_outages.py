"""What a scorecard says of objectives: whether users got what they are promised, and who cost them what.

Times are nanoseconds since the epoch, durations are seconds. None stands for what could not be measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from simulator.scoring.scorecard import Proportion, Verdict

Kept = Literal["kept", "violated", "unmeasured"]


@dataclass(frozen=True, slots=True)
class Burnt:
    """What ``bad`` events are of an error budget: a share of it, and so many seconds in which all were bad."""

    bad: int
    budget: float | None
    outage: float | None


@dataclass(frozen=True, slots=True)
class Impact:
    """What one step did to one objective in one run.

    ``page`` is the first that noticed the step, ``to_page`` seconds from the violation to it: less than 0 where it
    came before. What was burnt counts from the step's onset on.
    """

    run: str
    objective: str
    violated: int
    recovered: int | None
    page: int | None
    to_page: float | None
    burnt: Burnt
    burnt_before_page: Burnt | None


@dataclass(frozen=True, slots=True)
class ObjectiveRun:
    """What became of one objective in one run. ``worst`` is the least share that was good in a window.

    ``watched`` says whether any rule ran that could have told of it.
    """

    run: str
    watched: bool
    events: int
    bad: int
    share: float | None
    worst: float | None
    worst_at: int | None
    violated: int | None
    recovered: int | None
    violations: int
    page: int | None
    burnt: Burnt
    burnt_before_page: Burnt | None


@dataclass(frozen=True, slots=True)
class ObjectiveScore:
    """Whether users got what they are promised. ``window`` and ``period`` are seconds.

    ``expect`` and ``most_burnt`` (a share of the budget, by the first page) are what the playbook expects of it,
    ``verdict`` whether it came so, None where nothing is expected, and ``said`` why.
    """

    id: str
    title: str
    target: float
    window: float
    period: float
    least: int
    status: Kept
    reason: str
    expect: str | None
    most_burnt: float | None
    verdict: Verdict | None
    said: str
    violated: Proportion
    runs: tuple[ObjectiveRun, ...]
