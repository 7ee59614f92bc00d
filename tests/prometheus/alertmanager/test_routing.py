"""Alerts take the ways that Alertmanager's own tool says they take."""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest

from simulator_prometheus.alertmanager.configuration import read_configuration
from simulator_prometheus.alertmanager.matchers import BadMatcherError, matchers_of, new_matchers, old_matchers
from tests.servers import found

TREE = """
receivers: [{name: all}, {name: db}, {name: db-page}, {name: web}, {name: audit}, {name: none}]
route:
  receiver: all
  routes:
    - matchers: ['team = db']
      receiver: db
      routes:
        - matchers: [severity=~"page|crit.*"]
          receiver: db-page
          continue: true
        - match: {env: prod}
          receiver: audit
    - matchers: ['{service!="db", team!~"d.*", severity!=""}']
      receiver: web
      continue: true
    - match_re: {env: "prod|test"}
      receiver: audit
      routes: [{matchers: [service=""], receiver: none}]
"""
LABELS = {
    "team": ("", "db", "web"),
    "severity": ("", "page", "critical", "x"),
    "env": ("", "prod"),
    "service": ("", "db"),
}


def test_every_alert_takes_the_ways_that_amtool_says(tmp_path):
    path = tmp_path / "alertmanager.yml"
    path.write_text(TREE)
    configuration, faults = read_configuration(path)
    assert configuration is not None, faults.found
    amtool = found("amtool")
    sets = [
        {name: value for name, value in zip(LABELS, values, strict=True) if value}
        for values in product(*LABELS.values())
    ]

    def asked(labels):
        pairs = [f"{name}={value}" for name, value in labels.items()]
        command = [amtool, "config", "routes", "test", f"--config.file={path}", *pairs]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        told = list(pool.map(asked, sets))

    assert len(set(told)) > 6
    for labels, answer in zip(sets, told, strict=True):
        assert ",".join(route.receiver for route in configuration.route.matching(labels)) == answer, labels


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a=b", [("a", "=", "b")]),
        ('a="b"', [("a", "=", "b")]),
        ('{a="b",c!=d}', [("a", "=", "b"), ("c", "!=", "d")]),
        (' a =~ "x|y" , b !~ z, ', [("a", "=~", "x|y"), ("b", "!~", "z")]),
        ('a="b,c"', [("a", "=", "b,c")]),
        (r'a="say \"hi\"\n"', [("a", "=", 'say "hi"\n')]),
        ("a=", [("a", "=", "")]),
        ("a=b c", [("a", "=", "b c")]),
        ('"größe"="a"', [("größe", "=", "a")]),
        ('größe=~"a.*"', [("größe", "=~", "a.*")]),
        (r'a="\d"', [("a", "=", "\\d")]),
    ],
)
def test_matchers_are_read_in_both_syntaxes(text, told):
    assert [(each.name, each.operator, each.value) for each in matchers_of(text)] == told


@pytest.mark.parametrize("text", ["a", "=b", 'a="b', 'a="b"c"', "{a=b", 'a=~"("', "a b=c", "a==b{"])
def test_what_is_no_matcher_in_any_syntax_is_refused(text):
    with pytest.raises(BadMatcherError):
        new_matchers(text)
    if text not in ("{a=b", "a==b{"):
        with pytest.raises(BadMatcherError):
            old_matchers(text)
