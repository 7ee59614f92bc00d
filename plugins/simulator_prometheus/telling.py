"""Alerts on their way: what Prometheus sends to Alertmanager, and what becomes of it for the scorecard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from simulator import Alert
from simulator_prometheus.alertmanager.dispatching import Change, Notification
from simulator_prometheus.promql.series import Labels, Matcher
from simulator_prometheus.rules.engine import Engine
from simulator_prometheus.rules.expressions import selectors
from simulator_prometheus.rules.lifetimes import Life
from simulator_prometheus.rules.outcomes import Outcome
from simulator_prometheus.rules.reading import Group, Rule
from simulator_prometheus.samples import Telemetry

_MILLISECOND = 1_000_000
_RESEND = 60_000  # ms: what is over is sent again, until it is forgotten
_RETENTION = 15 * 60_000  # ms
_MOST_EVIDENCE = 10
_MOST_SERIES = 200
_DEEPEST = 5
_ENTITIES: Mapping[str, tuple[str, ...]] = {
    "service": ("service", "service_name", "job"),
    "host": ("pod", "host", "hostname", "node", "host_name", "instance"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """An alert that fired; without ``alert`` nobody was told of it."""

    rule: Rule
    life: Life
    alert: Alert | None


def changes_of(groups: Sequence[Group], outcomes: Mapping[Rule, Outcome]) -> list[Change]:
    """Return what Prometheus sends: that an alert fires, that it is over, and the latter for a while again."""
    found: list[Change] = []
    for group in groups:
        for rule in group.rules:
            outcome = outcomes.get(rule, Outcome())
            starts = {(life.labels, life.active) for life in outcome.lives}
            for life in outcome.firings:
                labels = dict(life.labels)
                assert life.fired is not None
                fired = life.fired * _MILLISECOND
                found.append(Change(fired, labels, fired, firing=True))
                if life.ended is not None:
                    again = min((at for name, at in starts if name == life.labels and at >= life.ended), default=None)
                    found += [Change(at, labels, fired, firing=False) for at in _resent(life.ended, group, again)]
    return sorted(found, key=lambda change: change.time)


def _resent(ended: int, group: Group, again: int | None) -> Iterator[int]:
    """Yield when it is sent (ns) that an alert is over: at each evaluation more than a minute after the last time."""
    interval = max(1, group.interval // _MILLISECOND)
    last = None
    for time in range(ended, ended + _RETENTION + 1, interval):
        if again is not None and time >= again:
            return
        if last is None or time > last + _RESEND:
            yield time * _MILLISECOND
            last = time


def told_alerts(engine: Engine, found: Telemetry, notes: Iterable[Notification]) -> Iterator[Told]:
    """Yield every alert that fired, with when somebody was first told of it."""
    by_name: dict[Labels, list[Notification]] = {}
    for note in notes:
        for name in note.firing:
            by_name.setdefault(name, []).append(note)
    grounds = _Grounds(engine, found)
    for rule, outcome in engine.outcomes.items():
        for life in outcome.firings:
            assert life.fired is not None
            over = None if life.ended is None else life.ended * _MILLISECOND
            notes_of = [
                note
                for note in by_name.get(life.labels, ())
                if note.time >= life.fired * _MILLISECOND and (over is None or note.time <= over)
            ]
            first = min(notes_of, key=lambda note: (note.time, note.group), default=None)
            yield Told(rule, life, None if first is None else grounds.alert(rule, life, first))


def entities(labels: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return which service and host an alert's labels name, or else which region."""
    found: dict[str, tuple[str, ...]] = {}
    for kind, names in _ENTITIES.items():
        values = [_bare(labels[name]) for name in names if labels.get(name)]
        if values:
            found[kind] = tuple(dict.fromkeys(values))
    if not found and labels.get("region"):
        found["region"] = (labels["region"],)
    return found


def _bare(value: str) -> str:
    """Leave the port of an address away."""
    host, colon, port = value.rpartition(":")
    return host.strip("[]") if colon and port.isdecimal() and (":" not in host or host.startswith("[")) else value


@dataclass(slots=True)
class _Grounds:
    """Knows which samples an alert stands on."""

    engine: Engine
    found: Telemetry

    def alert(self, rule: Rule, life: Life, note: Notification) -> Alert:
        assert life.fired is not None
        labels = dict(life.labels)
        evidence: list[tuple[int, str, int, int]] = []
        events = 0
        for name in self._series(rule, labels):
            written = self.found.written[name]
            until = int(written.times.searchsorted(life.fired, "right"))
            events += until - int(written.times.searchsorted(life.active))
            if until:
                at = until - 1
                evidence.append(
                    (int(written.times[at]), written.stream, int(written.lines[at]), int(written.arrived[at]))
                )
        evidence = sorted(evidence, key=lambda each: (-each[0], each[2]))[:_MOST_EVIDENCE]
        arrived = max((seen for *_, seen in evidence if seen <= life.fired), default=life.fired)
        return Alert(
            rule=rule.id,
            fired=life.fired * _MILLISECOND,
            paged=note.time,
            arrived=arrived * _MILLISECOND,
            first_event=life.active * _MILLISECOND,
            last_event=life.last * _MILLISECOND,
            group=note.group,
            key=", ".join(value for label, value in note.labels.items() if label != "alertname"),
            entities=entities(labels),
            evidence=tuple((stream, line) for _, stream, line, _ in evidence),
            events=max(events, len(evidence) + 1),  # a rate stands on more samples than the last ones
            receiver=note.receiver,
        )

    def _series(self, rule: Rule, labels: Mapping[str, str]) -> list[Labels]:
        """Return series that a rule looks at, directly or by recorded ones, and that have an alert's labels."""
        numbers: dict[Labels, None] = {}
        for matchers in self._asked(rule, 0):
            alike = [
                Matcher(name, "=", value)
                for name, value in labels.items()
                if name not in ("alertname", *rule.labels) and not any(each.name == name for each in matchers)
            ]
            for name in self._selected((*matchers, *alike)) or self._selected(matchers):
                numbers[name] = None
        return [*numbers][:_MOST_SERIES]

    def _asked(self, rule: Rule, depth: int) -> Iterator[tuple[Matcher, ...]]:
        if rule.expression is None or depth > _DEEPEST:
            return
        recorded = {each.rule.name: each.rule for each in self.engine.rules if not each.rule.alerts}
        for selector in selectors(rule.expression):
            yield selector.matchers
            for matcher in selector.matchers:
                if matcher.name == "__name__" and matcher.operator == "=" and matcher.value in recorded:
                    yield from self._asked(recorded[matcher.value], depth + 1)

    def _selected(self, matchers: tuple[Matcher, ...]) -> list[Labels]:
        known = self.found.series.labels()
        return [known[number] for number in self.found.series.select(matchers) if known[number] in self.found.written]
