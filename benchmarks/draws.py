"""Columns drawn as a run's are, in batches of 16,384 rows: what the benchmarks that render start from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from simulator.events.columns import Coded, Column, Durations, Identifiers, Integers, Times, Vocabulary

BATCH = 16_384
START = 1_767_225_600_000_000_000
Draw = np.random.Generator


def zipf(values: list[Any], exponent: float = 1.1) -> Callable[[Draw], Column]:
    """Draw values by rank, with a table that has places for each as its share allows. Small ones stay in the caches."""
    weights = 1 / np.arange(1, len(values) + 1) ** exponent
    edges = np.cumsum(weights) / weights.sum()
    places = 65_536 if len(values) > 256 else 4_096
    table = np.searchsorted(edges, (np.arange(places) + 0.5) / places).astype(np.uint16)
    unused, vocabulary = (65_536 // places).bit_length() - 1, Vocabulary(values)

    def draws(draw: Draw) -> Column:
        places = draw.bit_generator.random_raw(BATCH // 4).view(np.uint16) >> unused
        return Coded(table[places].astype(np.uint32), vocabulary)

    return draws


def identifiers(width: int) -> Callable[[Draw], Column]:
    def draws(draw: Draw) -> Column:
        return Identifiers(draw.bit_generator.random_raw(BATCH * width // 8).view(np.uint8).reshape(BATCH, width))

    return draws


def poisson(draw: Draw) -> Column:
    return Times(START + np.cumsum(draw.standard_exponential(BATCH) * 1e6).astype(np.int64))


def durations(draw: Draw) -> Column:
    return Durations(np.exp(draw.standard_normal(BATCH, np.float32) * 1.2 + 16.5).astype(np.int64))


def sizes(draw: Draw) -> Column:
    return Integers(np.exp(draw.standard_normal(BATCH, np.float32) * 1.2 + 8).astype(np.int64))
