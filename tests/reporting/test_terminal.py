"""The scorecard on a terminal fits, reads without color, and shows what matters of hundreds of rules."""

from dataclasses import replace

import click
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.reporting.table_cells import columns
from simulator.reporting.terminal import scorecard_lines, summary_line
from simulator.scoring.durations import human
from simulator.scoring.scorecard import Unmeasured

AT_80 = """\
✗ not met: ssh-brute-force: 1 of 3 expectations not met; 1 of 3 steps noticed

rule           caught        false/day  data  + rule    + notify
Rule guessing  ✓ caught      0          20 s  3 m 52 s  2 s
Rule cron      ✓ caught 1/3  ! 0.5      20 s  1 h 6 m   2 s
Rule new-user  ✗ missed      0          –     –         –
Rule noisy     –             ! 120      –     –         –
Rule chatty    –             ! 1.5      –     –         –
  data + rule: the step's onset to the alert; + notify: to the page
  17 more rules ran and raised no alert; 3 could not be converted; feint explain
    RUN RULE says why

Expectations not met
  ✗ Rule new-user: raised no alert (0 hits); expected because it always does

Steps nobody noticed in time
  ✗ persist: The persist (T1110)
  ~ hide: The hide (T1110) – too late by Rule noisy

Decoys that fooled a rule
  ! Nightly backup: fooled Rule chatty; harmless because it logs in every night

Rules that did not run
  ? Rule broken-0: no
  ? Rule broken-1: no
  ? Rule broken-2: no

Unmeasured
  ? recall: 1 of 1 episodes caught; a share needs 10 or more"""

TABLE_AT_120 = """\
rule           caught                     missed           false alarms/day   data  + rule    + notify
Rule guessing  ✓ caught: guess, foothold  –                0 (≤ 1.8)          20 s  3 m 52 s  2 s
Rule cron      ✓ caught: guess            ✗ persist, hide  ! 0.5 (0.013–2.8)  20 s  1 h 6 m   2 s"""


def of_rules(scorecard, *rules):
    return replace(scorecard, rules=rules, steps=(), decoys=())


def test_a_scorecard_reads_like_this_at_80_columns(scorecard):
    assert "\n".join(scorecard_lines(scorecard, 80)) == AT_80


def test_at_120_columns_it_names_the_steps_and_gives_the_intervals(scorecard):
    assert TABLE_AT_120 in "\n".join(scorecard_lines(scorecard, 120))


def test_color_adds_nothing_but_color(scorecard):
    colored = scorecard_lines(scorecard, 100, color=True)

    assert [click.unstyle(line) for line in colored] == scorecard_lines(scorecard, 100)
    assert any("\x1b[" in line for line in colored)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=st.text(max_size=200), width=st.integers(40, 200), color=st.booleans())
def test_whatever_a_rule_is_called_no_line_is_too_wide_and_no_cursor_moves(scorecard, title, width, color):
    odd = replace(scorecard.rules[0], title=title, steps_noticed=(title,))
    unmet = replace(scorecard.expectations[1], title=title, reason=title)
    decoy = replace(scorecard.decoys[0], because=title)
    changed = replace(
        scorecard, playbook=title, rules=(odd, *scorecard.rules[1:]), expectations=(unmet,), decoys=(decoy,)
    )

    for line in scorecard_lines(changed, width, color=color):
        plain = click.unstyle(line)
        assert columns(plain) <= max(width, 72)
        assert plain.isprintable()


def test_a_title_cannot_send_escape_sequences_to_the_terminal(scorecard):
    evil = replace(scorecard.rules[0], title="nice\x1b[2J\x1b]0;owned\x07 rule")

    assert not any("\x1b" in line for line in scorecard_lines(of_rules(scorecard, evil), 100))


def test_of_hundreds_of_rules_the_expected_and_the_noisiest_are_shown(scorecard, rule):
    many = [rule(f"r{number}", false=number % 50) for number in range(700)]

    lines = scorecard_lines(of_rules(scorecard, *many, rule("wanted", expected=True, outcome="missed")), 100)

    table = [line for line in lines if line.startswith("Rule ")]
    assert len(table) == 21
    assert table[0].startswith("Rule wanted")
    assert all("! 24" in line for line in table[1:])
    assert "  666 more rules raised alerts: see scorecard.json; 14 more rules ran and raised no alert;" in " ".join(
        lines
    )


def test_rules_with_false_alarms_are_sorted_by_their_rate(scorecard, rule):
    rules = tuple(rule(f"r{count}", false=count) for count in (1, 300, 20))

    lines = scorecard_lines(of_rules(scorecard, *rules), 100)

    assert [line.split()[1] for line in lines if line.startswith("Rule ")] == ["r300", "r20", "r1"]


def test_a_rate_that_was_not_measured_is_not_shown_as_zero(scorecard, rule):
    quiet = of_rules(scorecard, rule("quiet", days=0.1, expected=True), rule("blind", days=0.0, expected=True))

    narrow, wide = ("\n".join(scorecard_lines(quiet, width)) for width in (80, 120))

    assert narrow.count("unmeasured  –") == 2
    assert "0 in 2 h 24 m" in wide
    assert "unmeasured" in wide


def test_many_unmeasured_things_are_counted(scorecard):
    things = tuple(Unmeasured(f"step s{number}", "nothing was recorded of it") for number in range(40))

    lines = scorecard_lines(replace(scorecard, unmeasured=things), 80)

    assert lines[-1] == "  … and 34 more: see scorecard.json"


@pytest.mark.parametrize(
    ("verdict", "words"), [("met", "✓ met"), ("not met", "✗ not met"), ("unmeasured", "? unmeasured")]
)
def test_the_summary_is_one_line_that_begins_with_the_verdict(scorecard, verdict, words):
    assert summary_line(replace(scorecard, verdict=verdict)) == (
        f"{words}: ssh-brute-force: 1 of 3 expectations not met; 1 of 3 steps noticed; first alert after 4 m 12 s; "
        "244 false alarms in 2 d; 1 of 2 decoys fooled a rule"
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0 s"),
        (0.0004, "0 ms"),
        (0.34, "340 ms"),
        (0.9996, "1.0 s"),
        (4.25, "4.2 s"),
        (9.97, "10 s"),
        (42, "42 s"),
        (59.6, "1 m"),
        (252, "4 m 12 s"),
        (3_599.7, "1 h"),
        (3_900, "1 h 5 m"),
        (86_400, "1 d"),
        (200_000, "2 d 7 h"),
        (-3, "−3 s"),
    ],
)
def test_durations_are_said_in_their_two_largest_units(seconds, words):
    assert human(seconds) == words
