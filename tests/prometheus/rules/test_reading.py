"""Files of rules are taken or refused as ``promtool check rules`` takes or refuses them, each fault with its place."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator_prometheus.rules.reading import name_rules, read_rule_file
from tests.servers import promtool

ONE = "groups: [{{name: g, rules: [{{alert: A, expr: up, {}}}]}}]\n"
GOOD = {
    "nothing": "",
    "no groups": "groups: []\n",
    "null": "groups:\n",
    "anchors": "groups: [{name: g, rules: [{alert: A, expr: up, labels: &l {a: b}}, "
    "{alert: B, expr: up, labels: *l}]}]\n",
    "merge keys": """
groups:
  - name: g
    rules:
      - &first {alert: A, expr: up, for: 1m}
      - {<<: *first, alert: B}
""",
    "numbers for texts": ONE.format("labels: {severity: 1, yes: true, nothing: , octal: 010}"),
    "everything": """
groups:
  - name: g
    interval: 30s
    query_offset: 1m
    limit: 10
    labels: {team: a}
    rules:
      - {record: "job:up:sum", expr: sum by (job) (up), labels: {x: y}}
      - {alert: A, expr: up == 0, for: 1h30m, keep_firing_for: 0, annotations: {a: "{{ $labels.job }} {{ $value }}"}}
""",
    "a name of any letters": 'groups: [{name: g, rules: [{record: "größe", expr: up, labels: {"a-b": c}}]}]\n',
    "a second document": "groups: []\n---\n{a: [}\n",
    "a template of a recording rule": "groups: [{name: g, rules: [{record: a, expr: up, labels: {a: '{{ broken'}}]}]\n",
    "a limit that is no whole number": "groups: [{name: g, limit: 1.5, rules: []}]\n",
    "a range": "groups: [{name: g, rules: [{alert: A, expr: 'up[5m]'}]}]\n",
    "a byte order mark": "\ufeffgroups: []\n",
}
BAD = {
    "no YAML": ("groups: [\n", "this is not YAML"),
    "an unknown field": ("group: []\n", "no field 'group'; did you mean 'groups'?"),
    "an unknown field of a group": ("groups: [{name: g, intervall: 1m}]\n", "did you mean 'interval'?"),
    "an unknown field of a rule": (ONE.format("four: 1m"), "no field 'four'; did you mean 'for'?"),
    "a text for a list": ("groups: some\n", "has to be a list"),
    "a list for a mapping": ("groups: [[]]\n", "has to be a mapping"),
    "a text at the top": ("groups\n", "has to be a mapping"),
    "no name": ("groups: [{rules: []}]\n", "a group needs a name"),
    "a name twice": ("groups: [{name: g}, {name: g}]\n", "a second group is called 'g'"),
    "a key twice": (ONE.format("for: 1m, for: 2m"), "stands here twice"),
    "an interval": ("groups: [{name: g, interval: 30}]\n", "interval has to be a duration"),
    "an interval in odd order": ("groups: [{name: g, interval: 1m1h}]\n", "interval has to be a duration"),
    "an interval of ages": ("groups: [{name: g, interval: 300y}]\n", "interval has to be a duration"),
    "a limit": ("groups: [{name: g, limit: many}]\n", "limit has to be a whole number"),
    "a limit in quotes": ("groups: [{name: g, limit: '5'}]\n", "limit has to be a whole number"),
    "record and alert": (ONE.format("record: a"), "not both"),
    "neither": ("groups: [{name: g, rules: [{expr: up}]}]\n", "needs record or alert"),
    "no expression": ("groups: [{name: g, rules: [{alert: A}]}]\n", "needs expr"),
    "an expression": ("groups: [{name: g, rules: [{alert: A, expr: 'up =='}]}]\n", "this is not PromQL"),
    "an unknown function": ("groups: [{name: g, rules: [{alert: A, expr: 'rat(up[5m])'}]}]\n", "this is not PromQL"),
    "a vector for a range": ("groups: [{name: g, rules: [{alert: A, expr: rate(up)}]}]\n", "this is not PromQL"),
    "for of a record": ("groups: [{name: g, rules: [{record: a, expr: up, for: 1m}]}]\n", "for is for alerts"),
    "keep_firing_for of a record": (
        "groups: [{name: g, rules: [{record: a, expr: up, keep_firing_for: 1m}]}]\n",
        "keep_firing_for is for alerts",
    ),
    "annotations of a record": (
        "groups: [{name: g, rules: [{record: a, expr: up, annotations: {a: b}}]}]\n",
        "annotations is for alerts",
    ),
    "braces of a record": ("groups: [{name: g, rules: [{record: 'a{b=\"c\"}', expr: up}]}]\n", "has braces"),
    "a label's name": (ONE.format("labels: {__name__: a}"), "cannot be the name of a label"),
    "an empty label's name": (ONE.format("labels: {'': a}"), "cannot be the name of a label"),
    "a group's label": ("groups: [{name: g, labels: {__name__: a}}]\n", "cannot be the name of a label"),
    "a list for a label": (ONE.format("labels: {a: [b]}"), "holds texts only"),
    "a template of a label": (ONE.format("labels: {a: '{{ $labels.job '}"), "is not a template: unclosed action"),
    "a template's function": (ONE.format("annotations: {a: '{{ humanise $value }}'}"), '"humanise" not defined'),
    "a template's variable": (ONE.format("annotations: {a: '{{ $label.job }}'}"), 'undefined variable "$label"'),
    "a template's end": (ONE.format("annotations: {a: '{{ if $value }}x'}"), "unexpected EOF"),
    "a merge of a text": ("groups: [{name: g, <<: a}]\n", "only a mapping can be merged"),
    "an unknown anchor": ("groups: *g\n", "there is no such anchor"),
}


def checked(tmp_path, text):
    path = tmp_path / "rules.yml"
    path.write_text(text, encoding="utf-8")
    file = read_rule_file(path)
    code = promtool("check", "rules", "--lint=none", path).returncode
    return file, [str(fault) for fault in file.faults.found], code


@pytest.mark.parametrize("name", GOOD)
def test_what_prometheus_takes_is_taken(tmp_path, name):
    _, faults, code = checked(tmp_path, GOOD[name])

    assert faults == []
    assert code == 0


@pytest.mark.parametrize("name", BAD)
def test_what_prometheus_refuses_is_refused_with_its_place(tmp_path, name):
    text, reason = BAD[name]

    file, faults, code = checked(tmp_path, text)

    assert any(reason in fault for fault in faults), faults
    assert all(fault.startswith("rules.yml:") for fault in faults)
    assert {rule.status for rule in file.rules} <= {"error"}
    assert code == 1


TEMPLATES = [
    '{{ $labels.job }}', '{{- $value | humanize -}}', '{{ printf "%.2f" $value }}', '{{/* a comment */}}x',
    '{{ /* spaced */}}', '{{ with query "up" }}{{ . | first | value }}{{ end }}',
    '{{ range query `up` }}{{ .Value }}{{ end }}',
    '{{ range $i, $v := query `up` }}{{ $i }}{{ else }}{{ $i }}{{ end }}',
    '{{ if gt $value 1.0 }}a{{ else if eq 1 1 }}b{{ end }}', '{{ if true }}{{ else with 1 }}{{ end }}',
    '{{ $x := 1 }}{{ $x = 2 }}{{ $x }}', '{{ $y = 1 }}', '{{ break }}',
    '{{ range query `up` }}{{ break }}{{ end }}', '{{ define `a` }}x{{ end }}{{ template `a` . }}',
    '{{ template "none" }}', '{{ block `b` . }}{{ .Labels }}{{ end }}', '{{ 1 | 2 }}', '{{ }}', '{{ . }',
    '{{ .a.b.c }}', '{{ $labels.a.b }}', '{{ (first (query `a`)).Value }}', "{{ 'a' }}", "{{ 'ab' }}",
    '{{ "\\x41\\u00e9" }}', '{{ "\\q" }}', '{{ "a\n" }}', '{{ `a\nb` }}', '{{ 0x1F }}', '{{ 089 }}', '{{ 1_000 }}',
    '{{ 1e3 }}', '{{ 12a }}', '{{ +1 }}', '{{ nil }}', '{{ end }}', '{{ else }}', '{{ if }}a{{ end }}',
    '{{ 1.5.a }}', '{{ $ }}', '{{ $.Value }}', '{{ and true false | not }}', '{{ $value|humanizePercentage }}',
    '{{$value}}%', '{{ $labels . }}', "{{ query 'up' }}", '{{ toTime 1 }}', '{{ js 1 }}', '{{ tmpl 1 }}',
    '{{ 99999999999999999999 }}', '{{ - 1 }}', '{{ 1 -}} x', '{{ 1-}}', '{{a-b}}', '{{ @ }}', '{{ $a, $b := 1 }}',
    '{{ (1 }}', '{{ 1) }}', '{{ range 1, 2 }}{{end}}', '{{ x:=1 }}', '{{ $x := }}',
    '{{ if $q := 1 }}{{ $q }}{{ end }}{{ $q }}', '{{ len `é` }} {{ index $labels `a` }}', '{{ len.a }}',
    '{{ not.a }}', '{{ .Labels.größe }}', '{{ true.a }}', '{{ template 1 }}', '{{ define `x` }}',
    '{{ if 1 }}{{ define `x` }}{{ end }}{{ end }}',
]  # fmt: skip


def test_templates_are_taken_or_refused_as_by_prometheus(tmp_path):
    taken = {}
    for index, template in enumerate(TEMPLATES):
        path = tmp_path / f"{index}.yml"
        quoted = template.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        path.write_text(ONE.format(f'annotations: {{a: "{quoted}"}}'), encoding="utf-8")
        taken[path] = template
    answer = promtool("check", "rules", "--lint=none", *taken)
    refused = {line.split(":")[0] for line in answer.stderr.splitlines() if line.startswith(str(tmp_path))}

    for path, template in taken.items():
        faults = [str(fault) for fault in read_rule_file(path).faults.found]
        assert bool(faults) == (str(path) in refused), (template, faults)
    assert 20 < len(refused) < 45


WORDS = [
    "{{",
    "}}",
    "{{-",
    "if",
    "end",
    "else",
    "range",
    "with",
    "and",
    "not",
    "nil",
    "true",
    "text",
    "break",
    "(",
    ")",
    ".",
    ".a",
    ":=",
    "=",
    "|",
    ",",
    "-",
    "/*",
    "*/",
    "1",
    "0x",
    "$x",
    "$labels",
    "$value",
    "`a`",
    '"b"',
    "'c'",
]
PIECES = st.lists(st.sampled_from([*WORDS, " ", " -}}"]), max_size=12).map("".join)


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=st.lists(PIECES, min_size=150, max_size=150))
def test_any_template_is_taken_or_refused_as_by_prometheus(tmp_path_factory, texts):
    folder = tmp_path_factory.mktemp("templates")
    paths = {}
    for index, template in enumerate(["{{ " + text + " }}" if index % 2 else text for index, text in enumerate(texts)]):
        path = folder / f"{index}.yml"
        quoted = template.replace('"', '\\"')
        path.write_text(ONE.format(f'annotations: {{a: "{quoted}"}}'), encoding="utf-8")
        paths[path] = template
    answer = promtool("check", "rules", "--lint=none", *paths)
    refused = {line.split(":")[0] for line in answer.stderr.splitlines() if line.startswith(str(folder))}

    for path, template in paths.items():
        faults = [str(fault) for fault in read_rule_file(path).faults.found]
        assert bool(faults) == (str(path) in refused), (template, faults)


def test_a_file_that_is_refused_refuses_all_its_rules(tmp_path):
    path = tmp_path / "rules.yml"
    path.write_text(
        "groups:\n- name: g\n  rules:\n  - {alert: Good, expr: up}\n  - {alert: Bad, expr: 'up =='}\n"
        "  - {alert: Worse, expr: up, for: soon}\n"
    )

    reasons = {rule.name: rule.reason for rule in read_rule_file(path).rules}

    assert "rules.yml:5:24: this is not PromQL" in reasons["Good"]
    assert "Prometheus refuses the whole file" in reasons["Good"]
    assert reasons["Bad"].startswith("rules.yml:5:24: ")
    assert reasons["Worse"].startswith("rules.yml:6:35: ")


def test_rules_are_told_apart_by_name_severity_or_place(tmp_path):
    path = tmp_path / "rules.yml"
    path.write_text(
        "groups:\n- name: g\n  rules:\n  - {alert: One, expr: up}\n"
        "  - {alert: Burn, expr: up, labels: {severity: page}}\n"
        "  - {alert: Burn, expr: up, labels: {severity: ticket}}\n"
        "  - {record: r, expr: up, labels: {a: b}}\n  - {record: r, expr: up, labels: {a: c}}\n"
    )
    rules = read_rule_file(path).rules
    name_rules(rules)

    assert [rule.id for rule in rules] == ["One", "Burn [page]", "Burn [ticket]", "r (rules.yml:7)", "r (rules.yml:8)"]


def test_a_template_with_what_feint_does_not_run_refuses_only_its_rule(tmp_path):
    path = tmp_path / "rules.yml"
    path.write_text(
        "groups: [{name: g, rules: [{alert: A, expr: up, annotations: {a: '{{ toTime $value }}'}}, "
        "{alert: B, expr: up}]}]"
    )

    file = read_rule_file(path)

    assert not file.faults.found
    assert [rule.status for rule in file.rules] == ["unconvertible", "ran"]
    assert "toTime, which Feint does not run" in file.rules[0].reason
