"""Calls between routes: attempts, connections, caches that miss, messages. One attempt is in ``asking``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator_services.graph.nodes import Edge
from simulator_services.walk import luck, outcomes
from simulator_services.walk.asking import NEAR, Asker
from simulator_services.walk.requests import Answered, Asked, Published, Requests

if TYPE_CHECKING:
    from simulator_services.walk.walking import Walk

Bits = NDArray[np.uint64]
Floats = NDArray[np.float64]
Index = NDArray[np.intp]
Times = NDArray[np.int64]

_SECOND = 1e9
_COLDER = 0.02  # a cache that has so many answers less is worth a word; it never comes back quite to where it was
_MOMENT = 20_000  # what a call costs that is not even made


class Caller:
    """Makes the calls of a walk."""

    def __init__(self, walk: Walk) -> None:
        self._walk, self._scene = walk, walk.scene
        self._asker = Asker(walk)

    def call(self, edge: Edge, requests: Requests, asked: Asked, parents: Bits, at: Times, path: str) -> Answered:
        """Call, and do what follows. ``asked`` is what the callers were asked, ``parents`` are their spans."""
        ended = self._tried(edge, requests, asked, parents, at, path)
        if edge.publish:
            self._publish(edge, requests, asked, ended, path)
        elif self._scene.graph.missing[edge.number]:
            self._miss(edge, requests, asked, parents, at, ended, path)
        return ended

    def _tried(self, edge: Edge, requests: Requests, asked: Asked, parents: Bits, at: Times, path: str) -> Answered:
        """Call, and try again as often as those who call do."""
        ended = Answered.at(at)
        trying, start = np.arange(len(at)), at
        guilty = np.zeros(len(at), np.int16)  # of the attempts before
        allowed = self._scene.attempts(edge, at)
        for attempt in range(1, int(np.max(allowed)) + 1):
            part, here = asked.take(trying), f"{path}#{attempt}"
            tried = self._attempt(edge, requests, part, parents[trying], start, here, attempt)
            tried.slow(np.where(guilty[trying] > 0, start - at[trying], 0), guilty[trying])
            guilty[trying] = np.where(tried.guilt > 0, tried.guilt, guilty[trying])
            ended.put(trying, tried)
            again = (tried.outcomes > 0) & (attempt < allowed[trying])
            if not again.any():
                break
            wait = self._scene.backoff(edge) << (attempt - 1)
            chance = luck.share(requests.bits(part.rows, f"{here}/backoff"), 0)
            start = tried.ends + (wait * (0.5 + chance)).astype(np.int64)
            again &= start + 4 * NEAR < part.deadlines
            trying, start = trying[again], start[again]
            if not len(trying):
                break
        return ended

    def _attempt(
        self, edge: Edge, requests: Requests, asked: Asked, parents: Bits, at: Times, path: str, attempt: int
    ) -> Answered:
        """Take a connection, when there has to be one, and ask."""
        ended = Answered.at(at)
        start = self._connected(edge, requests, asked, at, ended, path)
        opened = self._scene.opened(edge, asked.instances, at)
        if opened is not None:
            ended.fail(opened, outcomes.BREAKER_OPEN, self._scene.blamed(self._scene.service_of(edge), at))
            ended.ends = np.where(opened, at + _MOMENT, ended.ends)
        ready = np.flatnonzero(ended.outcomes == 0)
        service = self._scene.service_of(edge)
        regions = self._scene.region_of[asked.instances]
        for region, rows in self._scene.by_destination(service, regions[ready]):
            chosen = ready[rows]
            if len(chosen):
                part, far = asked.take(chosen), regions[chosen] != region
                answer = self._asker.ask(
                    edge, region, requests, part, parents[chosen], start[chosen], far, path, attempt
                )
                answer.slow(ended.excess[chosen], ended.cause[chosen])
                ended.put(chosen, answer)
        return ended

    def _connected(self, edge: Edge, requests: Requests, asked: Asked, at: Times, ended: Answered, path: str) -> Times:
        """Return when there is a connection from the pool; those who wait in vain fail."""
        scene = self._scene
        pool = scene.pool_of(edge)
        if pool is None:
            return at
        caller = scene.graph.routes[edge.caller].service
        start = at
        chance = requests.bits(asked.rows, f"{path}/pool")
        for region in np.unique(scene.region_of[asked.instances]):
            here = scene.region_of[asked.instances] == region
            place = scene.place(caller, int(region))
            wait, calm = scene.now("pool_wait", place, at)
            refused, calm_refused = scene.now("pool_refused", place, at)
            spread = (0.5 + luck.share(chance, 0)) * _SECOND
            waited = np.minimum(wait * spread, pool.timeout).astype(np.int64)
            blame = scene.blamed(caller, at)
            late = (np.maximum(waited - calm * spread, 0.0)).astype(np.int64)
            ended.slow(np.where(here, late, 0), blame)
            lucky = luck.share(chance, 1)
            ended.fail(here & (lucky < calm_refused), outcomes.POOL_TIMEOUT, 0)
            ended.fail(here & (lucky < refused), outcomes.POOL_TIMEOUT, blame)
            start = np.where(here, at + waited, start)
        over = start + 4 * NEAR >= asked.deadlines
        ended.fail(over, outcomes.POOL_TIMEOUT, ended.cause)
        ended.ends = np.where(ended.outcomes > 0, np.minimum(at + pool.timeout, asked.deadlines - NEAR), start)
        ended.ends = np.maximum(ended.ends, at)
        return start

    def _miss(
        self, edge: Edge, requests: Requests, asked: Asked, parents: Bits, at: Times, ended: Answered, path: str
    ) -> None:
        """Go on with what follows a cache's miss, for those whose answer is not in it."""
        scene = self._scene
        service = scene.service_of(edge)
        chance = luck.whole(requests.bits(asked.rows, f"{path}/hit"))
        hit, calm = np.ones(len(at)), np.ones(len(at))
        for region, rows in scene.by_destination(service, scene.region_of[asked.instances]):
            place = scene.place(service, region)
            hit[rows], calm[rows] = scene.now("hit", place, at[rows])
        missed = np.flatnonzero((ended.outcomes > 0) | (chance >= hit))
        harmed = (ended.outcomes > 0) | ((chance >= hit) & (chance < calm) & (calm - hit > _COLDER))
        blame = np.where(ended.outcomes > 0, ended.guilt, scene.blamed(service, at)).astype(np.int16)
        found = Answered.at(ended.ends)
        found.cause, found.excess = ended.cause, ended.excess
        for number, each in enumerate(scene.graph.missing[edge.number]):
            going = missed[(found.outcomes[missed] == 0) & (found.ends[missed] + 4 * NEAR < asked.deadlines[missed])]
            if each.probability < 1.0 and len(going):
                luckily = luck.share(requests.bits(asked.rows[going], f"{path}/m{number}/made"), 3)
                going = going[luckily < each.probability]
            if not len(going):
                continue
            began = found.ends[going] + _MOMENT
            answer = self.call(each, requests, asked.take(going), parents[going], began, f"{path}/m{number}")
            answer.slow(np.where(harmed[going], answer.ends - began, 0), blame[going])
            if each.fallback:
                answer.outcomes[:] = outcomes.OK
            answer.excess += found.excess[going]
            found.put(going, answer)
        ended.put(np.arange(len(at)), found)

    def _publish(self, edge: Edge, requests: Requests, asked: Asked, ended: Answered, path: str) -> None:
        """Note the messages that got to the queue."""
        sent = np.flatnonzero(ended.outcomes == 0)
        if len(sent):
            spans = np.maximum(requests.bits(asked.rows[sent], f"{path}#1/call/client"), 1)
            rows, regions = asked.rows[sent], self._scene.region_of[asked.instances[sent]]
            self._walk.published.append(
                Published(
                    self._scene.service_of(edge),
                    requests,
                    rows,
                    ended.ends[sent],
                    spans,
                    asked.instances[sent],
                    regions,
                    path,
                )
            )
