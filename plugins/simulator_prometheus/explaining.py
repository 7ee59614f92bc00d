"""Why a rule of Prometheus fired or not: as lines for people, and as facts for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

import numpy as np

from simulator import Explanation, UsageError
from simulator_prometheus.go_template.running import Surroundings
from simulator_prometheus.go_template.values import shortest
from simulator_prometheus.promql.errors import PromQLError
from simulator_prometheus.promql.evaluate import evaluate_rule
from simulator_prometheus.promql.expressions import kind_of
from simulator_prometheus.promql.nodes import Binary, Expression, Node
from simulator_prometheus.promql.series import Labels, Times
from simulator_prometheus.promql.vectors import Vector
from simulator_prometheus.rule_run import Play
from simulator_prometheus.rules.order import needed_by_name
from simulator_prometheus.rules.outcomes import Outcome
from simulator_prometheus.rules.reading import Group, Rule
from simulator_prometheus.rules.results import said_text
from simulator_prometheus.rules.writing import duration_text, expression_text
from simulator_prometheus.telling import Told

_SETS = frozenset({"and", "or", "unless"})
_COMPARISONS = frozenset({">", ">=", "<", "<=", "==", "!="})
_MILLISECOND = 1_000_000
_MOST_PARTS = 12
_MOST_ALERTS = 5
_LONGEST = 1e15  # what is larger is written with an exponent


def explanation(play: Play, name: str) -> Explanation:
    """Explain the rule with this id, name or file name."""
    rule = _found(play, name)
    facts: dict[str, Any] = {"id": rule.id, "title": rule.name, "path": str(rule.place.file)}
    lines = [f"{rule.name} ({rule.id})" if rule.id != rule.name else rule.name]
    if rule.status == "ran":
        lines += _Explainer(play, rule, facts).lines()
    facts |= {"status": rule.status, "reason": rule.reason}
    if rule.status != "ran":
        lines.append(f"It did not run ({rule.status}): {rule.reason}.")
    return Explanation(tuple(lines), facts)


def _found(play: Play, name: str) -> Rule:
    for rule in sorted(play.rules, key=lambda rule: not rule.alerts):  # a file's name means what alerts of it
        path = next(file.path for file in play.files if rule in file.rules)
        if name in {rule.id, rule.name, path.name, path.stem, str(path)}:
            return rule
    near = get_close_matches(name, [called for rule in play.rules for called in (rule.id, rule.name)], 1)
    raise UsageError(
        f"none of the {len(play.rules)} rules is called {name!r}" + (f"; did you mean {near[0]!r}?" if near else "")
    )


@dataclass(slots=True)
class _Explainer:
    play: Play
    rule: Rule
    facts: dict[str, Any]

    @property
    def group(self) -> Group:
        return next(group for group in self.play.groups if self.rule in group.rules)

    @property
    def outcome(self) -> Outcome:
        return self.play.outcomes.get(self.rule, Outcome())

    @property
    def times(self) -> Times:
        return self.play.span.steps(self.group) - self.group.query_offset // _MILLISECOND

    def lines(self) -> Iterator[str]:
        expression = self.rule.expression
        assert expression is not None
        self.facts["expression"] = expression.text
        yield f"It evaluates, every {duration_text(self.group.interval // _MILLISECOND)} in {len(self.times)} steps:"
        yield f"  {' '.join(expression.text.split())}"
        self.facts["absent"] = self.play.absent(self.rule)
        for name in self.facts["absent"]:
            yield f"There are no samples of {name}."
        reads = [other.name for other in self.recorders()]
        self.facts["reads"] = reads
        if reads:
            yield f"It reads what other rules record, which can be explained as well: {', '.join(reads)}."
        self.facts["parts"] = []
        parts = _parts(expression.root)[:_MOST_PARTS]
        for part in parts:
            yield from self._part(part, whole=len(parts) == 1)
        for time, reason in sorted(self.outcome.failed.items())[:1]:
            self.facts["failed"] = len(self.outcome.failed)
            yield f"It failed at {len(self.outcome.failed)} steps, first at {_stamp(time)}: {reason}."
        yield from self._alerts() if self.rule.alerts else self._recorded()

    def _recorded(self) -> Iterator[str]:
        self.facts["samples"] = self.outcome.samples
        yield f"It raises no alerts itself: it recorded {self.outcome.samples:,} samples of {self.rule.name}."

    def _value(self, node: Node) -> Vector | None:
        try:
            return evaluate_rule(Expression("", node, kind_of(node)), self.play.found.series, self.times)[0]
        except PromQLError:
            return None  # the rule as a whole says so

    def recorders(self) -> list[Rule]:
        """Return the recording rules whose series the expression names."""
        others = [other for other in self.play.rules if other is not self.rule and not other.alerts]
        return list({other.name: other for other in needed_by_name(self.rule, others)}.values())

    def _part(self, node: Node, *, whole: bool) -> Iterator[str]:
        """Say when a condition was true, and how near its value came to the threshold."""
        found = self._value(node)
        if found is None:
            return
        true = found.present.any(axis=0)
        fact: dict[str, Any] = {"expression": expression_text(node), "true_steps": int(true.sum())}
        self.facts["parts"].append(fact)
        compared = isinstance(node, Binary) and node.operator in _COMPARISONS and not node.as_bool
        subject, state = "It was" if whole else f"{fact['expression']}:", "true" if compared else "there"
        if not true.any():
            yield f"{subject} never {state}."
        else:
            first, last = (_stamp(int(self.times[index])) for index in np.flatnonzero(true)[[0, -1]])
            fact |= {"first": first, "last": last}
            yield f"{subject} {state} at {fact['true_steps']} steps, from {first} to {last}."
        if compared and isinstance(node, Binary):
            yield from self._reached(node, fact)

    def _reached(self, node: Binary, fact: dict[str, Any]) -> Iterator[str]:
        """Say the most extreme value of the side that was compared."""
        flipped = kind_of(node.left) == "scalar" and kind_of(node.right) != "scalar"
        side, other = (node.right, node.left) if flipped else (node.left, node.right)
        value, threshold = self._value(side), self._value(other) if kind_of(other) == "scalar" else None
        if value is None or not value.present.any():
            fact["reached"] = None
            yield f"  {expression_text(side)} has no values."
            return
        lowest = (node.operator in ("<", "<=")) != flipped
        values = np.where(value.present & ~np.isnan(value.values), value.values, np.inf if lowest else -np.inf)
        nearest = node.operator in ("==", "!=") and threshold is not None and len(threshold.labels) > 0
        if nearest and threshold is not None:
            values = np.where(np.isfinite(values), -abs(values - threshold.values[0]), -np.inf)
        row, step = np.unravel_index(int(values.argmin() if lowest else values.argmax()), values.shape)
        reached, limit = float(value.values[row, step]), ""
        fact |= {"reached": reached, "at": _stamp(int(self.times[step])), "labels": dict(value.labels[row])}
        if threshold is not None and len(threshold.labels):
            fact["threshold"] = float(threshold.values[0, step])
            limit = f"; the threshold is {_number(fact['threshold'])}"
        end = "nearest" if nearest else "lowest" if lowest else "highest"
        yield f"  The {end} value was {_number(reached)} at {fact['at']}{_of(value.labels[row])}{limit}."

    def _alerts(self) -> Iterator[str]:
        lives, hold = self.outcome.lives, self.rule.hold // _MILLISECOND
        firings = self.outcome.firings
        self.facts |= {"alerts": len(firings), "for_seconds": hold / 1000, "pending": len(lives) - len(firings)}
        if lives:
            longest = max(lives, key=lambda life: (life.last - life.active, -life.active))
            held = longest.last - longest.active
            self.facts["held_seconds"] = held / 1000
            if hold:
                yield (
                    f"It held for {duration_text(held)} at the longest, from {_stamp(longest.active)}"
                    f"{_of(longest.labels)}; it has to hold for {duration_text(hold)}."
                )
        if not firings:
            yield "It did not fire."
            return
        told = [each for each in self.play.told if each.rule is self.rule]
        times = f"{len(firings)} alert{'s' * (len(firings) != 1)}"
        yield f"It fired: {times}, the first at {_stamp(min(life.fired or 0 for life in firings))}."
        for each in told[:_MOST_ALERTS]:
            yield f"  {self._told(each)}"
        self.facts["told_to_nobody"] = sum(each.alert is None for each in told)

    def _told(self, each: Told) -> str:
        life, alert = each.life, each.alert
        assert life.fired is not None
        end = "goes on" if life.ended is None else f"ends {_stamp(life.ended)}"
        page = "nobody was told"
        if alert is not None:
            page = f"{alert.receiver} was told at {_stamp(alert.paged // _MILLISECOND)}"
        summary = self.rule.annotations.get("summary") or self.rule.annotations.get("description")
        said = said_text(summary, life.labels, life.value, Surroundings(time=life.fired / 1000)) if summary else ""
        return f"{_stamp(life.fired)} {_of(life.labels).strip() or 'without labels'}: {page}; it {end}" + (
            f" ({' '.join(said.split())})" if said else ""
        )


def _parts(node: Node) -> Sequence[Node]:
    """Return the conditions that an expression puts together."""
    if isinstance(node, Binary) and node.operator in _SETS:
        return [*_parts(node.left), *_parts(node.right)]
    return [node]


def _number(value: float) -> str:
    """Write what people take in of a number."""
    rounded = float(f"{value:.4g}")
    return f"{rounded:,.0f}" if rounded.is_integer() and abs(rounded) < _LONGEST else shortest(rounded)


def _of(labels: Labels) -> str:
    told = ", ".join(f"{name}={value}" for name, value in labels if name not in ("__name__", "alertname"))
    return f" of {told}" if told else ""


def _stamp(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
