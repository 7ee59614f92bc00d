"""What Prometheus knows and Feint does not evaluate, by name."""

from __future__ import annotations

AGGREGATIONS = frozenset({
    "avg", "bottomk", "count", "count_values", "group", "max", "min", "quantile", "stddev", "stdvar", "sum", "topk",
})  # fmt: skip
_NATIVE = frozenset({"histogram_avg", "histogram_count", "histogram_stddev", "histogram_stdvar", "histogram_sum"})
_EXPERIMENTAL = frozenset({
    "double_exponential_smoothing", "end", "histogram_quantiles", "info", "integral", "mad_over_time", "max_of",
    "min_of", "range", "sort_by_label", "sort_by_label_desc", "start", "start_timestamp", "step",
    "ts_of_first_over_time", "ts_of_last_over_time", "ts_of_max_over_time", "ts_of_min_over_time",
})  # fmt: skip


def refusal(function: str) -> str | None:
    """Return the sentence that refuses a function, if it is one that is not evaluated."""
    if function in _EXPERIMENTAL:
        return f"{function}() is experimental in Prometheus, and not evaluated here"
    if function in _NATIVE:
        return f"{function}() takes native histograms, which are not evaluated here"
    return None
