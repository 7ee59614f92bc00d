"""Where a product is deployed in a world: whom it watches, how late its records arrive, how off its clocks are."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulator.chance import scrambled, stream
from simulator.events.columns import Coded, Column
from simulator.telemetry.renderer import Renderer
from simulator.world.model import Delay, Host, Witness, World

_Z99 = 2.3263478740408408
_QUANTILES = 65_536


@dataclass
class Deployment:
    """The witnesses of one renderer in a world. Nothing here depends on batches or windows."""

    renderer: str
    witnesses: tuple[Witness, ...]
    watches_hosts: bool
    seed: int
    _sees: NDArray[np.bool_] = field(init=False)
    _offsets: NDArray[np.int64] = field(init=False)
    _delays: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self._sees, self._offsets = np.zeros(0, np.bool_), np.zeros(0, np.int64)
        self._delays = _quantiles(self.witnesses[0].delay, self.seed, self.renderer)

    @classmethod
    def of(cls, renderer: Renderer, world: World, seed: int) -> Deployment:
        """Return where a world has a renderer's product."""
        witnesses = tuple(witness for witness in world.witnesses if witness.renderer == renderer.name)
        return cls(renderer.name, witnesses, bool(renderer.witness), seed)

    def sees(self, hosts: Column | None, rows: int) -> NDArray[np.bool_]:
        """Say of which rows the product takes notice."""
        if not self.watches_hosts:
            return np.ones(rows, np.bool_)
        assert isinstance(hosts, Coded), f"{self.renderer}: its witness field holds no host"
        self._learn(hosts)
        return self._sees[hosts.codes]

    def clock_offsets(self, hosts: Column | None) -> NDArray[np.int64] | int:
        """Return by how many nanoseconds the clock of each row's witness is off."""
        if not self.watches_hosts or not isinstance(hosts, Coded):
            return 0
        self._learn(hosts)
        return self._offsets[hosts.codes]

    def delays(self, ids: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return how long after the event each record arrives: a draw for each event id."""
        bits = scrambled(ids, self.seed, f"delay/{self.renderer}")
        return self._delays[(bits >> np.uint64(48)).astype(np.intp)]

    def _learn(self, hosts: Coded) -> None:
        known = hosts.vocabulary.values[len(self._sees) :]
        if known:
            found = [self._of(host) for host in known]
            self._sees = np.append(self._sees, [each is not None for each in found])
            offsets = [self._offset(host, each) for host, each in zip(known, found, strict=True)]
            self._offsets = np.append(self._offsets, np.array(offsets, np.int64))

    def _of(self, host: object) -> Witness | None:
        """Return the first witness deployed on a host; an outsider, or nobody, has none."""
        if not isinstance(host, Host):
            return None
        return next((witness for witness in self.witnesses if witness.on.picks(host)), None)

    def _offset(self, host: object, witness: Witness | None) -> int:
        """Return a host's clock offset: all products on a host share its clock, as far as they are as skewed."""
        if witness is None or not isinstance(host, Host):
            return 0
        return round(float(stream(self.seed, f"clock/{host.name}").standard_normal()) * witness.skew)


def _quantiles(delay: Delay, seed: int, name: str) -> NDArray[np.int64]:
    """Return a table of log-normal delays, to be looked up by 16 random bits: draws need no state."""
    if delay.p50 <= 0:
        return np.zeros(_QUANTILES, np.int64)
    sigma = np.log(max(delay.p99, delay.p50) / delay.p50) / _Z99
    drawn = stream(seed, f"delays/{name}").standard_normal(_QUANTILES)
    return np.asarray((delay.p50 * np.exp(sigma * drawn)).astype(np.int64))
