"""Inhibition and silences: what keeps an alert from being told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from simulator_prometheus.alertmanager.matchers import Matcher, all_match, matchers_of

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class InhibitRule:
    """While an alert that ``source`` matches is active, those of ``target`` with equal labels are not told."""

    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...] = ()
    name: str = ""

    def key(self, labels: Labels) -> tuple[str, ...]:
        return tuple(labels.get(name, "") for name in self.equal)


@dataclass(slots=True)
class Inhibitor:
    """Knows which alerts are active, and which of the others they hold back."""

    rules: Sequence[InhibitRule]
    _sources: list[dict[tuple[str, ...], dict[tuple[tuple[str, str], ...], bool]]] = field(init=False)

    def __post_init__(self) -> None:
        self._sources = [{} for _ in self.rules]

    def set(self, labels: Labels, *, active: bool) -> None:
        """Take note of an alert that begins or ends."""
        name = tuple(sorted(labels.items()))
        for rule, sources in zip(self.rules, self._sources, strict=True):
            if not active:
                sources.get(rule.key(labels), {}).pop(name, None)
            elif all_match(rule.source, labels):
                sources.setdefault(rule.key(labels), {})[name] = all_match(rule.target, labels)

    def mutes(self, labels: Labels) -> bool:
        for rule, sources in zip(self.rules, self._sources, strict=True):
            held = sources.get(rule.key(labels))
            if not held or not all_match(rule.target, labels):
                continue
            both = all_match(rule.source, labels)  # what is on both sides is not held back by its like
            if not both or not all(held.values()):
                return True
        return False


@dataclass(frozen=True, slots=True)
class Silence:
    """Alerts that all matchers are true of are not told from ``starts`` until before ``ends`` (nanoseconds)."""

    matchers: tuple[Matcher, ...]
    starts: int
    ends: int
    comment: str = ""

    @classmethod
    def of(cls, matchers: Iterable[str], starts: int, ends: int, comment: str = "") -> Silence:
        """Read matchers such as ``service="checkout"``; raises BadMatcherError."""
        return cls(tuple(each for text in matchers for each in matchers_of(text)), starts, ends, comment)

    def mutes(self, labels: Labels, time: int) -> bool:
        return self.starts <= time < self.ends and bool(self.matchers) and all_match(self.matchers, labels)
