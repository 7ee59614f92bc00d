"""What an expression gives at many steps: a number each, or series with a number at some of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from simulator_prometheus.promql.errors import EvaluationError
from simulator_prometheus.promql.series import Floats, Labels, Mask, Times

METADATA = frozenset({"__name__", "__type__", "__unit__"})  # say what the metric is: lost when values become others
_TWICE = "vector cannot contain metrics with the same labelset"


@dataclass(frozen=True, slots=True)
class Vector:
    """Series × steps. A value counts where ``present`` says so; elsewhere it is nothing in particular."""

    labels: list[Labels]
    values: Floats
    present: Mask


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value a step."""

    values: Floats


Value: TypeAlias = Vector | Scalar
_Key = TypeVar("_Key", bound=Hashable)


def nothing(steps: int) -> Vector:
    """Return no series."""
    return Vector([], np.empty((0, steps)), np.empty((0, steps), bool))


def rows(vector: Vector, chosen: NDArray[np.int64] | Sequence[int]) -> Vector:
    """Return some of the series, in the order given."""
    which = np.asarray(chosen, np.int64)
    return Vector([vector.labels[row] for row in which], vector.values[which], vector.present[which])


def present_rows(vector: Vector) -> Vector:
    """Leave out the series that are nowhere present."""
    some = vector.present.any(axis=1)
    return vector if some.all() else rows(vector, np.flatnonzero(some))


def kept(labels: Labels, names: Collection[str]) -> Labels:
    return tuple(pair for pair in labels if pair[0] in names)


def dropped(labels: Labels, names: Collection[str]) -> Labels:
    return tuple(pair for pair in labels if pair[0] not in names)


def with_label(labels: Labels, name: str, value: str) -> Labels:
    """Return the labels with one set, or taken away if the value is empty."""
    others = dropped(labels, (name,))
    return tuple(sorted((*others, (name, value)))) if value else others


def value_of(labels: Labels, name: str) -> str:
    return next((value for each, value in labels if each == name), "")


def nameless(vector: Vector, times: Times) -> Vector:
    """Drop what says which metric it was; series that then have the same labels become one."""
    return relabelled(vector, [dropped(labels, METADATA) for labels in vector.labels], times)


def relabelled(vector: Vector, labels: list[Labels], times: Times) -> Vector:
    """Give the series other labels; those that come out the same become one, or it is an error where both are."""
    return merged(replace(vector, labels=labels), times)


def merged(vector: Vector, times: Times) -> Vector:
    """Make one series of those with the same labels."""
    numbers, labels = numbered(vector.labels, lambda labels: labels)
    if len(labels) == len(vector.labels):
        return vector
    values, present = np.zeros((len(labels), len(times))), np.zeros((len(labels), len(times)), bool)
    twice = np.zeros(len(times), bool)
    for row, number in enumerate(numbers):
        twice |= present[number] & vector.present[row]
        np.copyto(values[number], vector.values[row], where=vector.present[row])
        present[number] |= vector.present[row]
    if twice.any():
        raise EvaluationError(_TWICE, times[twice])
    return Vector(labels, values, present)


def numbered(labels: Sequence[Labels], key: Callable[[Labels], _Key]) -> tuple[NDArray[np.int64], list[_Key]]:
    """Number the keys of the series in the order they come; return each series' number, and the keys."""
    found: dict[_Key, int] = {}
    numbers = np.fromiter((found.setdefault(key(each), len(found)) for each in labels), np.int64, len(labels))
    return numbers, list(found)
