"""An explanation says what matched, what came near, what is missing, and by how much."""

from __future__ import annotations

import pytest

from simulator import UsageError
from tests.sigma.jig import FAILED, counting, explained, login

TWO_PARTS = """title: Two parts
name: two
logsource: {product: demo, category: login}
detection:
  s: {outcome: failure, DataShell|endswith: [bash, zsh]}
  filter: {user: scanner}
  condition: s and not filter
"""


def said(explanation):
    return "\n".join(explanation.lines)


def test_it_counts_what_each_part_matched_and_shows_the_nearest_miss(tmp_path):
    records = [login(1), login(2, extra={"Shell": "/bin/fish"}), login(3, outcome="ok", extra={"Shell": "/bin/bash"})]

    found = explained(tmp_path, records, "two", TWO_PARTS)

    assert "logins: 3 records of its log source, 0 match the rule." in found.lines
    assert "  selection s: 0" in found.lines
    assert "    outcome: failure: 2" in found.lines
    assert "    DataShell: *bash or *zsh: 1" in found.lines
    assert "  near miss, line 1: matches 2 parts, but not DataShell: *bash or *zsh" in found.lines
    assert "    DataShell is '/bin/fish'" in found.lines
    assert "It did not fire." in found.lines
    assert found.facts["streams"][0]["items"] == {"s, outcome: failure": 2, "s, DataShell: *bash or *zsh": 1}


def test_it_names_fields_that_no_record_has(tmp_path):
    found = explained(tmp_path, [login(1)], "Two parts", TWO_PARTS)

    assert "  field DataShell is in none of these records (it is extra.Shell there)" in found.lines


def test_it_says_when_a_rule_fired(tmp_path):
    found = explained(tmp_path, [login(1)], "rule0.yml", FAILED)

    assert "It fired: 1 alert, the first at 2026-01-01T00:01:00Z." in found.lines
    assert (found.facts["alerts"], found.facts["hits"]) == (1, 1)


def test_it_says_which_log_sources_there_are_when_none_fits(tmp_path):
    found = explained(tmp_path, [login(1)], "failed", FAILED.replace("product: demo", "product: other"))

    assert "No stream of this run answers its log source (product other, category login)." in said(found)
    assert "  logins: product demo, category login or product demo, service doors" in found.lines


def test_it_says_how_late_records_came(tmp_path):
    found = explained(tmp_path, [login(0), login(30, arrives=420)], "failed", FAILED)

    assert "1 hit arrived too late: rules look back 5 m, and line 2 of logins was 1.5 m too old" in said(found)
    assert (found.facts["late"], found.facts["late_by_seconds"], found.facts["alerts"]) == (1, 90, 1)


def test_it_says_how_far_below_its_threshold_a_correlation_stayed_and_for_whom(tmp_path):
    records = [login(1), login(2), login(3, user={"name": "bob"}), login(200)]

    found = explained(tmp_path, records, "Guessing", FAILED + "---\n" + counting(count=5))

    assert "The highest event_count in 1m was 2 for anna, in the window to 2026-01-01T00:00:02Z." in found.lines
    assert "The condition is gte 5: 3 below the threshold." in found.lines
    assert found.facts["correlation"]["below_by"] == 3


def test_it_says_which_rule_of_a_sequence_was_not_seen(tmp_path):
    other = FAILED.replace("failure", "success").replace("failed", "won").replace("01\n", "03\n", 1)
    text = FAILED + "---\n" + other.replace("Failed login", "Success")
    text += (
        "---\ntitle: seq\ncorrelation: {type: temporal_ordered, rules: [failed, won], group-by: [user], timespan: 1m}\n"
    )

    found = explained(tmp_path, [login(1)], "seq", text)

    assert "In that window nothing was seen of: Success." in found.lines


def test_a_correlation_whose_records_came_too_late_is_told_from_one_without_any(tmp_path):
    records = [login(1), login(2), login(3, arrives=400)]

    late = explained(tmp_path, records, "Guessing", FAILED + "---\n" + counting())
    none = explained(tmp_path, [login(1, outcome="x")], "Guessing", FAILED + "---\n" + counting())

    assert "Its condition holds in 1 window, but too late for a run to see one whole." in late.lines
    assert "Nothing was seen to be correlated (or no record has all the fields that it groups by)." in none.lines


def test_it_says_why_a_rule_did_not_run(tmp_path):
    found = explained(tmp_path, [login(1)], "failed", FAILED.replace("outcome:", "tags:"))

    assert found.lines[-1] == "It did not run (unconvertible): it reads the tag of synthetic records (field 'tags')."


def test_an_unknown_rule_is_told_with_the_nearest_name(tmp_path):
    with pytest.raises(UsageError, match="none of the 1 rules is called 'Failed logon'; did you mean 'Failed login'"):
        explained(tmp_path, [login(1)], "Failed logon", FAILED)
