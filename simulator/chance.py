"""Random streams. Each is keyed by the seed, a path and a cell of time, so that adding one moves no other.

Philox is counter-based: a stream for any cell is had without drawing those before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def stream(seed: int, path: str, cell: int = 0) -> np.random.Generator:
    """Return the stream of a path in a cell. The cell is the counter's high half, so streams never overlap."""
    key = np.frombuffer(blake2b(f"{seed}/{path}".encode(), digest_size=16).digest(), np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=np.array([0, 0, cell, 0], np.uint64)))


@dataclass(frozen=True, slots=True)
class Streams:
    """The streams of one emission in one cell, by name."""

    seed: int
    path: str
    cell: int

    def __call__(self, name: str) -> np.random.Generator:
        """Return the stream of a name in this cell."""
        return stream(self.seed, f"{self.path}/{name}", self.cell)

    def whole(self, name: str) -> np.random.Generator:
        """Return the stream of a name that all cells share: for what is drawn once for the emission."""
        return stream(self.seed, f"{self.path}//{name}")


def scrambled(values: NDArray[np.uint64], seed: int, path: str) -> NDArray[np.uint64]:
    """Return 64 random-looking bits for each value: the same for the same seed, path and value.

    SplitMix64's finaliser (Steele, Lea, Flood 2014) over the value and a key.
    """
    key = np.frombuffer(blake2b(f"{seed}/{path}".encode(), digest_size=8).digest(), np.uint64)[0]
    with np.errstate(over="ignore"):
        mixed = (values ^ key) * _GOLDEN + key
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


def fractions(bits: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Turn random bits into numbers in [0, 1)."""
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53
