"""Reads alertmanager.yml: what ``amtool check-config`` refuses is refused, each fault with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from simulator import Place
from simulator_prometheus.alertmanager.inhibition import InhibitRule
from simulator_prometheus.alertmanager.intervals import TimeInterval, intervals_of
from simulator_prometheus.alertmanager.matchers import BadMatcherError, Matcher, matchers_of
from simulator_prometheus.alertmanager.receivers import Receiver, global_of, receiver_of
from simulator_prometheus.alertmanager.routing import Route, Timing
from simulator_prometheus.go_values import Struct
from simulator_prometheus.go_yaml import Faults, Node, read

_FIELDS = (
    "global", "route", "inhibit_rules", "receivers", "templates", "mute_time_intervals", "time_intervals", "tracing",
)  # fmt: skip
_OF_ROUTE = (
    "receiver", "group_by", "match", "match_re", "matchers", "mute_time_intervals", "active_time_intervals",
    "continue", "routes", "group_wait", "group_interval", "repeat_interval", "labels",
)  # fmt: skip
_OF_INHIBITION = (
    "name", "source_match", "source_match_re", "source_matchers", "target_match", "target_match_re",
    "target_matchers", "equal",
)  # fmt: skip
_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Configuration:
    """What alertmanager.yml says of who is told."""

    route: Route
    receivers: Mapping[str, Receiver]
    inhibitions: tuple[InhibitRule, ...] = ()
    intervals: Mapping[str, tuple[TimeInterval, ...]] = ()  # type: ignore[assignment]


def default_configuration() -> Configuration:
    """Return what holds where nobody configured anything: one page for an alert's name and service."""
    grouping = frozenset({"alertname", "job", "service"})
    return Configuration(Route("pager", "{}", group_by=grouping), {"pager": Receiver("pager", True, True)}, (), {})


def read_configuration(path: Path) -> tuple[Configuration | None, Faults]:
    """Read a file; without faults there is a configuration."""
    faults = Faults()
    root = read(path, faults)
    start = Place(path.name, 1, 1)
    if root is None:
        if not faults.found:
            faults.add(start, "this file is empty; an Alertmanager needs a route and receivers")
        return None, faults
    struct = Struct(root, faults, "alertmanager.yml", _FIELDS, start)
    found = _Reader(struct, faults).configuration()
    return (None if faults.found else found), faults


class _Reader:
    def __init__(self, struct: Struct, faults: Faults) -> None:
        self._struct, self._faults = struct, faults
        self._receivers: dict[str, Receiver] = {}
        self._intervals: dict[str, tuple[TimeInterval, ...]] = {}

    def configuration(self) -> Configuration | None:
        struct = self._struct
        settings = global_of(struct.node("global"), self._faults, struct.place)
        for node in struct.items("receivers"):
            receiver = receiver_of(node, settings, self._faults)
            if receiver.name in self._receivers:
                self._faults.add(node.place, f"a second receiver is called {receiver.name!r}; name each differently")
            self._receivers[receiver.name] = receiver
        self._read_intervals()
        struct.texts("templates")
        if not any(receiver.reaches for receiver in self._receivers.values()):  # names only, as in a file to share
            self._receivers = {name: Receiver(name, True, True) for name in self._receivers}
        inhibitions = tuple(self._inhibition(node) for node in struct.items("inhibit_rules"))
        route = struct.node("route")
        if route is None:
            self._faults.add(struct.place, "there is no route; write route: with a receiver")
            return None
        return Configuration(self._root(route), self._receivers, inhibitions, self._intervals)

    def _read_intervals(self) -> None:
        for field in ("mute_time_intervals", "time_intervals"):
            for node in self._struct.items(field):
                struct = Struct(node, self._faults, "a named interval", ("name", "time_intervals"), node.place)
                name = struct.text("name")
                if not name:
                    self._faults.add(struct.place, "a time interval needs a name; write name: …")
                elif name in self._intervals:
                    self._faults.add(struct.place_of("name"), f"a second time interval is called {name!r}")
                self._intervals[name] = tuple(intervals_of(struct))

    def _root(self, node: Node) -> Route:
        struct = Struct(node, self._faults, "a route", _OF_ROUTE, node.place)
        wrong = "the first route takes every alert: it has no {}; move it to a route below"
        for field in ("match", "match_re", "matchers", "mute_time_intervals", "active_time_intervals"):
            if struct.node(field) is not None and getattr(struct.node(field), "size", 2) > 1:
                self._faults.add(struct.keys[field].place, wrong.format(field))
        if struct.truth("continue"):
            self._faults.add(struct.keys["continue"].place, wrong.format("continue"))
        if not struct.text("receiver"):
            self._faults.add(struct.place, "the first route needs a receiver: who is told of what nobody else takes")
        return self._route(struct, Route("", ""))

    def _route(self, struct: Struct, parent: Route) -> Route:
        receiver = struct.text("receiver") or parent.receiver
        if receiver and receiver not in self._receivers:
            known = ", ".join(sorted(self._receivers)) or "none"
            self._faults.add(struct.place_of("receiver"), f"there is no receiver {receiver!r} (there are: {known})")
        matchers = tuple(sorted(self._matchers(struct, ""), key=lambda each: (each.name, each.value, each.operator)))
        written = ",".join(f'{each.name}{each.operator}"{each.value}"' for each in matchers)
        key = f"{parent.key}/{{{written}}}" if parent.key else f"{{{written}}}"
        struct.pairs("labels")
        own = Route(
            receiver=receiver,
            key=key,
            matchers=matchers,
            group_by=self._group_by(struct, parent.group_by),
            timing=_timing(struct, parent.timing),
            goes_on=struct.truth("continue"),
            muted=self._named_intervals(struct, "mute_time_intervals"),
            active=self._named_intervals(struct, "active_time_intervals"),
        )
        below = [Struct(node, self._faults, "a route", _OF_ROUTE, node.place) for node in struct.items("routes")]
        routes = tuple(self._route(each, own) for each in below)
        return Route(
            own.receiver, own.key, own.matchers, own.group_by, own.timing, own.goes_on, own.muted, own.active, routes
        )

    def _group_by(self, struct: Struct, inherited: frozenset[str] | None) -> frozenset[str] | None:
        texts = struct.texts("group_by")
        if texts is None:
            return inherited
        names: list[str] = []
        for each in texts:
            if not each.text:
                self._faults.add(each.place, "group_by names labels; an empty text is none")
            elif each.text in names:
                self._faults.add(each.place, f"{each.text!r} stands twice in group_by; keep one")
            names.append(each.text)
        if "..." in names and len(names) > 1:
            self._faults.add(struct.place_of("group_by"), "'...' means every label; write it alone")
        return None if "..." in names else frozenset(names)

    def _named_intervals(self, struct: Struct, field: str) -> tuple[str, ...]:
        texts = struct.texts(field) or []
        for each in texts:
            if each.text not in self._intervals:
                known = ", ".join(sorted(self._intervals)) or "none"
                self._faults.add(each.place, f"there is no time interval {each.text!r} (there are: {known})")
        return tuple(each.text for each in texts)

    def _inhibition(self, node: Node) -> InhibitRule:
        struct = Struct(node, self._faults, "an inhibition", _OF_INHIBITION, node.place)
        equal = struct.texts("equal") or []
        for each in equal:
            if not each.text:
                self._faults.add(each.place, "equal names labels; an empty text is none")
        source, target = (tuple(self._matchers(struct, side)) for side in ("source_", "target_"))
        return InhibitRule(source, target, tuple(dict.fromkeys(each.text for each in equal)), struct.text("name"))

    def _matchers(self, struct: Struct, prefix: str) -> Iterator[Matcher]:
        """Yield the matchers of match, match_re and matchers."""
        for field, operator in ((f"{prefix}match", "="), (f"{prefix}match_re", "=~")):
            for key, value in struct.pairs(field).items():
                if not key.text.isidentifier() or not key.text.isascii():
                    self._faults.add(key.place, f"{key.text!r} cannot be the name of a label here; use matchers")
                try:
                    yield Matcher(key.text, operator, value)
                except BadMatcherError as error:
                    self._faults.add(key.place, str(error))
        for text in struct.texts(f"{prefix}matchers") or ():
            try:
                yield from matchers_of(text.text)
            except BadMatcherError as error:
                self._faults.add(text.place, str(error))


def _timing(struct: Struct, inherited: Timing) -> Timing:
    wait, interval, repeat = (
        struct.duration(f"{each}") for each in ("group_wait", "group_interval", "repeat_interval")
    )
    for field, value in (("group_interval", interval), ("repeat_interval", repeat)):
        if value == 0:
            struct.faults.add(struct.place_of(field), f"{field} cannot be zero; write a duration such as 5m")
    return Timing(
        inherited.wait if wait is None else wait,
        interval or inherited.interval,
        repeat or inherited.repeat,
    )
