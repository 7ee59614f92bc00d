"""Lifecycle: when targets started and stopped, by the events that a sampling names."""

from __future__ import annotations

import numpy as np

from simulator.events.columns import Coded
from simulator.telemetry.metrics.expressions import Condition
from simulator.telemetry.metrics.measuring import Happened
from simulator.telemetry.metrics.metric import Sampling
from simulator.telemetry.metrics.rounds import Rounds
from simulator.telemetry.metrics.sampling import Stretch
from simulator.telemetry.metrics.targets import ALIVE, GONE, SILENT, LifeTable, Lives, Targets


class Lifecycle:
    """Follows the targets through their lives."""

    def __init__(self, sampling: Sampling, targets: Targets) -> None:
        self._sampling, self._targets = sampling, targets
        self._lives = Lives.none()
        self._gone: Condition | None = None

    def add(self, happened: Happened) -> None:
        """Take note of a window's starts and stops; those of the window before are over."""
        found: list[Lives] = []
        ids = []
        for event, batch in happened:
            if event.name not in (self._sampling.started, self._sampling.stopped) or not len(batch):
                continue
            hosts = batch.columns["host"]
            assert isinstance(hosts, Coded)
            targets = self._targets.of(hosts)
            states = np.full(len(batch), ALIVE if event.name == self._sampling.started else SILENT, np.int64)
            if event.name == self._sampling.stopped and self._sampling.gone:
                self._gone = self._gone or Condition(self._sampling.gone, event, "gone")
                states[self._gone.of(batch.columns, len(batch))] = GONE
            kept = targets >= 0
            found.append(Lives(targets[kept], batch.times[kept], states[kept]))
            ids.append(batch.ids[kept])
        if not found:
            self._lives = Lives.none()
            return
        times = np.concatenate([each.times for each in found])
        order = np.lexsort((np.concatenate(ids), times))
        targets, states = (np.concatenate([getattr(each, name) for each in found]) for name in ("targets", "states"))
        self._lives = Lives(targets[order], times[order], states[order])

    def stretch(self, rounds: Rounds) -> Stretch:
        """Return some rounds with what is known of the targets in them."""
        lives = self._lives.between(rounds.low, rounds.high)
        shape = (len(self._targets), rounds.count)
        state = np.broadcast_to(self._targets.state[:, None], shape)
        began = np.broadcast_to(self._targets.began[:, None], shape)
        if len(lives.times):
            columns = rounds.columns(lives.targets, lives.times)
            starts = np.where(lives.states == ALIVE, np.arange(len(lives.times)), -1)
            state = _latest(state, lives.targets, columns, np.arange(len(lives.times)), lives.states)
            began = _latest(began, lives.targets, columns, starts, lives.times)
        return Stretch(rounds, LifeTable(self._targets, lives), state == ALIVE, state != GONE, began)

    def passed(self, rounds: Rounds) -> None:
        """Go on to the end of some rounds."""
        lives = self._lives.between(rounds.low, rounds.high)
        self._targets.state[lives.targets] = lives.states  # in the order of time: the last one stays
        starts = lives.states == ALIVE
        self._targets.began[lives.targets[starts]] = lives.times[starts]


def _latest(
    before: np.ndarray, targets: np.ndarray, columns: np.ndarray, places: np.ndarray, values: np.ndarray
) -> np.ndarray:
    """Return what each target is in each round: the last of the values until then that has a place, or as before."""
    latest = np.full((before.shape[0], before.shape[1] + 1), -1, np.int64)
    np.maximum.at(latest, (targets, columns), places)
    latest = np.maximum.accumulate(latest, axis=1)[:, :-1]
    return np.where(latest < 0, before, values[latest])
