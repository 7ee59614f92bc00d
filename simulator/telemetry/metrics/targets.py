"""Targets: the hosts that are sampled, at which moments, and from when on each one's counters count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.events.columns import Coded, Vocabulary
from simulator.telemetry.deployment import Deployment
from simulator.telemetry.metrics.metric import Sampling
from simulator.telemetry.templates import compile_template
from simulator.world.model import Host

Times = NDArray[np.int64]
NEVER = np.iinfo(np.int64).min
_MILLISECOND = 1_000_000
SILENT, ALIVE, GONE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Lives:
    """Starts and stops of targets in a stretch of time, in order. ``states`` say what each is from then on."""

    targets: NDArray[np.int64]
    times: Times
    states: NDArray[np.int64]

    @classmethod
    def none(cls) -> Lives:
        return cls(*(np.zeros(0, np.int64) for _ in range(3)))

    def between(self, start: int, end: int) -> Lives:
        first, last = np.searchsorted(self.times, [start, end])
        return Lives(self.targets[first:last], self.times[first:last], self.states[first:last])


class Targets:
    """All hosts that may be sampled. Their numbers are codes of ``vocabulary``; nothing depends on windows."""

    def __init__(
        self, sampling: Sampling, hosts: Iterable[Host], deployment: Deployment, seed: int, start: int
    ) -> None:
        self.vocabulary = Vocabulary()
        self.sampling, self._deployment, self._seed, self._start = sampling, deployment, seed, start
        source = f"{{% if {sampling.target or 'true'} %}}1{{% endif %}}"
        self._picks = compile_template(source, {"host": "coded"}, name="target")
        self._numbers: dict[int, tuple[list[Any], NDArray[np.int64]]] = {}
        self.phases = np.zeros(0, np.int64)
        self.state = np.zeros(0, np.int64)
        self.began = np.zeros(0, np.int64)
        self._sampled = np.zeros(0, np.bool_)
        for host in hosts:
            self.vocabulary.code(host)
        self._learn()

    def __len__(self) -> int:
        return len(self.phases)

    @property
    def hosts(self) -> list[Host]:
        return self.vocabulary.values

    def of(self, hosts: Coded) -> NDArray[np.int64]:
        """Return the number of the target that each host is, or -1."""
        values = hosts.vocabulary.values
        _, known = self._numbers.get(id(values), (values, np.zeros(0, np.int64)))
        if len(known) < len(values):
            fresh = [self.vocabulary.code(each) if isinstance(each, Host) else -1 for each in values[len(known) :]]
            self._learn()
            numbers = np.array(fresh, np.int64)
            known = np.append(known, np.where((numbers >= 0) & self._sampled[numbers], numbers, -1))
            self._numbers[id(values)] = values, known  # with the values, so that their id stays taken
        return known[hosts.codes]

    def sampled(self) -> NDArray[np.int64]:
        """Return the numbers of those that are targets."""
        return np.flatnonzero(self._sampled)

    def _learn(self) -> None:
        """Find out about hosts not met before: whether they are targets, when they are sampled, if they are there."""
        new = self.hosts[len(self.phases) :]
        if not new:
            return
        codes = np.arange(len(self.hosts), dtype=np.uint32)[-len(new) :]
        sees = self._deployment.sees(Coded(codes, self.vocabulary), len(new))
        picks = [bool(self._picks.render_row({"host": host})) for host in new]
        standby = np.array([host.attributes.get("standby") == "true" for host in new])
        self.phases = np.append(self.phases, [self._phase(host) for host in new])
        self.state = np.append(self.state, np.where(standby, GONE, ALIVE))
        self.began = np.append(self.began, np.where(standby, NEVER, self._start))
        self._sampled = np.append(self._sampled, sees & picks)

    def _phase(self, host: Host) -> int:
        """Return how long after the start of a round a host is sampled: whole milliseconds, as Prometheus counts."""
        drawn = int.from_bytes(blake2b(f"{self._seed}/sampled/{host.name}".encode(), digest_size=8).digest(), "big")
        return drawn % max(1, self.sampling.interval // _MILLISECOND) * _MILLISECOND


class LifeTable:
    """Looks up, for moments of a stretch of time, when a target last started, and when it starts next."""

    def __init__(self, targets: Targets, lives: Lives) -> None:
        starts = lives.states == ALIVE
        order = np.lexsort((lives.times[starts], lives.targets[starts]))
        self.targets, self.times = lives.targets[starts][order], lives.times[starts][order]
        self._began = targets.began
        self._moments = np.unique(self.times)
        self._keys = self._key(self.targets, self.times)

    def __len__(self) -> int:
        return len(self.times)

    def _key(self, targets: NDArray[np.int64], times: Times) -> NDArray[np.int64]:
        return targets * (len(self._moments) + 1) + np.searchsorted(self._moments, times, side="right")

    def last(self, targets: NDArray[np.int64], times: Times) -> Times:
        """Return when each target last started, at or before a moment."""
        if not len(self):
            return self._began[targets]
        place = np.searchsorted(self._keys, self._key(targets, times), side="right") - 1
        found = (place >= 0) & (self.targets[place] == targets)
        return np.where(found, self.times[place], self._began[targets])

    def next(self, targets: NDArray[np.int64], times: Times) -> tuple[Times, NDArray[np.bool_]]:
        """Return when each target starts after a moment, and whether it does."""
        place = np.searchsorted(self._keys, self._key(targets, times), side="right")
        inside = np.minimum(place, len(self) - 1)
        return self.times[inside], (place < len(self)) & (self.targets[inside] == targets)
