"""What Prometheus knows and Feint does not evaluate, by name."""

from __future__ import annotations

import re

AGGREGATIONS = frozenset({
    "avg", "bottomk", "count", "count_values", "group", "max", "min", "quantile", "stddev", "stdvar", "sum", "topk",
})  # fmt: skip
NATIVE = frozenset({"histogram_avg", "histogram_count", "histogram_stddev", "histogram_stdvar", "histogram_sum"})
EXPERIMENTAL = frozenset({
    "double_exponential_smoothing", "end", "histogram_quantiles", "info", "integral", "mad_over_time", "max_of",
    "min_of", "range", "sort_by_label", "sort_by_label_desc", "start", "start_timestamp", "step",
    "ts_of_first_over_time", "ts_of_last_over_time", "ts_of_max_over_time", "ts_of_min_over_time",
})  # fmt: skip


# What the parser, which follows an older Prometheus, does not read. Looked for in what it refused, texts left out.
_NEWER = (
    (
        re.compile(r"\[[^\]:]*(?:\d[a-z]*\s*[-+*/%^]|\w\()|\boffset\s*[-+]?\s*\(", re.IGNORECASE),
        "calculated durations are",
    ),
    (re.compile(r"\b(?:anchored|smoothed)\b", re.IGNORECASE), "anchored and smoothed selectors are"),
    (re.compile(r"</|>/"), "the operators </ and >/ on native histograms are"),
    (re.compile(r"(?<![\w:])\d+_\d"), "numbers with _ between their digits are"),
    (re.compile(r"@\s*\d{12}|@\s*[\d.]+e\d\d", re.IGNORECASE), "times that far away are"),
)


def newer(plain: str) -> str | None:
    """Return what an expression that was not read has that newer Prometheus knows."""
    return next((what for pattern, what in _NEWER if pattern.search(plain)), None)
