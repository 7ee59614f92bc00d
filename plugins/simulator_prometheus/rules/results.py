"""What the expression of a rule gives becomes what the rule gives: series with its labels, or instances of an alert."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from simulator_prometheus.go_template.lexing import TemplateFault
from simulator_prometheus.go_template.nodes import Dot, Fields, Function, Variable
from simulator_prometheus.go_template.parsing import Template
from simulator_prometheus.go_template.running import Data, Surroundings, expanded
from simulator_prometheus.promql.series import Labels, Mask, Times, labels_of
from simulator_prometheus.promql.vectors import Vector
from simulator_prometheus.rules.reading import Rule

Around = Callable[[int], Surroundings]  # what a template may ask for at a time (ms)
_ASKS_FOR_MORE = frozenset({"query", "now"})


@dataclass(frozen=True, slots=True)
class Results:
    """Series × steps of a rule, and the steps (ms) at which it failed: nothing is present there."""

    vector: Vector
    failed: dict[int, str]


def results(rule: Rule, vector: Vector, times: Times, failed: dict[int, str], limit: int, around: Around) -> Results:
    """Give series the labels that a rule says; what comes out twice at a step fails the rule there."""
    kept = np.flatnonzero(vector.present.any(axis=1))
    vector = Vector([vector.labels[row] for row in kept], vector.values[kept], vector.present[kept])
    if not rule.alerts:
        labels = [_recorded(rule, each) for each in vector.labels]
        what = "vector contains metrics with the same labelset after applying rule labels"
    else:
        vector, labels = _alerting(rule, vector, times, around)
        what = "vector contains metrics with the same labelset after applying alert labels"
    vector, twice = _united(vector, labels)
    failed = {**failed, **dict.fromkeys(times[twice].tolist(), what)}
    if limit and not rule.alerts:
        counts = vector.present.sum(axis=0)
        over = {int(times[at]): f"exceeded limit of {limit} with {counts[at]} series" for at in _over(counts, limit)}
        failed = {**over, **failed}
    if failed:
        vector = Vector(vector.labels, vector.values, vector.present & ~np.isin(times, [*failed]))
    return Results(vector, failed)


def _over(counts: Any, limit: int) -> list[int]:
    return [int(at) for at in np.flatnonzero(counts > limit)]


def _recorded(rule: Rule, labels: Labels) -> Labels:
    told = dict(labels) | {"__name__": rule.name}
    told |= {name: value for name, value in rule.labels.items() if isinstance(value, str)}
    return labels_of(told.items())


def _alerting(rule: Rule, vector: Vector, times: Times, around: Around) -> tuple[Vector, list[Labels]]:
    """Return the series with the labels of alerts; one whose labels change from step to step becomes several."""
    varying = any(_varies(each) for each in rule.labels.values())
    rows: list[int] = []
    labels: list[Labels] = []
    masks: list[Mask] = []
    for row, own in enumerate(vector.labels):
        present = vector.present[row]
        steps = np.flatnonzero(present)
        if not varying:
            rows.append(row)
            labels.append(alert_labels(rule, own, float(vector.values[row, steps[0]]), around(int(times[steps[0]]))))
            masks.append(present)
            continue
        by_labels: dict[Labels, list[int]] = {}
        for step in steps.tolist():
            told = alert_labels(rule, own, float(vector.values[row, step]), around(int(times[step])))
            by_labels.setdefault(told, []).append(step)
        for told, own_steps in by_labels.items():
            mask = np.zeros(len(times), bool)
            mask[own_steps] = True
            rows.append(row)
            labels.append(told)
            masks.append(mask)
    shape = (0, len(times))
    present = np.stack(masks) if masks else np.zeros(shape, bool)
    return Vector([vector.labels[row] for row in rows], vector.values[rows], present), labels


def alert_labels(rule: Rule, labels: Labels, value: float, around: Surroundings) -> Labels:
    """Return the labels of an alert: those of the series, the rule's, and its name."""
    told = {name: text for name, text in labels if name != "__name__"}
    for name, said in rule.labels.items():
        told[name] = said_text(said, labels, value, around)
    told["alertname"] = rule.name
    return labels_of(told.items())


def said_text(said: Template | str, labels: Labels, value: float, around: Surroundings) -> str:
    """Fill in a template; one that fails says so, as in Prometheus."""
    if isinstance(said, str):
        return said
    try:
        return expanded(said, Data(dict(labels), value, around))
    except TemplateFault as fault:
        return f"<error expanding template: {fault}>"


def _varies(said: Template | str) -> bool:
    """Say whether a template may say another thing at another step."""
    return isinstance(said, Template) and any(_is_asked(node) for node in _walk(said))


def _is_asked(node: Any) -> bool:
    match node:
        case Variable(name):
            return name in ("$value", "$")
        case Function(name):
            return name in _ASKS_FOR_MORE
        case Fields(Dot() | Variable("$"), names):
            return "Value" in names
        case Dot():
            return False  # as part of .Labels; alone it would be printed as a whole, which nobody does
    return False


def _walk(node: Any) -> Iterator[Any]:
    yield node
    if isinstance(node, tuple):
        for each in node:
            yield from _walk(each)
    elif isinstance(node, dict):
        for each in node.values():
            yield from _walk(each)
    elif is_dataclass(node):
        for field in fields(node):
            yield from _walk(getattr(node, field.name))


def _united(vector: Vector, labels: list[Labels]) -> tuple[Vector, Mask]:
    """Put series with the same labels together; return as well the steps at which two of them were present."""
    numbers: dict[Labels, int] = {}
    for each in labels:
        numbers.setdefault(each, len(numbers))
    twice = np.zeros(vector.present.shape[1], bool)
    if len(numbers) == len(labels):
        return Vector(labels, vector.values, vector.present), twice
    values = np.zeros((len(numbers), len(twice)))
    present = np.zeros(values.shape, bool)
    for row, each in enumerate(labels):
        number = numbers[each]
        twice |= present[number] & vector.present[row]
        np.copyto(values[number], vector.values[row], where=vector.present[row])
        present[number] |= vector.present[row]
    return Vector([*numbers], values, present), twice
