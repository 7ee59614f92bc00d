"""The scorecard as JUnit XML, for whatever shows test results in a pipeline.

Only an expectation that is not met is a failure: a pipeline is red when, and only
when, the program's exit code is 1. Steps that nobody noticed, decoys that fooled a
rule and objectives that were violated are reported as skipped, with what happened.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from simulator.quantities import iso
from simulator.reporting.outage_lines import percent
from simulator.scoring.durations import human
from simulator.scoring.scorecard import DecoyScore, ExpectationScore, Scorecard, StepScore, Verdict
from simulator.scoring.scorecard_outages import ObjectiveScore

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_Outcome = Literal["passed", "failure", "skipped"]
_OUTCOMES: dict[Verdict, _Outcome] = {"met": "passed", "not met": "failure", "unmeasured": "skipped"}


@dataclass(frozen=True, slots=True)
class _Case:
    name: str
    seconds: float
    outcome: _Outcome
    message: str
    because: str = ""


def junit_xml(scorecard: Scorecard) -> bytes:
    """Return the bytes of ``junit.xml``: the same scorecard, the same bytes."""
    called = {rule.id: rule.title for rule in scorecard.rules}
    suites = [
        ("expectations", [_expectation(each) for each in scorecard.expectations]),
        ("steps", [_step(each, called) for each in scorecard.steps]),
        ("decoys", [_decoy(each, called) for each in scorecard.decoys]),
    ]
    if scorecard.objectives:
        suites.append(("objectives", [_objective(each) for each in scorecard.objectives]))
    cases = [case for _, members in suites for case in members]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<testsuites {_attributes(name=f'feint {scorecard.playbook}'.strip())} {_totals(cases)}>",
        *(line for name, members in suites for line in _suite(name, members, scorecard)),
        "</testsuites>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _suite(name: str, cases: Sequence[_Case], scorecard: Scorecard) -> Iterator[str]:
    place = f"{scorecard.playbook}.{name}" if scorecard.playbook else name
    started = iso(scorecard.start)[:19]  # schemas of readers allow neither fractions nor a zone
    skipped = sum(case.outcome == "skipped" for case in cases)
    yield f"  <testsuite {_attributes(name=place, timestamp=started)} {_totals(cases)} {_attributes(skipped=skipped)}>"
    yield "    <properties>"
    for key, value in (("verdict", scorecard.verdict), ("runs", " ".join(scorecard.runs))):
        yield f"      <property {_attributes(name=key, value=value)}/>"
    yield "    </properties>"
    for title, case in zip(_distinct(case.name for case in cases), cases, strict=True):
        yield from _testcase(place, title, case)
    yield "  </testsuite>"


def _testcase(place: str, title: str, case: _Case) -> Iterator[str]:
    yield f"    <testcase {_attributes(classname=place, name=title, time=f'{case.seconds:.3f}')}>"
    if case.outcome == "passed":
        yield f"      <system-out>{_escaped(case.message + case.because)}</system-out>"
    elif case.outcome == "skipped":
        yield f"      <skipped {_attributes(message=case.message)}/>"
    else:
        text = _escaped(case.message + case.because)
        yield f"      <failure {_attributes(message=case.message, type='not met')}>{text}</failure>"
    yield "    </testcase>"


def _expectation(expectation: ExpectationScore) -> _Case:
    verb = "notices" if expectation.exactly != 0 and (expectation.at_most != 0 or expectation.at_least) else "misses"
    steps = ", ".join(expectation.steps) or "the attack"
    within = f" within {human(expectation.within)}" if expectation.within is not None else ""
    return _Case(
        name=f"{expectation.title} {verb} {steps}{within}",
        seconds=expectation.to_alert or 0.0,
        outcome=_OUTCOMES[expectation.verdict],
        message=expectation.reason,
        because=f"\nexpected because {expectation.because}" if expectation.because else "",
    )


def _step(step: StepScore, called: Mapping[str, str]) -> _Case:
    by = {
        "noticed": f"noticed by {', '.join(called[rule] for rule in step.noticed_by)}",
        "late": f"noticed too late, by {', '.join(called[rule] for rule in step.late_by)}",
        "unnoticed": "nobody noticed",
        "unmeasured": "unmeasured: nothing was recorded of it, or no rule ran",
    }
    return _Case(
        name=f"{step.id}: {step.title} is noticed",
        seconds=step.to_alert.median or 0.0,
        outcome="passed" if step.status == "noticed" else "skipped",
        message=by[step.status],
    )


def _decoy(decoy: DecoyScore, called: Mapping[str, str]) -> _Case:
    fooled = {
        "ignored": "fooled no rule",
        "fooled": f"fooled {', '.join(called[rule] for rule in decoy.fooled)}",
        "unmeasured": "unmeasured: nothing was recorded of it, or no rule ran",
    }
    return _Case(
        name=f"{decoy.id}: {decoy.title} fools no rule",
        seconds=0.0,
        outcome="passed" if decoy.status == "ignored" else "skipped",
        message=fooled[decoy.status],
    )


def _objective(objective: ObjectiveScore) -> _Case:
    if objective.verdict:
        expected = objective.expect or "paged about in time"
        return _Case(
            name=f"{objective.id}: {objective.title} is {expected}",
            seconds=0.0,
            outcome=_OUTCOMES[objective.verdict],
            message=objective.said,
        )
    said = {
        "kept": f"kept: {percent(objective.target)} was good in every window",
        "violated": f"violated in {objective.violated.count} of {objective.violated.of} runs",
        "unmeasured": f"unmeasured: {objective.reason}",
    }
    return _Case(
        name=f"{objective.id}: {objective.title} is kept",
        seconds=0.0,
        outcome="passed" if objective.status == "kept" else "skipped",
        message=said[objective.status],
    )


def _totals(cases: Sequence[_Case]) -> str:
    """Return the totals that both levels have; ``skipped`` is an error in schemas of ``testsuites``."""
    return _attributes(
        tests=len(cases),
        failures=sum(case.outcome == "failure" for case in cases),
        errors=0,
        time=f"{sum(case.seconds for case in cases):.3f}",
    )


def _distinct(names: Iterable[str]) -> Iterator[str]:
    """Number names that come again: readers merge test cases of one name."""
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name} ({seen[name]})"


def _attributes(**values: object) -> str:
    return " ".join(f'{name}="{_quoted(str(value))}"' for name, value in values.items())


def _quoted(text: str) -> str:
    """Escape a text for an attribute, in which parsers turn bare line ends and tabs into spaces."""
    return _escaped(text).replace("\t", "&#9;").replace("\n", "&#10;").replace("\r", "&#13;")


def _escaped(text: str) -> str:
    """Escape a text; what XML 1.0 cannot hold at all is shown as its code."""
    return escape(_NOT_XML.sub(lambda found: f"\\x{ord(found[0]):02x}", text)).replace("\r", "&#13;")
