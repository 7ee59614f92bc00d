"""Scores outages: what users were promised and got, and how much of it was lost before anybody was told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from simulator.quantities import SECOND
from simulator.scoring.impacts import Suffered
from simulator.scoring.matching import Episode
from simulator.scoring.measures import proportion
from simulator.scoring.noticing import Noticing
from simulator.scoring.objectives import Objective
from simulator.scoring.roster import Roster
from simulator.scoring.scorecard import StepScore, Verdict
from simulator.scoring.scorecard_outages import Burnt, Impact, Kept, ObjectiveRun, ObjectiveScore


def objective_scores(episodes: Sequence[Noticing]) -> tuple[ObjectiveScore, ...]:
    """Score every objective over all episodes."""
    names = dict.fromkeys(each.id for noticing in episodes for each in noticing.episode.truth.objectives)
    return tuple(_objective_score(name, episodes) for name in names)


def of_outage(score: StepScore, roster: Roster, episodes: Sequence[Noticing]) -> StepScore:
    """Add to what is said of a step what is to be said of an outage, if it is one: it has effects, or an impact."""
    if not any(_is_outage(score.id, each.episode) for each in episodes):
        return score
    named = [each.naming(score.id) for each in episodes]
    first = next((page for each in episodes if (page := each.first_page(score.id))), None)
    causes = {rule for each in named for rule, cause in each.items() if cause}
    symptoms = {rule for each in named for rule in each} - causes
    return replace(
        score,
        outage=True,
        first_page=None if first is None else "cause" if first.cause else "symptom",
        cause_by=tuple(rule for rule in roster.rules if rule in causes),
        symptom_by=tuple(rule for rule in roster.rules if rule in symptoms),
        impacts=tuple(impact for each in episodes for impact in _impacts(score.id, each)),
    )


def burnt(objective: Objective, bad: int) -> Burnt:
    """Say what bad events are of the error budget, where the objective's events come as often as in this run."""
    rate, goal = objective.per_second, objective.goal
    if not rate:
        return Burnt(bad, None, None)
    budget = (goal.allowed / 1e9) * rate * goal.period / SECOND
    return Burnt(bad, bad / budget, bad / rate)


def _is_outage(step: str, episode: Episode) -> bool:
    return step in episode.suffered or (step in episode.truth.steps and episode.truth.steps[step].is_outage)


def _impacts(step: str, noticing: Noticing) -> Iterator[Impact]:
    for each in noticing.episode.suffered.get(step, ()):
        page = noticing.first_page(step)
        paged = None if page is None else page.paged
        yield Impact(
            run=noticing.episode.run,
            objective=each.objective.id,
            violated=each.violated,
            recovered=each.recovered,
            page=paged,
            to_page=None if paged is None else (paged - each.violated) / SECOND,
            burnt=burnt(each.objective, each.bad()),
            burnt_before_page=None if paged is None else burnt(each.objective, each.bad(paged)),
        )


def _objective_score(name: str, episodes: Sequence[Noticing]) -> ObjectiveScore:
    found = [
        (noticing, objective)
        for noticing in episodes
        for objective in noticing.episode.truth.objectives
        if objective.id == name
    ]
    runs = tuple(_objective_run(objective, noticing) for noticing, objective in found)
    measured = [run for run in runs if run.worst is not None]
    violated = sum(run.violated is not None for run in measured)
    first = found[0][1]
    status: Kept = "violated" if violated else "kept" if measured else "unmeasured"
    verdict, said = _judged(first, runs)
    return ObjectiveScore(
        id=name,
        title=first.title,
        target=first.goal.target,
        window=first.goal.window / SECOND,
        period=first.goal.period / SECOND,
        least=first.goal.least,
        status=status,
        reason="" if measured else _why_unmeasured(first),
        expect=first.expect,
        most_burnt=first.most_burnt,
        verdict=verdict,
        said=said,
        violated=proportion(violated, len(measured)),
        runs=runs,
    )


def _judged(objective: Objective, runs: Sequence[ObjectiveRun]) -> tuple[Verdict | None, str]:
    """Say whether an objective became what it should in every run; the reason is of the first in which it did not."""
    if objective.expect is None and objective.most_burnt is None:
        return None, ""
    found = [_judged_run(objective, run) for run in runs]
    order: tuple[Verdict, ...] = ("not met", "unmeasured", "met")
    return min(found, key=lambda each: order.index(each[0]))


def _judged_run(objective: Objective, run: ObjectiveRun) -> tuple[Verdict, str]:
    if run.worst is None:
        return "unmeasured", _why_unmeasured(objective)
    became = "kept" if run.violated is None else "violated"
    if objective.expect not in (None, became):
        return "not met", f"was {became}, and is expected to be {objective.expect}"
    if objective.most_burnt is None or run.violated is None:
        return "met", f"was {became}, as expected"
    return _judged_burnt(run, objective.most_burnt)


def _judged_burnt(run: ObjectiveRun, most: float) -> tuple[Verdict, str]:
    if not run.watched:
        return "unmeasured", "no rule ran"
    if run.burnt_before_page is None or run.burnt_before_page.budget is None:
        return "not met", "was violated, and nobody was paged about what violated it"
    amount = f"had {100 * run.burnt_before_page.budget:.3g}% of its error budget burnt before the first page"
    if run.burnt_before_page.budget > most:
        return "not met", f"{amount}, expected at most {100 * most:g}%"
    return "met", f"{amount}, of {100 * most:g}% at most"


def _why_unmeasured(objective: Objective) -> str:
    events = int(objective.events.sum())
    if not events:
        return objective.unseen or "no event that counts was over in the run"
    return f"never were {objective.goal.least} events over in one window ({events:,} in all); give it a longer `window`"


def _objective_run(objective: Objective, noticing: Noticing) -> ObjectiveRun:
    events, bad, sweep = int(objective.events.sum()), int(objective.bad.sum()), objective.sweep
    violations = objective.violations
    earliest = _earliest(objective, noticing)
    page = None if earliest is None else noticing.first_page(earliest[0])
    before = None if page is None or earliest is None else burnt(objective, earliest[1].bad(page.paged))
    return ObjectiveRun(
        run=noticing.episode.run,
        watched=noticing.guarded,
        events=events,
        bad=bad,
        share=1 - bad / events if events else None,
        worst=None if sweep.worst is None else 1 - sweep.worst_bad / sweep.worst_events,
        worst_at=None if sweep.worst is None else objective.end_of(sweep.worst),
        violated=violations[0].start if violations else None,
        recovered=violations[-1].end if violations else None,
        violations=len(violations),
        page=None if page is None else page.paged,
        burnt=burnt(objective, bad),
        burnt_before_page=before,
    )


def _earliest(objective: Objective, noticing: Noticing) -> tuple[str, Suffered] | None:
    """Return the step that violated an objective first, and what it did to it."""
    found = [
        (name, each)
        for name, suffered in noticing.episode.suffered.items()
        for each in suffered
        if each.objective.id == objective.id
    ]
    return min(found, key=lambda pair: (pair[1].violated, pair[1].onset), default=None)
