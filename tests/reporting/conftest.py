"""A scorecard with something of everything."""

from dataclasses import replace

import pytest

from simulator.scoring.bootstrap import NEVER
from simulator.scoring.measures import delay, proportion, rate, times
from simulator.scoring.scorecard import (
    DecoyScore,
    ExpectationScore,
    RuleScore,
    Scorecard,
    Stamps,
    StepScore,
    Unmeasured,
)

SECOND = 1_000_000_000
START = 1_767_225_600 * SECOND


@pytest.fixture
def rule():
    """Return a maker of rule scores."""

    def make(name, *, false=0, days=2.0, noticed=(), missed=(), seconds=None, **facts):
        at = None if seconds is None else START + int(seconds * SECOND)
        stamps = Stamps(*(None,) * 4) if at is None else Stamps(START, START + 20 * SECOND, at, at + 2 * SECOND)
        made = RuleScore(
            alerts=True,
            id=name,
            title=f"Rule {name}",
            file=f"{name}.yml",
            level="high",
            techniques=("T1110",),
            status="ran",
            reason="",
            expected=False,
            outcome="caught" if noticed else "not expected",
            hits=10 * (false + len(noticed)),
            alert_groups=false + len(noticed),
            true_alarms=len(noticed),
            late_alarms=0,
            decoy_alarms=0,
            false_alarms=rate(false, days),
            caught=proportion(bool(noticed), 1),
            precision=proportion(len(noticed), false + len(noticed)),
            steps_noticed=tuple(noticed),
            steps_missed=tuple(missed),
            decoys=(),
            times=times([stamps]),
        )
        return replace(made, **facts)

    return make


@pytest.fixture
def scorecard(rule):
    rules = (
        rule("guessing", expected=True, noticed=("guess", "foothold"), seconds=252),
        rule("cron", expected=True, noticed=("guess",), missed=("persist", "hide"), seconds=4_000, false=1),
        rule("new-user", expected=True, outcome="missed", missed=("persist",)),
        rule("noisy", false=240),
        rule("chatty", false=3, decoy_alarms=1, decoys=("backup",)),
        *(rule(f"silent-{number}") for number in range(17)),
        *(rule(f"broken-{number}", status="unconvertible", reason="no", outcome="unmeasured") for number in range(3)),
    )
    return Scorecard(
        playbook="ssh-brute-force",
        runs=("r1a2b3c4d",),
        verdict="not met",
        reason="1 of 3 expectations not met",
        start=START,
        end=START + 2 * 86_400 * SECOND,
        days=2.0,
        background_events=10_000,
        background_records=10_000,
        recall=proportion(1, 1),
        precision=proportion(3, 247),
        false_alarms=rate(244, 2.0),
        times=times([Stamps(START, START + 20 * SECOND, START + 252 * SECOND, START + 254 * SECOND)]),
        rules=rules,
        steps=(
            step("guess", "noticed", ("guessing", "cron"), 252),
            step("persist", "unnoticed"),
            step("hide", "late", ("noisy",)),
        ),
        decoys=(
            DecoyScore("backup", "Nightly backup", "it logs in every night", 5, 5, "fooled", ("chatty",), 1),
            DecoyScore("admin", "An admin at work", "she is on call", 5, 5, "ignored", (), 0),
        ),
        expectations=(
            expectation("guessing", "met", "raised 1 alert group on the attack, after 4 m 12 s", 252.0),
            expectation("new-user", "not met", "raised no alert (0 hits)"),
            expectation("absent", "unmeasured", "is not among the rules that were run"),
        ),
        unmeasured=(
            Unmeasured("recall", "1 of 1 episodes caught; a share needs 10 or more"),
            Unmeasured("rule broken-0", "could not be converted: no"),
        ),
    )


def step(name, status, by=(), seconds=None):
    noticed, late = ((), by) if status == "late" else (by, ())
    waits = delay([NEVER if seconds is None else seconds])
    return StepScore(
        name, f"The {name}", "T1110", START, START, 9, 9, status, noticed, late, proportion(bool(noticed), 1), waits
    )


def expectation(rule, verdict, reason, to_alert=None):
    return ExpectationScore(
        rule, f"Rule {rule}", ("guess",), 600.0, None, None, None, "it always does", verdict, reason, 1, to_alert, 0, 1
    )
