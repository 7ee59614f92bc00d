"""The scorecard on a terminal: the verdict, then each rule, then what nobody noticed and what fooled a rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simulator.reporting.outage_lines import objective_lines, outage_lines, response_lines
from simulator.reporting.rule_table import rule_table, titles
from simulator.reporting.table_cells import Cell, columns, paragraph, printable, shortened
from simulator.scoring.durations import human
from simulator.scoring.scorecard import Rate, Scorecard, StepScore, Verdict

_NARROWEST = 72
_MOST_UNMEASURED = 6
_LOOKS: dict[Verdict, Cell] = {
    "met": Cell("✓ met", "green", bold=True),
    "not met": Cell("✗ not met", "red", bold=True),
    "unmeasured": Cell("? unmeasured", "yellow", bold=True),
}


def summary_line(scorecard: Scorecard) -> str:
    """Say the verdict in one line, without color, however long."""
    return f"{_LOOKS[scorecard.verdict].text}: {'; '.join(_clauses(scorecard))}"


def scorecard_lines(scorecard: Scorecard, width: int = 80, *, color: bool = False) -> list[str]:
    """Return the lines to print. They are laid out for ``width`` columns, of which 72 are needed."""
    width = max(width, _NARROWEST)
    lines = [_verdict_line(scorecard, width, color=color)]
    table = rule_table(scorecard, width, color=color)
    lines += ["", *table] if table else []
    for title, texts in (
        ("Objectives", objective_lines(scorecard)),
        ("Outages", outage_lines(scorecard)),
        ("Responses given", response_lines(scorecard)),
        ("Expectations not met", _unmet(scorecard)),
        ("Steps nobody noticed in time", _unnoticed(scorecard)),
        ("Decoys that fooled a rule", _fooled(scorecard)),
        ("Rules that did not run", _not_run(scorecard)),
        ("Unmeasured", _unmeasured(scorecard)),
    ):
        body = [line for text in texts for line in paragraph(text, width)]
        if body:
            lines += ["", Cell(title, bold=True).painted(columns(title), color=color), *body]
    return lines


def _verdict_line(scorecard: Scorecard, width: int, *, color: bool) -> str:
    """Say the verdict, and as much of the rest as fits."""
    looks = _LOOKS[scorecard.verdict]
    text = ""
    for clause in _clauses(scorecard):
        longer = f"{text}; {clause}" if text else clause
        if text and columns(looks.text) + 2 + columns(longer) > width:
            break
        text = longer
    text = shortened(text, width - columns(looks.text) - 2)
    return f"{looks.painted(columns(looks.text), color=color)}: {text}"


def _clauses(scorecard: Scorecard) -> Iterator[str]:
    yield printable(f"{scorecard.playbook}: {scorecard.reason}" if scorecard.playbook else scorecard.reason)
    measured = [step for step in scorecard.steps if step.status != "unmeasured"]
    if measured:
        noticed = sum(step.status == "noticed" for step in measured)
        yield f"{noticed} of {len(measured)} steps noticed"
    violated = sum(each.status == "violated" for each in scorecard.objectives)
    if scorecard.objectives:
        yield f"{violated} of {len(scorecard.objectives)} objectives violated"
    if scorecard.times.to_alert.median is not None:
        yield f"first alert after {human(scorecard.times.to_alert.median)}"
    if scorecard.false_alarms.days:
        yield _false_alarms(scorecard.false_alarms)
    fooled = sum(decoy.status == "fooled" for decoy in scorecard.decoys)
    if fooled:
        yield f"{fooled} of {len(scorecard.decoys)} decoys fooled a rule"


def _false_alarms(rate: Rate) -> str:
    count = {0: "no false alarm", 1: "1 false alarm"}.get(rate.count, f"{rate.count:,} false alarms")
    return f"{count} in {human(rate.days * 86_400)}"


def _unmet(scorecard: Scorecard) -> Iterator[str]:
    for expectation in scorecard.expectations:
        if expectation.verdict == "not met":
            because = f"; expected because {expectation.because}" if expectation.because else ""
            yield f"✗ {expectation.title}: {expectation.reason}{because}"

    for objective in scorecard.objectives:
        if objective.verdict == "not met":
            yield f"✗ {objective.title}: {objective.said}"


def _unnoticed(scorecard: Scorecard) -> Iterator[str]:
    called = titles(scorecard)
    for step in scorecard.steps:
        if step.status == "unnoticed":
            yield f"✗ {_named(step)}"
        elif step.status == "late":
            yield f"~ {_named(step)} – too late by {_listed(called[rule] for rule in step.late_by)}"


def _named(step: StepScore) -> str:
    technique = f" ({step.technique})" if step.technique else ""
    return f"{step.id}: {step.title}{technique}" if step.title != step.id else f"{step.id}{technique}"


def _fooled(scorecard: Scorecard) -> Iterator[str]:
    called = titles(scorecard)
    for decoy in scorecard.decoys:
        if decoy.status == "fooled":
            because = f"; harmless because {decoy.because}" if decoy.because else ""
            yield f"! {decoy.title}: fooled {_listed(called[rule] for rule in decoy.fooled)}{because}"


def _not_run(scorecard: Scorecard) -> Iterator[str]:
    """Name rules that did not run, and why; a folder of hundreds can have many."""
    rules = [rule for rule in scorecard.rules if rule.status != "ran"]
    for rule in rules[:_MOST_UNMEASURED]:
        yield f"? {rule.title}: {rule.reason}"
    if len(rules) > _MOST_UNMEASURED:
        yield f"… and {len(rules) - _MOST_UNMEASURED} more: see scorecard.json"


def _unmeasured(scorecard: Scorecard) -> Iterator[str]:
    """Name what was not measured; rules that did not run are counted below the table."""
    things = [thing for thing in scorecard.unmeasured if not thing.what.startswith("rule ")]
    for thing in things[:_MOST_UNMEASURED]:
        yield f"? {thing.what}: {thing.reason}"
    if len(things) > _MOST_UNMEASURED:
        yield f"… and {len(things) - _MOST_UNMEASURED} more: see scorecard.json"


def _listed(names: Iterable[str], most: int = 3) -> str:
    known = list(names)
    more = [f"{len(known) - most} more"] if len(known) > most else []
    return ", ".join([*known[:most], *more])
