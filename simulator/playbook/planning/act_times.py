"""When the acts of a playbook are: each at its time from the start, or after another is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.chance import stream
from simulator.errors import did_you_mean
from simulator.places import Complaints
from simulator.playbook.model import DecoyText, StepText
from simulator.playbook.reading.words import Id
from simulator.quantities import spoken
from simulator.timeline.arrivals import Burst, Offsets, Once, Span


@dataclass(frozen=True, slots=True)
class Times:
    """When an act begins, and when it is over, nominally; None if it goes on to the end of the run."""

    start: int
    over: int | None
    latest: int  # when it begins with the most jitter


def act_times(acts: Sequence[StepText | DecoyText], span: Span, seed: int, complaints: Complaints) -> dict[str, Times]:
    """Return the times of all acts that have any; those that wait for each other in a circle have none."""
    by_id: dict[str, StepText | DecoyText] = {}
    for act in acts:
        if act.id in by_id:
            complaints.add(act.id.place, f"two acts are called {str(act.id)!r}; rename one")
        by_id.setdefault(act.id, act)
    times: dict[str, Times] = {}
    waiting = dict(by_id)
    while waiting:
        ready = [name for name, act in waiting.items() if (before := _before(act)) is None or before in times]
        if not ready:
            break
        for name in ready:
            act = waiting.pop(name)
            times[name] = _times(act, times, span, seed, complaints)
    _complain_of_waiting(waiting, by_id, complaints)
    return times


def _before(act: StepText | DecoyText) -> Id | None:
    return act.after.step if isinstance(act, StepText) and act.after else None


def _times(
    act: StepText | DecoyText, times: Mapping[str, Times], span: Span, seed: int, complaints: Complaints
) -> Times:
    if isinstance(act, StepText) and act.after:
        before = times[act.after.step]
        if before.over is None:
            complaints.add(
                act.after.step.place, f"step {str(act.after.step)!r} goes on to the end of the run; give it `for: …`"
            )
        start = (before.over if before.over is not None else before.start) + act.after.delay
        latest = start + before.latest - before.start
    else:
        start = latest = span.start + (act.at or 0)
    latest += act.jitter
    if latest >= span.end:
        begins, lasts = spoken(latest - span.start), spoken(span.end - span.start)
        complaints.add(act.place, f"{str(act.id)!r} may begin {begins} after the start, but the run lasts {lasts}")
    if act.jitter:
        start += int(stream(seed, f"act/{act.id}").random() * act.jitter)
    length = act.for_ if act.for_ is not None else nominal_length(act)
    return Times(start, None if length is None else start + length, latest)


def nominal_length(act: StepText | DecoyText) -> int | None:
    """Return how long the longest of an act's emissions and effects is there, or None where one has no end."""
    lengths = []
    for effect in act.effects:
        if effect.for_ is None:
            return None
        lengths.append(effect.after + effect.for_)
    for each in act.emissions or ():
        arrivals = each.arrivals or Once()
        if isinstance(arrivals, Once):
            lengths.append(0)
        elif isinstance(arrivals, Offsets):
            lengths.append(max(arrivals.at))
        elif isinstance(arrivals, Burst):
            lengths.append(arrivals.over)
        else:
            return None
    return max(lengths, default=0)


def _complain_of_waiting(
    waiting: Mapping[str, StepText | DecoyText], known: Mapping[str, StepText | DecoyText], complaints: Complaints
) -> None:
    for name, act in waiting.items():
        before = _before(act)
        assert before is not None
        if before not in known:
            hint = did_you_mean(before, known) or f"; there are {', '.join(known)}"
            complaints.add(before.place, f"no step is called {str(before)!r}{hint}")
        elif before in waiting:
            complaints.add(
                before.place, f"{name!r} waits for {str(before)!r}, which waits for it; give one of them `at`"
            )
