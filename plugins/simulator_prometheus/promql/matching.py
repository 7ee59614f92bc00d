"""Binary operators: two vectors whose series find each other by their labels, or a vector and a number a step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulator_prometheus.promql.errors import EvaluationError, TooManyCellsError
from simulator_prometheus.promql.nodes import Binary, Matching
from simulator_prometheus.promql.operators import ARITHMETIC, COMPARISONS, SETS
from simulator_prometheus.promql.series import Floats, Labels, Mask, Times
from simulator_prometheus.promql.vectors import (
    METADATA,
    Scalar,
    Value,
    Vector,
    dropped,
    kept,
    merged,
    nameless,
    numbered,
    present_rows,
    value_of,
    with_label,
)

_MOST_CELLS = 1 << 23  # of all pairs of series at all steps
_MANY_TO_MANY = "many-to-many matching not allowed: matching labels must be unique on one side"
_MANY_TO_ONE = "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
_GROUPING = "multiple matches for labels: grouping labels must ensure unique matches"


def combined(node: Binary, left: Value, right: Value, times: Times) -> Value:
    """Apply a binary operator."""
    if isinstance(left, Vector) and isinstance(right, Vector):
        left, right = present_rows(left), present_rows(right)
        return _of_sets(node, left, right, times) if node.operator in SETS else _of_vectors(node, left, right, times)
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        if compare := COMPARISONS.get(node.operator):
            return Scalar(compare(left.values, right.values).astype(np.float64))
        return Scalar(ARITHMETIC[node.operator](left.values, right.values))
    vector = left if isinstance(left, Vector) else right
    assert isinstance(vector, Vector)
    values, present = _applied(node, left.values, right.values, vector.values, vector.present)
    found = Vector(vector.labels, values, present)
    return nameless(found, times) if _changes_meaning(node) else found


def _changes_meaning(node: Binary) -> bool:
    return node.as_bool or node.operator in ARITHMETIC


def _applied(node: Binary, left: Floats, right: Floats, kept_values: Floats, present: Mask) -> tuple[Floats, Mask]:
    """Return the values, and where they are; a comparison without bool keeps values, where it is true."""
    if function := ARITHMETIC.get(node.operator):
        return function(left, right), present
    true = COMPARISONS[node.operator](left, right)
    return (true.astype(np.float64), present) if node.as_bool else (kept_values, present & true)


def _key(matching: Matching) -> Callable[[Labels], Labels]:
    """Return what gives a series' labels that have to be equal."""
    if matching.on:
        names = frozenset(matching.labels)
        return lambda labels: kept(labels, names)
    others = METADATA.union(matching.labels)
    return lambda labels: dropped(labels, others)


def _of_sets(node: Binary, left: Vector, right: Vector, times: Times) -> Vector:
    numbers, _ = numbered([*left.labels, *right.labels], _key(node.matching))
    of_left, of_right = numbers[: len(left.labels)], numbers[len(left.labels) :]
    if node.operator == "or":
        there = _anywhere(left, of_left, numbers)
        labels = [*left.labels, *right.labels]
        values = np.concatenate([left.values, right.values])
        present = np.concatenate([left.present, right.present & ~there[of_right]])
        return merged(Vector(labels, values, present), times)
    there = _anywhere(right, of_right, numbers)[of_left]
    return replace(left, present=left.present & (there if node.operator == "and" else ~there))


def _anywhere(vector: Vector, numbers: NDArray[np.int64], all_numbers: NDArray[np.int64]) -> Mask:
    """Say for each number and step whether a series of that number is present."""
    found = np.zeros((int(all_numbers.max(initial=-1)) + 1, vector.present.shape[1]), bool)
    for number, present in zip(numbers.tolist(), vector.present, strict=True):
        found[number] |= present
    return found


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Rows of both sides that match, ``many`` being the side that may have several for one."""

    many: NDArray[np.int64]
    one: NDArray[np.int64]
    numbers: NDArray[np.int64]  # which match group


def _of_vectors(node: Binary, left: Vector, right: Vector, times: Times) -> Vector:
    many, one = (right, left) if node.matching.many == "right" else (left, right)
    numbers, keys = numbered([*many.labels, *one.labels], _key(node.matching))
    of_many, of_one = numbers[: len(many.labels)], numbers[len(many.labels) :]
    met: Mask = np.logical_and(many.present.any(axis=0), one.present.any(axis=0))
    faults = [*_several_for_one(node, one, of_one, keys, met, times)]
    try:
        pairs = _pairs(of_many, of_one, len(keys), len(times))
    except TooManyCellsError:
        raise faults[0] if faults else TooManyCellsError from None
    present = many.present[pairs.many] & one.present[pairs.one]
    labels = _labels(node, [many.labels[row] for row in pairs.many], [one.labels[row] for row in pairs.one])
    if node.matching.many:
        groups, _ = numbered(
            [(("", str(number)), *each) for number, each in zip(pairs.numbers.tolist(), labels, strict=True)],
            lambda labels: labels,
        )
        faults += _twice(groups, present, times, _GROUPING)
    else:
        faults += _twice(pairs.numbers, present, times, _MANY_TO_ONE)
    if faults:
        raise min(faults, key=lambda fault: int(fault.times[0]))
    sides = many.values[pairs.many], one.values[pairs.one]
    first, second = reversed(sides) if node.matching.many == "right" else sides
    values, present = _applied(node, first, second, first, present)
    return merged(Vector(labels, values, present), times)


def _pairs(of_many: NDArray[np.int64], of_one: NDArray[np.int64], numbers: int, steps: int) -> _Pairs:
    """Pair each row with all rows of the other side in its match group."""
    order = np.argsort(of_one, kind="stable")
    sizes = np.bincount(of_one, minlength=numbers)
    starts = np.concatenate([[0], np.cumsum(sizes)])[:-1]
    partners = sizes[of_many]
    total = int(partners.sum())
    if total * steps > _MOST_CELLS:
        raise TooManyCellsError
    many = np.repeat(np.arange(len(of_many)), partners)
    place = np.arange(total) - np.repeat(np.cumsum(partners) - partners, partners)
    return _Pairs(many, order[starts[of_many[many]] + place], of_many[many])


def _labels(node: Binary, many: Iterable[Labels], one: Iterable[Labels]) -> list[Labels]:
    """Return the labels of the results: those of the many side, or of both if there is no such."""
    matching = node.matching
    gone = METADATA if _changes_meaning(node) else frozenset[str]()
    names = frozenset(matching.labels)
    found = []
    for labels, others in zip(many, one, strict=True):
        result = dropped(labels, gone) if gone else labels
        if not matching.many:
            result = kept(result, names) if matching.on else dropped(result, names)
        for name in matching.include:
            result = with_label(result, name, value_of(others, name))
        found.append(result)
    return found


def _several_for_one(
    node: Binary, one: Vector, numbers: NDArray[np.int64], keys: list[Labels], met: Mask, times: Times
) -> Iterator[EvaluationError]:
    """Find several series on the side that may have but one for each match group."""
    said, bad = "", np.zeros(len(times), bool)
    for number, members in _several(numbers):
        there = one.present[members]
        here = (there.sum(axis=0) > 1) & met
        bad |= here
        if here.any() and not said:
            found = sorted(_written(one.labels[row]) for row in members[there[:, here.argmax()]].tolist())
            side = "left" if node.matching.many == "right" else "right"
            said = (
                f"found duplicate series for the match group {_written(keys[number])} on the {side} hand-side of "
                f"the operation: [{found[0]}, {found[1]}];{_MANY_TO_MANY}"
            )
    if said:
        yield EvaluationError(said, times[bad])


def _twice(groups: NDArray[np.int64], present: Mask, times: Times, said: str) -> Iterator[EvaluationError]:
    """Find several results where there may be but one."""
    bad = np.zeros(len(times), bool)
    for _, members in _several(groups):
        bad |= present[members].sum(axis=0) > 1
    if bad.any():
        yield EvaluationError(said, times[bad])


def _several(numbers: NDArray[np.int64]) -> Iterable[tuple[int, NDArray[np.int64]]]:
    """Give the numbers that come more than once, each with where it does."""
    order = np.argsort(numbers, kind="stable")
    found, starts, sizes = np.unique(numbers[order], return_index=True, return_counts=True)
    for place in np.flatnonzero(sizes > 1).tolist():
        yield int(found[place]), order[starts[place] : starts[place] + sizes[place]]


def _written(labels: Labels) -> str:
    import json

    return "{" + ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in labels) + "}"
