"""Which step made users suffer, from when on: violations of objectives, each put down to the steps of its time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.scoring.objectives import Objective, Violation
from simulator.scoring.truth import Act, Truth


@dataclass(frozen=True, slots=True)
class Suffered:
    """What a step did to an objective: its first violation, the end of its last, and all that was bad meanwhile."""

    objective: Objective
    violated: int
    recovered: int | None
    onset: int
    over: int

    def bad(self, until: int | None = None) -> int:
        """Return how many events were bad from the step's onset on, until a moment or until it is over."""
        return self.objective.bad_between(self.onset, self.over if until is None else min(until, self.over))


def impacts(truth: Truth) -> dict[str, tuple[Suffered, ...]]:
    """Return what each step did to each objective: of those that had an impact.

    A violation is put down to the steps that are active when it begins. Where none is, it
    is to those whose end is no longer ago than its window, which still sees what they did.
    """
    found: dict[str, list[Suffered]] = {}
    for objective in truth.objectives:
        able = {name: step for name, step in truth.steps.items() if name in objective.steps}
        blamed: dict[str, list[Violation]] = {}
        for violation in objective.violations:
            for name in _active(able, violation.start, objective):
                blamed.setdefault(name, []).append(violation)
        for name, violations in blamed.items():
            found.setdefault(name, []).append(_suffered(truth.steps[name], objective, violations))
    return {name: tuple(each) for name, each in found.items()}


def _active(steps: Mapping[str, Act], moment: int, objective: Objective) -> list[str]:
    begun = {
        name: step.end
        for name, step in steps.items()
        if step.onset is not None and step.end is not None and step.onset <= moment
    }
    there = [name for name, end in begun.items() if moment <= end + objective.goal.bin]
    return there or [name for name, end in begun.items() if moment <= end + objective.goal.window]


def _suffered(step: Act, objective: Objective, violations: list[Violation]) -> Suffered:
    assert step.onset is not None
    assert step.end is not None
    recovered = violations[-1].end
    over = max(step.end, objective.end if recovered is None else recovered)
    return Suffered(objective, violations[0].start, recovered, step.onset, over)
