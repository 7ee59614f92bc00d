"""Outages on a terminal and in JUnit: a line an objective, a line an outage, and what was done."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from simulator.reporting.junit import junit_xml
from simulator.reporting.outage_lines import percent
from simulator.reporting.terminal import scorecard_lines, summary_line
from simulator.scoring.measures import proportion
from simulator.scoring.scorecard import Given
from simulator.scoring.scorecard_outages import Burnt, Impact, ObjectiveRun, ObjectiveScore

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
START = 1_767_225_600 * SECOND
PRINTED = """\
Objectives
  ✗ checkout: 94.1% good (target 99.5%), worst 5 m 46.4%; violated +40m10s to +1h5m; 1.2% of the budget of 30 d
    burnt before the page, 8% in all (17 m 22 s of full outage)
  ✓ search: 99.95% good (target 99%), worst 5 m 99.2%; 0.31% of the budget of 30 d burnt (4 s of full outage)
  ? look: unmeasured: no request was over

Outages
  ✓ guess: the first page names the cause; 4 m 12 s after checkout was violated first
  ~ persist: the first page names a symptom only; no objective was violated
  ✗ hide: nobody was paged in time; violated checkout from +1h
  ! 2 alert groups told of symptoms while no objective was violated: counted as false alarms

Responses given
  +1h2m roll_back: checkout"""


@pytest.fixture
def outage(scorecard):
    burnt, before = Burnt(1221, 0.08, 1042.0), Burnt(180, 0.012, 156.0)
    bad = ObjectiveRun(
        run="r1a2b3c4d", watched=True, events=8438, bad=498, share=0.941, worst=0.464, worst_at=START + MINUTE,
        violated=START + 2410 * SECOND, recovered=START + 65 * MINUTE, violations=1, page=START + 50 * MINUTE,
        burnt=burnt, burnt_before_page=before,
    )  # fmt: skip
    good = replace(
        bad, share=0.9995, worst=0.992, violated=None, recovered=None, violations=0, page=None,
        burnt=Burnt(4, 0.0031, 4.0), burnt_before_page=None,
    )  # fmt: skip
    checkout = ObjectiveScore(
        "checkout", "People can check out", 0.995, 300.0, 2_592_000.0, 20, "violated", "", "kept", None, "not met",
        "was violated, and is expected to be kept", proportion(1, 1), (bad,),
    )  # fmt: skip
    kept = {"id": "search", "target": 0.99, "status": "kept", "verdict": None, "said": "", "expect": None}
    blind = {"id": "look", "status": "unmeasured", "reason": "no request was over", "verdict": None}
    impact = Impact("r1a2b3c4d", "checkout", START + 60 * MINUTE, None, START, 252.0, burnt, before)
    named, waited, missed = scorecard.steps
    return replace(
        scorecard,
        objectives=(
            checkout,
            replace(checkout, **kept, runs=(good,), violated=proportion(0, 1)),
            replace(checkout, **blind, violated=proportion(0, 0)),
        ),
        steps=(
            replace(named, outage=True, first_page="cause", impacts=(impact,)),
            replace(waited, outage=True, first_page="symptom"),
            replace(missed, outage=True, impacts=(replace(impact, page=None, to_page=None),)),
        ),
        responses=(Given(START + 62 * MINUTE, "roll_back", "checkout"),),
        without_impact=2,
    )


def test_an_outage_reads_like_this(outage):
    assert PRINTED in "\n".join(scorecard_lines(outage, 115))


def test_the_first_line_counts_objectives_that_were_violated(outage, scorecard):
    assert "1 of 3 objectives violated" in summary_line(outage)
    assert "objective" not in summary_line(scorecard)


def test_an_attack_has_no_lines_about_outages(scorecard):
    printed = "\n".join(scorecard_lines(scorecard, 100))

    assert not any(title in printed for title in ("Objectives", "Outages", "Responses given"))


def test_an_objective_that_did_not_become_what_is_expected_is_among_the_expectations_not_met(outage):
    lines = scorecard_lines(outage, 108)

    assert "  ✗ People can check out: was violated, and is expected to be kept" in lines


def test_in_junit_only_what_was_expected_of_an_objective_fails(outage, scorecard):
    suites = ET.fromstring(junit_xml(outage))  # noqa: S314 - our own bytes

    cases = {
        case.get("name"): [child.tag for child in case]
        for case in suites.iterfind("testsuite[@name='ssh-brute-force.objectives']/testcase")
    }
    assert cases == {
        "checkout: People can check out is kept": ["failure"],
        "search: People can check out is kept": ["system-out"],
        "look: People can check out is kept": ["skipped"],
    }
    assert b"objectives" not in junit_xml(scorecard)


@pytest.mark.parametrize(("share", "said"), [(0.46446, "46.4%"), (0.9999, "99.99%"), (1.0, "100%"), (0.0, "0%")])
def test_a_share_near_the_whole_is_said_with_more_digits(share, said):
    assert percent(share) == said
