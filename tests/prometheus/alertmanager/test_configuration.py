"""alertmanager.yml is read as Alertmanager reads it: the same files are refused."""

from __future__ import annotations

import pytest

from simulator_prometheus.alertmanager.configuration import read_configuration
from tests.servers import amtool

RECEIVERS = "receivers: [{name: one}, {name: two, webhook_configs: [{url: 'http://127.0.0.1:9/'}]}]\n"
GOOD = {
    "the least": "route: {receiver: one}\n",
    "a tree": """
route:
  receiver: one
  group_by: [alertname, cluster]
  group_wait: 10s
  routes:
    - matchers: [severity="critical", 'team =~ "a|b"']
      receiver: two
      continue: true
      routes: [{match: {env: prod}, group_by: ['...']}]
    - match_re: {service: ^(foo|bar)$}
      mute_time_intervals: [nights]
      active_time_intervals: [work]
time_intervals:
  - name: work
    time_intervals:
      - {times: [{start_time: '09:00', end_time: '17:00'}], weekdays: ['monday:friday'], location: Europe/Berlin}
mute_time_intervals:
  - name: nights
    time_intervals: [{days_of_month: ['1:5', '-3:-1'], months: ['january:march', '12'], years: ['2026:2030']}]
""",
    "an inhibition": """
route: {receiver: one}
inhibit_rules:
  - {source_matchers: [severity=critical], target_matchers: [severity=~"warning|info"], equal: [alertname, cluster]}
  - {source_match: {a: b}, target_match_re: {c: "d.*"}}
""",
    "anchors": "route: {receiver: &name one, routes: [{receiver: *name}]}\n",
    "yes": "route: {receiver: one, routes: [{receiver: two, continue: yes}]}\n",
    "an empty group_by": "route: {receiver: one, group_by: []}\n",
}
BAD = {
    "no route": ("inhibit_rules: []\n", "there is no route"),
    "an unknown field": ("route: {receiver: one}\nrute: {}\n", "no field 'rute'; did you mean 'route'?"),
    "an unknown field of a route": ("route: {receiver: one, groupby: [a]}\n", "did you mean 'group_by'?"),
    "no such receiver": ("route: {receiver: three}\n", "there is no receiver 'three' (there are: one, two)"),
    "no receiver": ("route: {group_by: [a]}\n", "needs a receiver"),
    "matchers of the first route": ("route: {receiver: one, matchers: [a=b]}\n", "takes every alert"),
    "continue of the first route": ("route: {receiver: one, continue: true}\n", "takes every alert"),
    "a bad matcher": ("route: {receiver: one, routes: [{matchers: ['a b']}]}\n", "is no matcher"),
    "a matcher's quotes": ("route: {receiver: one, routes: [{matchers: ['a=\"b']}]}\n", "closing double quote"),
    "a bad regex": ("route: {receiver: one, routes: [{matchers: ['a=~\"(\"']}]}\n", "no regular expression"),
    "a bad regex of match_re": ("route: {receiver: one, routes: [{match_re: {a: '('}}]}\n", "no regular expression"),
    "two of group_by": ("route: {receiver: one, group_by: [a, a]}\n", "'a' stands twice"),
    "... and more": ("route: {receiver: one, group_by: [a, '...']}\n", "write it alone"),
    "a duration": ("route: {receiver: one, group_wait: 30}\n", "has to be a duration"),
    "no interval": ("route: {receiver: one, group_interval: 0s}\n", "cannot be zero"),
    "no such interval": ("route: {receiver: one, routes: [{mute_time_intervals: [x]}]}\n", "no time interval 'x'"),
    "a list for a text": ("route: {receiver: [one]}\n", "has to be a text"),
    "twice": ("route: {receiver: one}\nroute: {receiver: two}\n", "stands here twice (first in line 2)"),
    "a weekday": (
        "route: {receiver: one}\ntime_intervals: [{name: a, time_intervals: [{weekdays: [someday]}]}]\n",
        "'someday' is no value or range",
    ),
    "a day": (
        "route: {receiver: one}\ntime_intervals: [{name: a, time_intervals: [{days_of_month: ['0']}]}]\n",
        "days go from 1 to 31",
    ),
    "a time": (
        "route: {receiver: one}\n"
        "time_intervals: [{name: a, time_intervals: [{times: [{start_time: '9:00', end_time: '10:00'}]}]}]\n",
        "start_time has to be a time",
    ),
    "a zone": (
        "route: {receiver: one}\ntime_intervals: [{name: a, time_intervals: [{location: Europe/Nowhere}]}]\n",
        "there is no time zone",
    ),
    "no YAML": ("route: {receiver: one\n", "this is not YAML"),
    "an unknown alias": ("route: {receiver: *one}\n", "no such anchor"),
}
BAD_RECEIVERS = {
    "of one name": ("receivers: [{name: one}, {name: one}]\n", "a second receiver is called 'one'"),
    "without a name": ("receivers: [{name: one}, {}]\n", "needs a name"),
    "without an address": ("receivers: [{name: one, webhook_configs: [{}]}]\n", "needs url or url_file"),
    "of e-mail without a server": ("receivers: [{name: one, email_configs: [{to: a@b.c}]}]\n", "smtp_smarthost"),
    "of an unknown kind": ("receivers: [{name: one, pigeon_configs: [{}]}]\n", "no field 'pigeon_configs'"),
    "of an unknown setting": (
        "receivers: [{name: one, webhook_configs: [{url: 'http://a/', utl: 1}]}]\n",
        "no field 'utl'; did you mean 'url'?",
    ),
}


def verdict(tmp_path, text):
    path = tmp_path / "alertmanager.yml"
    path.write_text(text)
    found, faults = read_configuration(path)
    assert (found is None) == bool(faults.found)
    return path, [str(fault) for fault in faults.found]


@pytest.mark.parametrize("name", GOOD)
def test_what_alertmanager_takes_is_taken(tmp_path, name):
    path, faults = verdict(tmp_path, RECEIVERS + GOOD[name])

    assert faults == []
    checked = amtool("check-config", path)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("name", BAD)
def test_what_alertmanager_refuses_is_refused_with_its_place(tmp_path, name):
    text, reason = BAD[name]

    path, faults = verdict(tmp_path, RECEIVERS + text)

    assert any(reason in fault for fault in faults), faults
    assert all(fault.startswith(f"{path.name}:") for fault in faults)
    assert amtool("check-config", path).returncode == 1


@pytest.mark.parametrize("name", BAD_RECEIVERS)
def test_receivers_that_alertmanager_refuses_are_refused(tmp_path, name):
    text, reason = BAD_RECEIVERS[name]

    path, faults = verdict(tmp_path, "route: {receiver: one}\n" + text)

    assert any(reason in fault for fault in faults), faults
    assert amtool("check-config", path).returncode == 1


def test_names_of_any_letters_are_taken_as_since_0_27(tmp_path):
    text = 'route: {receiver: one, routes: [{matchers: [\'"größe"=~"a|b", x!=y\']}]}\n'

    assert verdict(tmp_path, RECEIVERS + text)[1] == []


def test_an_alias_that_stands_for_too_much_is_refused(tmp_path):
    bombs = "".join(f"x{n + 1}: &x{n + 1} [{', '.join([f'*x{n}'] * 30)}]\n" for n in range(9))

    _, faults = verdict(tmp_path, "x0: &x0 [a]\n" + bombs)

    assert "aliases written out" in faults[0]
