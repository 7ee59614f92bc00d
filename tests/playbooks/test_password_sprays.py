"""What domain controllers and the mail server tell of the two sprays."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

BASELINE = 10  # tries before a lockout in Microsoft's security baseline, counted over as many minutes as follow
OBSERVED = timedelta(minutes=10)


def moment(record) -> datetime:
    return datetime.fromisoformat(record["@timestamp"])


def told(record) -> dict[str, str]:
    return record["winlog"]["event_data"]


def most_within(times: list[datetime], span: timedelta) -> int:
    """Return the most that happen in any stretch of time."""
    times = sorted(times)
    return max(sum(low <= time < low + span for time in times) for low in times)


def refusals(run, code: str, *acts: str):
    records = [each for act in acts for each in run.records_of(act, "windows.security")]
    return [each for each in records if each["event"]["code"] == code]


def test_each_refused_mailbox_was_refused_by_a_domain_controller_before(play):
    run = play("password-spray")
    asked = defaultdict(list)
    for record in refusals(run, "4771", "step:spray") + refusals(run, "4768", "step:spray"):
        asked[told(record)["TargetUserName"]].append((moment(record), told(record)["Status"]))

    refused = refusals(run, "4625", "step:spray")
    assert len(refused) == 50
    for record in refused:
        status = {"0xc000006a": "0x18", "0xc0000064": "0x6"}[told(record)["SubStatus"]]
        before = [at for at, code in asked[told(record)["TargetUserName"]] if code == status]
        # clocks of the machines differ by some 20 ms
        assert any(timedelta(seconds=-0.2) < moment(record) - at < timedelta(seconds=0.3) for at in before)


@pytest.mark.parametrize(("name", "code"), [("password-spray", "4625"), ("low-and-slow", "4771")])
def test_a_spray_locks_nobody_out(name, code, play):
    tries = defaultdict(list)
    for record in refusals(play(name), code, "step:spray"):
        tries[told(record)["TargetUserName"]].append(moment(record))

    assert max(most_within(times, OBSERVED) for times in tries.values()) < BASELINE / 2


def test_the_slow_spray_stays_under_every_threshold_of_half_an_hour(play):
    times = [moment(record) for record in refusals(play("low-and-slow"), "4771", "step:spray")]

    assert most_within(times, timedelta(minutes=30)) < 10
    assert len(times) > 40


def test_the_slow_spray_has_no_beat(play):
    times = sorted(moment(record) for record in refusals(play("low-and-slow"), "4771", "step:spray"))
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    mean = sum(gaps) / len(gaps)
    deviation = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5

    assert deviation / mean > 0.7  # a timer's would be near 0


def test_the_rule_with_the_long_window_is_fooled_by_the_server_that_many_share(play):
    scorecard = play("low-and-slow").json("scorecard.json")

    fooled = {decoy["id"]: decoy["fooled"] for decoy in scorecard["decoys"]}
    assert fooled["terminal-server"]
    assert not fooled["old-keytab"]
