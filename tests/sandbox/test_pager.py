"""Alerts become groups, and the first of a group pages once, on one line."""

from __future__ import annotations

from dataclasses import replace

from simulator import Alert, Detection, RuleReport
from simulator_sandbox import Embedded
from simulator_sandbox.pager import Grouping
from tests.sandbox.recordings import MINUTE, SECOND, START

GROUPED = ((0, "x", 2), (1, "y", 2), (5, "x", 8))


def alert(minute, rule="r", key="web1", events=1):
    fired = START + minute * MINUTE
    return Alert(rule, fired, 0, fired, fired, fired, 0, key, {}, (), events)


def groups(*alerts):
    return [(each.rule, each.key, each.group) for each in Grouping().grouped(alerts)]


def test_a_group_holds_what_a_rule_says_about_a_thing_within_an_hour_of_the_first():
    assert groups(alert(0), alert(59), alert(60), alert(119), alert(120)) == [
        ("r", "web1", 1), ("r", "web1", 1), ("r", "web1", 2), ("r", "web1", 2), ("r", "web1", 3),
    ]  # fmt: skip


def test_other_rules_and_other_things_are_other_groups_in_order_of_their_firing():
    assert groups(alert(1, "b"), alert(0, "c"), alert(1, "a"), alert(1, "a", "db1")) == [
        ("c", "web1", 1), ("a", "db1", 2), ("a", "web1", 3), ("b", "web1", 4),
    ]  # fmt: skip


def test_alerts_that_came_grouped_and_paged_keep_both_and_are_numbered_with_the_others():
    mine = [replace(alert(minute, rule), group=7, paged=START + page * MINUTE) for minute, rule, page in GROUPED]

    told = Grouping().grouped([*mine, alert(1)])

    assert [(each.rule, each.group, (each.paged - START) // MINUTE) for each in told] == [
        ("x", 1, 2), ("r", 2, 1), ("y", 1, 2), ("x", 1, 8),
    ]  # fmt: skip


def test_a_page_says_who_was_told_where_that_is_known():
    paged = replace(alert(0), group=1, paged=START + MINUTE, receiver="on-call")

    assert list(Embedded().pages(Detection((), (paged,)))) == [
        "2026-01-01T00:01:00Z page 1 to on-call [unrated] r about web1: 1 record since 2026-01-01T00:00:00Z"
    ]


def test_the_pager_waits_before_it_pages_and_pages_a_group_once():
    told = Grouping(wait=30 * SECOND).grouped([alert(0), alert(5)])

    assert [(each.paged - START) // SECOND for each in told] == [30, 30]


def test_a_page_says_what_about_whom_and_on_what_grounds_on_one_line():
    report = RuleReport("r", "Guessing\nof passwords", "r.yml", "ran", level="high")
    alerts = Grouping().grouped([alert(0, key="web1\x1b[2J", events=12), alert(3), alert(4, "gone", "")])

    assert list(Embedded().pages(Detection((report,), alerts))) == [
        "2026-01-01T00:00:30Z page 1 [high] Guessing\ufffdof passwords about web1\ufffd[2J: "
        "12 records since 2026-01-01T00:00:00Z",
        "2026-01-01T00:03:30Z page 2 [high] Guessing\ufffdof passwords about web1: 1 record since 2026-01-01T00:03:00Z",
        "2026-01-01T00:04:30Z page 3 [unrated] gone: 1 record since 2026-01-01T00:04:00Z",
    ]
