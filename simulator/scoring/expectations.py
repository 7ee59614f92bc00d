"""What a playbook expects of a rule. The playbook loader builds these; scoring checks them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Expectation:
    """A rule should notice these steps (none named: any step of the attack).

    ``within`` is in nanoseconds, from the onset of each named step (none named: of any
    that was noticed) to the first alert that notices it. The bounds count alert groups
    that match the attack; without any, one is enough.
    """

    rule: str  # id, title or file name of the rule
    steps: tuple[str, ...] = ()
    within: int | None = None
    at_least: int | None = None
    at_most: int | None = None
    exactly: int | None = None
    because: str = ""

    @property
    def fewest(self) -> int:
        """How many alert groups there must be. ``at_most: 0`` alone expects a miss."""
        if self.exactly is not None:
            return self.exactly
        if self.at_least is not None:
            return self.at_least
        return 0 if self.at_most == 0 else 1

    @property
    def most(self) -> int | None:
        """How many alert groups there may be."""
        return self.exactly if self.exactly is not None else self.at_most
