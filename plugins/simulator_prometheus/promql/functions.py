"""Functions of an instant vector: of its numbers, its times, or its labels."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from simulator_prometheus.promql.series import Floats, Times

DAY = 86_400


def rounded(values: Floats, to: Floats) -> Floats:
    """round(): halves go up; dividing by the inverse is what Prometheus does."""
    inverse = 1.0 / to
    return np.asarray(np.floor(values * inverse + 0.5) / inverse)


def clamped(values: Floats, low: Floats, high: Floats) -> Floats:
    return np.maximum(low, np.minimum(high, values))


def _sign(values: Floats) -> Floats:
    return np.where(values < 0, -1.0, np.where(values > 0, 1.0, values))


def _seconds(values: Floats) -> NDArray[np.int64]:
    """Return whole seconds; what is no time is 1970, for which Go's answer depends on the machine."""
    return np.nan_to_num(np.trunc(values), nan=0.0, posinf=0.0, neginf=0.0).clip(-1e15, 1e15).astype(np.int64)


def _days(values: Floats) -> NDArray[np.datetime64]:
    return (_seconds(values) // DAY).astype("datetime64[D]")


def _since(unit: str, values: Floats, add: int) -> Floats:
    days = _days(values)
    return np.asarray((days - days.astype(f"datetime64[{unit}]")).astype(np.float64) + add)


def _month(values: Floats) -> Floats:
    months = _days(values).astype("datetime64[M]")
    return np.asarray((months - months.astype("datetime64[Y]")).astype(np.float64) + 1)


def _days_in_month(values: Floats) -> Floats:
    months = _days(values).astype("datetime64[M]")
    following = (months + np.timedelta64(1, "M")).astype("datetime64[D]")
    return np.asarray((following - months.astype("datetime64[D]")).astype(np.float64))


OF_NUMBERS: dict[str, Callable[[Floats], Floats]] = {
    "abs": np.abs,
    "acos": np.arccos,
    "acosh": np.arccosh,
    "asin": np.arcsin,
    "asinh": np.arcsinh,
    "atan": np.arctan,
    "atanh": np.arctanh,
    "ceil": np.ceil,
    "cos": np.cos,
    "cosh": np.cosh,
    "deg": lambda values: values * (180 / np.pi),
    "exp": np.exp,
    "floor": np.floor,
    "ln": np.log,
    "log10": np.log10,
    "log2": np.log2,
    "rad": lambda values: values * (np.pi / 180),
    "sgn": _sign,
    "sin": np.sin,
    "sinh": np.sinh,
    "sqrt": np.sqrt,
    "tan": np.tan,
    "tanh": np.tanh,
}
OF_TIMES: dict[str, Callable[[Floats], Floats]] = {
    "day_of_month": partial(_since, "M", add=1),
    "day_of_week": lambda values: ((_seconds(values) // DAY + 4) % 7).astype(np.float64),  # 1970 began on a Thursday
    "day_of_year": partial(_since, "Y", add=1),
    "days_in_month": _days_in_month,
    "hour": lambda values: (_seconds(values) % DAY // 3600).astype(np.float64),
    "minute": lambda values: (_seconds(values) % 3600 // 60).astype(np.float64),
    "month": _month,
    "year": lambda values: _days(values).astype("datetime64[Y]").astype(np.float64) + 1970,
}


def in_seconds(times: Times) -> Floats:
    return times / 1000
