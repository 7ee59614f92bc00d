"""Functions that make other labels: label_replace() and label_join(), and the labels of what is absent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator_prometheus.promql.errors import EvaluationError
from simulator_prometheus.promql.nodes import Node, RangeSelector, Selector
from simulator_prometheus.promql.regex import WrongRegexError, replaced
from simulator_prometheus.promql.series import Labels, Mask, Times
from simulator_prometheus.promql.vectors import METADATA, Vector, dropped, relabelled, value_of, with_label


def label_replace(vector: Vector, texts: Sequence[str], times: Times) -> Vector:
    target, replacement, source, pattern = texts
    if not target:
        raise EvaluationError("invalid destination label name in label_replace(): ", times)
    distinct = sorted({value_of(labels, source) for labels in vector.labels})
    try:
        filled = dict(zip(distinct, replaced(pattern, replacement, distinct), strict=True))
    except WrongRegexError:
        raise EvaluationError(f"invalid regular expression in label_replace(): {pattern}", times) from None
    labels = []
    for each in vector.labels:
        value = filled[value_of(each, source)]
        labels.append(each if value is None else with_label(each, target, value))
    return relabelled(vector, labels, times)


def label_join(vector: Vector, texts: Sequence[str], times: Times) -> Vector:
    target, separator, *sources = texts
    for name, role in [*((source, "source") for source in sources), (target, "destination")]:
        if not name:
            raise EvaluationError(f"invalid {role} label name in label_join(): ", times)
    labels = [
        with_label(each, target, separator.join(value_of(each, source) for source in sources)) for each in vector.labels
    ]
    return relabelled(vector, labels, times)


def absent(node: Node, missing: Mask) -> Vector:
    """Return 1 where nothing was there, under the labels that the selector asks for by ``=`` once."""
    labels: Labels = ()
    selector = node.selector if isinstance(node, RangeSelector) else node
    if isinstance(selector, Selector):
        asked: set[str] = set()
        for matcher in selector.matchers:
            if matcher.name in METADATA:
                continue
            once = matcher.operator == "=" and matcher.name not in asked
            labels = with_label(labels, matcher.name, matcher.value) if once else dropped(labels, (matcher.name,))
            if once:
                asked.add(matcher.name)
    return Vector([labels], np.ones((1, len(missing))), missing[None, :])
