"""What requests cost: how long each route holds a worker and how likely it fails, from the leaves of the graph up."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator_services.load_model.forces import Forces
from simulator_services.load_model.graph_arrays import NONE, Flow
from simulator_services.load_model.machines import Machines
from simulator_services.load_model.state import TINY, State

Floats = NDArray[np.float64]
_SURE = 1.0 - 1e-12
_SLOWEST = 4  # calls at the same time take the 4-norm of their times: nearly that of the slowest


def cost(flow: Flow, forces: Forces, machines: Machines, state: State, number: int) -> None:
    """Work out upwards what everything costs at a step."""
    calls, places = flow.calls, flow.place_of
    held = flow.own * state.coupling[places] * forces.factor[number] + state.cold_cost[places]
    full = np.where(flow.writes, machines.full[places], 0.0)
    fine = (1.0 - flow.errors) * (1.0 - forces.errors[number]) * (1.0 - state.refused[places]) * (1.0 - full)
    state.skipped = 1.0 - fine
    log_fine = np.log(np.maximum(fine, TINY))
    lost = 1.0 - (1.0 - forces.lost[number]) * (1.0 - machines.gone)
    hits = flow.hit_rate * state.fill
    waits = state.wait[places] + forces.delay[number][places]
    failing = state.skipped
    for part in reversed(calls.levels):
        callee = calls.callee[part]
        response = held[callee] + waits[callee]
        finally_, took = _attempted(flow, forces, state, part, number, response, failing[callee], lost)
        missed = calls.cache[part]
        chance = calls.probability[part] * np.where(missed != NONE, 1.0 - hits[missed], 1.0)
        goes_on = np.log1p(-chance * finally_ * calls.kept[part] * (1.0 - TINY))
        reached = _reached(flow, np.bincount(calls.group[part], goes_on, flow.groups))
        state.multiple[part] *= chance * reached[calls.group[part]]
        state.wanted[part] *= chance * reached[calls.group[part]]
        group = np.bincount(calls.group[part], (chance * took) ** _SLOWEST, flow.groups)
        held = held + np.bincount(flow.group_caller, np.sqrt(np.sqrt(group)) * reached, flow.spots)
        log_fine = log_fine + np.bincount(calls.caller[part], goes_on, flow.spots)
        failing = 1.0 - np.exp(log_fine)
    state.held, state.failing = held, failing


def _reached(flow: Flow, log_fine: NDArray[Any]) -> Floats:
    """Return how likely requests get to each group of calls: none of those before it has failed."""
    order = flow.group_order
    before = np.cumsum(log_fine[order]) - log_fine[order]
    reached = np.empty(len(order))
    reached[order] = np.exp(before - before[flow.group_first])
    return reached


def _attempted(
    flow: Flow,
    forces: Forces,
    state: State,
    part: slice,
    number: int,
    response: Floats,
    failing: Floats,
    lost: Floats,
) -> tuple[Floats, Floats]:
    """Return how likely calls fail after all attempts, and how long all attempts take together."""
    calls = flow.calls
    callee, place, timeout = calls.callee[part], calls.place[part], calls.timeout[part]
    late = 1.0 - (1.0 - _late(response, timeout, flow.spread[callee])) * (1.0 - forces.hang[number, callee])
    pool = calls.pool[part]
    refused = np.where(pool != NONE, state.pool_refused[pool], 0.0)
    fails = np.minimum(1.0 - (1.0 - failing) * (1.0 - late) * (1.0 - lost[place]) * (1.0 - refused), _SURE)
    most = np.maximum(calls.attempts[part], forces.attempts[number, callee])
    finally_ = fails**most
    made = (1.0 - finally_) / (1.0 - fails)
    each = ((1.0 - late) * np.minimum(response, timeout) + late * timeout) * (1.0 - lost[place])
    each = each + calls.network[part] + np.where(pool != NONE, state.pool_wait[pool], 0.0)
    closed = 1.0 - state.opened[part]
    state.lasts[part], state.fails[part] = each, fails
    state.wanted[part] = made * closed * (1.0 - lost[place])
    state.multiple[part] = state.wanted[part] * (1.0 - refused)
    took = (made * each + (made - 1.0) * calls.backoff[part]) * closed
    return 1.0 - (1.0 - finally_) * closed, took


def _late(response: Floats, timeout: Floats, spread: Floats) -> Floats:
    """Return how likely something that takes so long on average takes longer than a timeout (log-normal)."""
    z = (np.log(timeout / np.maximum(response, TINY)) + spread**2 / 2) / spread
    return np.asarray(1.0 / (1.0 + np.exp(np.minimum(1.702 * z, 50.0))))  # a logistic curve is near the normal one
