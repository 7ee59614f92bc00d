"""The tag: what marks every record as synthetic. It never says what is malicious."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tag:
    """Which run of which playbook a record is of. ``run`` is ``r`` and 8 hex digits; ``playbook`` a name."""

    run: str
    playbook: str

    @property
    def domain(self) -> str:
        """The domain of hosts in formats that have no other place: reserved by RFC 6761, so it is nobody's."""
        return f"{self.run}.feint.test"
