"""What follows from events: thinned, delayed, repeated, self-exciting. An effect never precedes its cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.chance import Streams
from simulator.events.columns import Coded, Column, Identifiers, Index, Texts
from simulator.timeline.emission import Emission, Excite, FollowUp

_MOST_GENERATIONS = 64
_LONGEST = 20.0  # no excited event comes later than this many times the mean


@dataclass(frozen=True, slots=True)
class Followers:
    """Events that follow, ascending in time: which parent row each is of, and the how-manieth of it (from 0)."""

    times: NDArray[np.int64]
    parents: Index
    ordinals: NDArray[np.int64]


def followers(
    emission: Emission, times: NDArray[np.int64], columns: Mapping[str, Column], streams: Streams
) -> Followers:
    """Return what follows from parent events. Draws depend on the number of parents alone, not on who survives."""
    follow = emission.follow
    assert follow is not None
    kept = np.flatnonzero(
        _wanted(follow, columns, len(times)) & (streams("thin").random(len(times)) < follow.probability)
    )
    delays = follow.delay.sample(streams("delay"), len(times))[kept]
    parents, ordinals = kept, np.zeros(len(kept), np.int64)
    starts = times[kept] + np.maximum(delays, 0)
    if follow.repeat:
        counts = np.maximum(0, follow.repeat.count.sample(streams("repeat"), len(times)))[kept]
        parents, starts = np.repeat(kept, counts), np.repeat(starts, counts)
        firsts = np.repeat(np.cumsum(counts) - counts, counts)
        ordinals = np.arange(len(parents)) - firsts
        gaps = np.where(ordinals > 0, np.maximum(0, follow.repeat.gap.sample(streams("gap"), len(parents))), 0)
        summed = np.cumsum(gaps)
        starts = starts + summed - summed[firsts]
    if follow.excite:
        starts, parents, ordinals = _excited(follow.excite, starts, parents, ordinals, streams)
    order = np.argsort(starts, kind="stable")
    order = order[: np.searchsorted(starts[order], emission.span.end)]
    return Followers(starts[order], parents[order], ordinals[order])


def reach(emission: Emission) -> int:
    """Return how long after an event of an emission the last of all that follows from it can come."""
    longest = 0.0
    for child in emission.children:
        assert child.follow is not None
        own = child.follow.delay.most
        if child.follow.repeat:
            own += child.follow.repeat.count.most * child.follow.repeat.gap.most
        if child.follow.excite:
            own += _MOST_GENERATIONS * _LONGEST * child.follow.excite.decay
        longest = max(longest, own + reach(child))
    return int(longest)


def _wanted(follow: FollowUp, columns: Mapping[str, Column], rows: int) -> NDArray[np.bool_]:
    wanted = np.ones(rows, np.bool_)
    for name, values in follow.when.items():
        wanted &= is_one_of(columns[name], values)
    return wanted


def is_one_of(column: Column, values: tuple[Any, ...]) -> NDArray[np.bool_]:
    """Say of each row whether it holds one of some values; an entity goes by its name too."""
    if isinstance(column, Coded):
        names = set(values)
        table = [each in names or getattr(each, "name", None) in names for each in column.vocabulary.values]
        return np.array(table, np.bool_)[column.codes]
    assert not isinstance(column, Identifiers | Texts), "the playbook's check lets no other kind through"
    return np.isin(column.values, values)


def _excited(
    excite: Excite, times: NDArray[np.int64], parents: Index, ordinals: NDArray[np.int64], streams: Streams
) -> tuple[NDArray[np.int64], Index, NDArray[np.int64]]:
    """Add to each event its cluster: children, their children, and so on until a generation is empty."""
    random = streams("excite")
    all_times, all_parents, newest, of = [times], [parents], times, parents
    for _ in range(_MOST_GENERATIONS):
        counts = random.poisson(excite.branching, len(newest))
        delays = np.minimum(random.exponential(excite.decay, int(counts.sum())), excite.decay * _LONGEST).astype(
            np.int64
        )
        newest, of = np.repeat(newest, counts) + delays, np.repeat(of, counts)
        if not len(newest):
            break
        all_times.append(newest)
        all_parents.append(of)
    joined, owners = np.concatenate(all_times), np.concatenate(all_parents)
    order = np.lexsort((joined, owners))
    edges = np.flatnonzero(np.diff(owners[order], prepend=-1))
    counted = np.empty(len(joined), np.int64)
    counted[order] = np.arange(len(joined)) - np.repeat(edges, np.diff(np.append(edges, len(joined))))
    return joined, owners, counted if len(ordinals) != len(joined) else ordinals
