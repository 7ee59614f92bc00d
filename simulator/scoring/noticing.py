"""Who noticed which step, when first, and how long it took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from simulator.scoring.matching import AlertGroup, Episode, Notice
from simulator.scoring.scorecard import Stamps


class Noticing:
    """The notices of one episode, looked up by rule."""

    def __init__(self, episode: Episode) -> None:
        self.episode = episode
        self._by_rule: dict[str, list[AlertGroup]] = {}
        for group in episode.groups:
            self._by_rule.setdefault(group.rule, []).append(group)
        self._first: dict[tuple[str, bool], dict[str, Notice]] = {}
        for rule, groups in self._by_rule.items():
            notices = sorted((notice for group in groups for notice in group.notices), key=lambda notice: notice.fired)
            in_time = {notice.step: notice for notice in reversed(notices) if not notice.late}
            self._first[rule, False] = in_time
            self._first[rule, True] = {each.step: each for each in reversed(notices) if each.step not in in_time}

    @property
    def rules(self) -> list[str]:
        """The rules that raised an alert."""
        return list(self._by_rule)

    @property
    def guarded(self) -> bool:
        """Whether any rule ran."""
        return any(report.status == "ran" for report in self.episode.rules.values())

    def groups(self, rule: str) -> list[AlertGroup]:
        return self._by_rule.get(rule, [])

    def first(self, rule: str, *, late: bool = False) -> Mapping[str, Notice]:
        """Return a rule's first notice of each step: those in time, or those that came late only."""
        return self._first.get((rule, late), {})

    def first_page(self, step: str) -> Notice | None:
        """Return the notice in time whose page was the first about a step; of several, one that names the cause."""
        notices = [notice for notice in self._notices(step) if not notice.late]
        return min(notices, key=lambda notice: (notice.paged, not notice.cause), default=None)

    def naming(self, step: str) -> dict[str, bool]:
        """Return the rules that noticed a step in time, and whether any group of theirs names its cause."""
        found: dict[str, bool] = {}
        for group in self.episode.groups:
            for notice in group.notices:
                if notice.step == step and not notice.late:
                    found[group.rule] = found.get(group.rule, False) or notice.cause
        return found

    def _notices(self, step: str) -> Iterator[Notice]:
        return (notice for group in self.episode.groups for notice in group.notices if notice.step == step)

    def stamps(self, rule: str, wanted: Iterable[str]) -> Stamps:
        """Return when a rule first noticed one of the wanted steps (or else any), in time or else late.

        Evidence counts from the first record that arrived in a stream that the rule reads.
        """
        wanted = set(wanted)
        notices = list((self.first(rule) or self.first(rule, late=True)).values())
        notices = [notice for notice in notices if notice.step in wanted] or notices
        report = self.episode.rules.get(rule)
        return self._stamps(notices, report.streams if report else ())

    def episode_stamps(self) -> Stamps:
        """Return when the attack began, left evidence, and was first noticed by any rule."""
        onset = self.episode.truth.onset
        notices = [notice for rule in self._by_rule for notice in self.first(rule).values()]
        first = min(notices, key=lambda notice: (notice.fired, notice.paged), default=None)
        evidence = min(self.episode.delivered.values(), default=None)
        if first is None:
            return Stamps(onset, evidence, None, None)
        return Stamps(onset, _unless_after(evidence, first.fired), first.fired, first.paged)

    def _stamps(self, notices: Sequence[Notice], streams: Sequence[str]) -> Stamps:
        if not notices:
            return Stamps(None, None, None, None)
        fired = min(notice.fired for notice in notices)
        paged = min(notice.paged for notice in notices if notice.fired == fired)
        steps = {notice.step for notice in notices if notice.fired == fired}
        onset = min(self.episode.onset(step) for step in steps)
        arrivals = {place: at for place, at in self.episode.delivered.items() if place[0] in steps}
        read = [at for (_, stream), at in arrivals.items() if stream in streams] or list(arrivals.values())
        return Stamps(onset, _unless_after(min(read, default=None), fired), fired, paged)


def _unless_after(evidence: int | None, fired: int) -> int | None:
    """Drop evidence that came after the alert: the alert did not rest on it."""
    return evidence if evidence is not None and evidence <= fired else None
