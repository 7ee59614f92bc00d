"""Numbers that rise with each record of a stream: what products call record id, serial, sequence."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from simulator.chance import scrambled
from simulator.events.columns import Vocabulary
from simulator.telemetry.renderer import Counter


class Counting:
    """A counter while it runs. It is carried from window to window: the one thing a stream remembers."""

    def __init__(self, counter: Counter, name: str) -> None:
        self.counter, self._name = counter, name
        self._last = np.zeros(0, np.int64)

    def numbered(
        self, keys: NDArray[np.uint32], ids: NDArray[np.uint64], vocabulary: Vocabulary | None
    ) -> NDArray[np.int64]:
        """Return the number of each record; records are in the order of the stream, keys say whose counter counts."""
        self._learn(vocabulary, int(keys.max(initial=0)) + 1)
        order = np.argsort(keys, kind="stable")
        grouped = keys[order]
        gaps = np.ones(len(keys), np.int64)
        if self.counter.step > 1:
            gaps += (scrambled(ids[order], 0, self._name) % np.uint64(self.counter.step)).astype(np.int64)
        summed = np.cumsum(gaps)
        firsts = np.flatnonzero(np.diff(grouped.astype(np.int64), prepend=-1))
        sizes = np.diff(np.append(firsts, len(grouped)))
        before = np.repeat(summed[firsts] - gaps[firsts], sizes)
        numbers = np.empty(len(keys), np.int64)
        numbers[order] = self._last[grouped] + summed - before
        self._last[grouped[firsts]] = numbers[order[firsts + sizes - 1]]
        return numbers

    def _learn(self, vocabulary: Vocabulary | None, most: int) -> None:
        """Start the counters of values not met before: each somewhere else, as machines of different age do."""
        names = vocabulary.values[len(self._last) :] if vocabulary else [""] * (most - len(self._last))
        starts = [
            self.counter.start + _place(str(getattr(name, "name", name)), self.counter.start) - 1 for name in names
        ]
        self._last = np.append(self._last, np.array(starts, np.int64))


def _place(name: str, most: int) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=6).digest(), "big") % most
