"""Plays Alertmanager: alerts begin and end, groups of them wait, and receivers are told."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from simulator_prometheus.alertmanager.configuration import Configuration
from simulator_prometheus.alertmanager.inhibition import Inhibitor, Silence
from simulator_prometheus.alertmanager.routing import Labels, Route

_SECOND = 1_000_000_000
_CLEANING = 30 * _SECOND  # how often groups without alerts are thrown away
_BEGINS_OR_ENDS, _FLUSH = 0, 1  # of one instant, news come before groups are told

Name = tuple[tuple[str, str], ...]  # labels, sorted: what an alert is told apart by


@dataclass(frozen=True, slots=True)
class Change:
    """An alert as it is sent at ``time``: it fires since ``starts``, or is over. Nanoseconds."""

    time: int
    labels: Labels
    starts: int
    firing: bool

    @property
    def name(self) -> Name:
        return tuple(sorted(self.labels.items()))


@dataclass(frozen=True, slots=True)
class Notification:
    """Somebody was told. ``group`` counts groups from 1 as they came to be; ``reason`` says what was new."""

    time: int
    receiver: str
    group: int
    labels: Labels  # that the alerts of the group share by the route's group_by
    firing: tuple[Name, ...]
    resolved: tuple[Name, ...]
    reason: str


@dataclass(slots=True)
class _Group:
    """Alerts of one route with the same group labels, and when they are told next."""

    number: int
    route: Route
    labels: Labels
    due: int
    alerts: dict[Name, bool] = field(default_factory=dict)  # → firing
    flushed: bool = False
    emptied: int | None = None

    @property
    def key(self) -> str:
        return f"{self.route.key}:{sorted(self.labels.items())}"


@dataclass(frozen=True, slots=True)
class _Told:
    """What a receiver knows of a group."""

    firing: frozenset[Name]
    resolved: frozenset[Name]
    time: int


@dataclass(slots=True)
class _Dispatcher:
    configuration: Configuration
    silences: Sequence[Silence]
    start: int
    inhibitor: Inhibitor = field(init=False)
    groups: dict[tuple[int, Name], _Group] = field(default_factory=dict)
    log: dict[tuple[str, str], _Told] = field(default_factory=dict)
    due: list[tuple[int, int]] = field(default_factory=list)  # of groups by number
    numbered: list[_Group] = field(default_factory=list)
    told: list[Notification] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.inhibitor = Inhibitor(self.configuration.inhibitions)

    def take(self, change: Change) -> None:
        """Put an alert into its groups, which are made if they are not there."""
        self.inhibitor.set(change.labels, active=change.firing)
        for route in self.configuration.route.matching(change.labels):
            labels = route.group_of(change.labels)
            place = id(route), tuple(sorted(labels.items()))
            group = self.groups.get(place)
            if group is None or self._is_gone(group, change.time):
                group = _Group(len(self.numbered) + 1, route, labels, change.time + route.timing.wait)
                self.groups[place] = group
                self.numbered.append(group)
                heapq.heappush(self.due, (group.due, group.number))
            group.alerts[change.name] = change.firing
            group.emptied = None
            if not group.flushed and change.starts + route.timing.wait < change.time:
                group.due = change.time
                heapq.heappush(self.due, (group.due, group.number))

    def _is_gone(self, group: _Group, time: int) -> bool:
        """Say whether a group that has no alerts left was thrown away by then."""
        if group.emptied is None:
            return False
        cleaned = self.start - (self.start - group.emptied) // _CLEANING * _CLEANING
        return cleaned <= time

    def flush(self, time: int, number: int) -> None:
        """Tell of a group what is to be told, and forget what is over."""
        group = self.numbered[number - 1]
        if group.due != time or self._is_gone(group, time):
            return
        group.flushed, group.due = True, time + group.route.timing.interval
        heapq.heappush(self.due, (group.due, number))
        if group.alerts:
            self._tell(time, group)
            group.alerts = {name: firing for name, firing in group.alerts.items() if firing}
        if not group.alerts and group.emptied is None:
            group.emptied = time

    def _tell(self, time: int, group: _Group) -> None:
        route = group.route
        receiver = self.configuration.receivers[route.receiver]
        if not receiver.reaches or not self._is_open(route, time):
            return
        told = {name: firing for name, firing in group.alerts.items() if not self._is_muted(dict(name), time)}
        if not told:
            return
        firing = frozenset(name for name, fires in told.items() if fires)
        resolved = frozenset(told) - firing
        known = self.log.get((group.key, receiver.name))
        reason = _news(known, firing, resolved, time - route.timing.repeat, tells_end=receiver.tells_end)
        if not reason:
            return
        self.log[group.key, receiver.name] = _Told(firing, resolved, time)
        shown = tuple(sorted(resolved)) if receiver.tells_end else ()
        if firing or shown:
            self.told.append(
                Notification(time, receiver.name, group.number, group.labels, tuple(sorted(firing)), shown, reason)
            )

    def _is_open(self, route: Route, time: int) -> bool:
        def within(names: Iterable[str]) -> bool:
            return any(each.contains(time) for name in names for each in self.configuration.intervals[name])

        return (not route.active or within(route.active)) and not within(route.muted)

    def _is_muted(self, labels: Labels, time: int) -> bool:
        return self.inhibitor.mutes(labels) or any(silence.mutes(labels, time) for silence in self.silences)


def _news(
    known: _Told | None, firing: frozenset[Name], resolved: frozenset[Name], long_ago: int, *, tells_end: bool
) -> str:
    """Say what is new for a receiver; an empty text if nothing is (notify.DedupStage of Alertmanager)."""
    if known is None:
        return "first" if firing else ""
    if not firing <= known.firing:
        return "new alerts" if known.firing else "first"
    if not firing:
        return "all resolved" if known.firing else ""
    if tells_end and not resolved <= known.resolved:
        return "some resolved"
    return "repeated" if known.time < long_ago else ""


def notifications(
    configuration: Configuration,
    changes: Iterable[Change],
    start: int,
    end: int,
    silences: Sequence[Silence] = (),
) -> list[Notification]:
    """Return who is told what until ``end``, in the order of time. Alertmanager runs since ``start``."""
    dispatcher = _Dispatcher(configuration, silences, start)
    news = sorted(changes, key=lambda change: change.time)
    at = 0
    while at < len(news) or dispatcher.due:
        due = dispatcher.due[0][0] if dispatcher.due else end + 1
        if at < len(news) and news[at].time <= due:
            if news[at].time > end:
                break
            dispatcher.take(news[at])
            at += 1
            continue
        if due > end:
            break
        dispatcher.flush(*heapq.heappop(dispatcher.due))
    return dispatcher.told
