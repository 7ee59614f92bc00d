"""What a terminal shows of objectives and outages: a line each. Moments count from the start of the run."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.quantities import SECOND, spoken
from simulator.reporting.table_cells import printable
from simulator.scoring.durations import human
from simulator.scoring.scorecard import Scorecard, StepScore
from simulator.scoring.scorecard_outages import Burnt, ObjectiveRun, ObjectiveScore


def objective_lines(scorecard: Scorecard) -> Iterator[str]:
    """Say of each objective whether it was kept; of several runs, what it was in the one that burnt the most."""
    for each in scorecard.objectives:
        if each.status == "unmeasured":
            yield f"? {each.id}: unmeasured: {each.reason}"
            continue
        mark = "✓" if each.status == "kept" else "✗"
        run = max(each.runs, key=lambda run: run.burnt.budget or 0.0)
        yield f"{mark} {each.id}: {'; '.join(_clauses(each, run, scorecard.start))}"


def outage_lines(scorecard: Scorecard) -> Iterator[str]:
    """Say of each outage whether its first page named the cause, and how long users had suffered by then."""
    for step in scorecard.steps:
        if step.outage and step.status != "unmeasured":
            mark = {"cause": "✓", "symptom": "~", None: "✗"}[step.first_page]
            yield f"{mark} {step.id}: {_paged(step)}; {_suffered(step, scorecard.start)}"
    if scorecard.without_impact:
        groups = "1 alert group" if scorecard.without_impact == 1 else f"{scorecard.without_impact} alert groups"
        yield f"! {groups} told of symptoms while no objective was violated: counted as false alarms"


def response_lines(scorecard: Scorecard) -> Iterator[str]:
    """Say what responders did, and when."""
    for each in scorecard.responses:
        yield f"{moment(each.at, scorecard.start)} {each.do}: {each.what}"


def moment(at: int, start: int) -> str:
    """Say when something was as a playbook would: ``+1h5m``."""
    return f"+{spoken((at - start) // SECOND * SECOND)}"


def percent(share: float) -> str:
    """Say a share with as many digits as tell it from the whole."""
    return f"{100 * share:.5g}%" if share >= 0.99 else f"{100 * share:.3g}%"


def _clauses(score: ObjectiveScore, run: ObjectiveRun, start: int) -> Iterator[str]:
    if run.share is not None and run.worst is not None:
        worst = f"worst {human(score.window)} {percent(run.worst)}"
        yield f"{percent(run.share)} good (target {percent(score.target)}), {worst}"
    if len(score.runs) > 1:
        yield f"violated in {score.violated.count} of {score.violated.of} runs"
    elif run.violated is not None:
        until = "the end" if run.recovered is None else moment(run.recovered, start)
        yield f"violated {moment(run.violated, start)} to {until}"
    yield _burnt(score, run)


def _burnt(score: ObjectiveScore, run: ObjectiveRun) -> str:
    budget = f"of the budget of {human(score.period)} burnt"
    whole = f" ({human(run.burnt.outage)} of full outage)" if run.burnt.outage else ""
    if run.burnt_before_page is not None:
        return f"{_share(run.burnt_before_page)} {budget} before the page, {_share(run.burnt)} in all{whole}"
    silent = ", and nobody was paged" if run.violated is not None and run.watched else ""
    return f"{_share(run.burnt)} {budget}{whole}{silent}"


def _share(burnt: Burnt) -> str:
    return "nothing" if not burnt.budget else f"{100 * burnt.budget:.2g}%"


def _paged(step: StepScore) -> str:
    if step.first_page == "cause":
        return "the first page names the cause"
    if step.first_page == "symptom":
        return f"the first page names a symptom only{'; a later one the cause' if step.cause_by else ''}"
    return "nobody was paged in time"


def _suffered(step: StepScore, start: int) -> str:
    if not step.impacts:
        return "no objective was violated"
    first = min(step.impacts, key=lambda each: each.violated)
    name = printable(first.objective)
    if first.to_page is None:
        return f"violated {name} from {moment(first.violated, start)}"
    order = "after" if first.to_page >= 0 else "before"
    return f"{human(abs(first.to_page))} {order} {name} was violated first"
