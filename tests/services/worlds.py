"""Worlds of services for tests, read as a playbook's would be, and what happens in them as rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from simulator.chance import Streams
from simulator.events.columns import Vocabulary
from simulator.places import NOWHERE, Complaints, Word
from simulator.playbook.reading.binding import Binder
from simulator.playbook.reading.strict_yaml import parse_yaml
from simulator.quantities import SECOND
from simulator.world.description import Description
from simulator.world.generation import build
from simulator.world.system import Effect, Happened, Setting
from simulator_services.behaviour import OUTLETS, ServicesBehaviour
from simulator_services.language.description import Services
from simulator_services.language.effects import EFFECTS
from simulator_services.system import ServicesSystem

START = 1_772_438_400 * SECOND  # 2026-03-02T08:00:00Z, a Monday
MINUTE, HOUR = 60 * SECOND, 3600 * SECOND

TWO = """
services:
  web:
    routes:
      GET /:
        p50: 5ms
        calls: [cart GET /cart]
  cart:
    routes:
      GET /cart: {p50: 8ms, p99: 40ms}
traffic:
  - {to: web GET /, arrivals: {poisson: {rate: 20/s}}}
"""

SHOP = """
regions: {eu: {share: 60}, us: {share: 40}}
services:
  gateway:
    instances: 3
    routes:
      GET /:
        calls:
        - session GET s
        - together: [recs GET /r, {call: "catalog GET /p", retries: 1, timeout: 500ms}]
      POST /checkout:
        calls: [session GET s, {call: checkout POST /pay, timeout: 3s}]
  session: {kind: cache}
  recs: {routes: {GET /r: {p50: 6ms, calls: [catalog GET /p]}}}
  catalog:
    pool: {to: catalog-db, size: 4}
    routes:
      GET /p:
        calls:
        - call: catalog-cache GET p
          on_miss: [catalog-db SELECT p]
  catalog-cache: {kind: cache, keys: 2000}
  catalog-db: {kind: database, regions: [eu], cores: 0.15, disk: {size: 1GiB, used: 90%}}
  checkout:
    protocol: grpc
    memory: 200MiB
    autoscale: {most: 5}
    routes:
      POST /pay:
        p50: 15ms
        calls:
        - {call: payments POST /charge, timeout: 2s, retries: 1, breaker: {failures: 40%}}
        - orders-db INSERT orders
        - publish: orders
  payments: {kind: external}
  orders-db: {kind: database, disk: {size: 1GiB, used: 90%}}
  orders: {kind: queue}
  mailer: {routes: {process orders: {p50: 30ms, calls: [thumbs POST /t]}}}
  thumbs: {kind: function, routes: {POST /t: {p50: 100ms}}}
traffic:
- {to: gateway GET /, arrivals: {poisson: {rate: 20/s}}}
- {to: gateway POST /checkout, arrivals: {poisson: {rate: 5/s}}}
"""


def bound(text: str, kind: Any) -> Any:
    complaints = Complaints()
    made = Binder(complaints).bind_or_none(parse_yaml(text, "world.yaml", complaints), kind)
    complaints.settle()
    return made


def effect(name: str, said: str, start: int = 0, end: int = HOUR, ramp: int = 0, act: int = 1) -> Effect:
    """Make an effect. Times are after the run's start."""
    arguments = bound(said, EFFECTS[name])
    return Effect(name, arguments, act, START + start, START + end, ramp, NOWHERE)


class Played:
    """A played world: the rows of each event type, as arrays by field."""

    def __init__(self, text: str, effects: Sequence[Effect] = (), length: int = 5 * MINUTE, seed: int = 7) -> None:
        self.described: Services = bound(text, Services)
        groups = ServicesSystem().hosts(self.described)
        complaints = Complaints()
        networks = {"pods": Word("10.0.0.0/16")}
        described = Description("shop", "Shop", Word("shop.example"), "SHOP", networks, tuple(groups), (), ())
        world = build(described, (), complaints)
        complaints.settle()
        self._vocabularies: dict[tuple[str, str], Vocabulary] = {}
        self.length, self.seed = length, seed
        self.behaviour = ServicesBehaviour(
            Setting(
                described=self.described,
                world=world,
                effects=tuple(effects),
                start=START,
                end=START + length,
                activity=1.0,
                vocabulary=self._vocabulary,
                streams=Streams(seed, "services", 0),
            )
        )

    def _vocabulary(self, event: str, field: str) -> Vocabulary:
        return self._vocabularies.setdefault((event, field), Vocabulary())

    def happened(self) -> list[Happened]:
        found = []
        for cell, start in enumerate(range(START, START + self.length, self.behaviour.cell_length)):
            end = min(start + self.behaviour.cell_length, START + self.length)
            found += list(self.behaviour.happened(start, end, Streams(self.seed, "services", cell)))
        return found

    def rows(self) -> dict[str, dict[str, np.ndarray]]:
        """Return all that happens, by event type, as arrays: values of codes, numbers, or ids as whole numbers."""
        parts: dict[str, list[dict[str, np.ndarray]]] = {}
        for each in self.happened():
            columns = {name: _array(column) for name, column in each.columns.items()}
            columns |= {
                "time": each.times,
                "act": each.acts if each.acts is not None else np.zeros(len(each.times), int),
            }
            parts.setdefault(OUTLETS[each.outlet].event, []).append(columns)
        return {
            event: {name: np.concatenate([one[name] for one in found]) for name in found[0]}
            for event, found in parts.items()
        }


def _array(column: Any) -> np.ndarray:
    if hasattr(column, "codes"):
        values = np.array(column.vocabulary.values, dtype=object)
        return values[column.codes]
    if column.values.ndim == 2:
        return np.array([row.tobytes() for row in column.values], dtype=object)
    return column.values
