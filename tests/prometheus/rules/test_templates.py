"""Templates say what they say in Prometheus: each is a label of an alert, and the labels are compared."""

from __future__ import annotations

import json

from tests.prometheus.rules.jig import MINUTE, alerts, asked, ours, store_of

VALUES = [
    0.0,
    1.0,
    -0.5,
    0.00012,
    1e-9,
    999.5,
    1234.5678,
    1048576.0,
    -65432.1,
    1e15,
    3.5e-5,
    90061.5,
    float("inf"),
    1e6,
]
SERIES = {
    f'x{{job="Api-{index}",instance="10.0.0.{index}:8080",path="/a b\\"c",host="web{index}.example.org:80"}}': [value]
    for index, value in enumerate(VALUES)
}
SERIES['up{job="a"}'] = [1.0]
SERIES['up{job="b"}'] = [0.0]
TEMPLATES = [
    "{{ $value }}",
    "{{ .Value | humanize }}",
    "{{ humanize1024 $value }}",
    "{{ humanizeDuration $value }}",
    "{{ $value | humanizePercentage }}",
    "{{ if lt $value 1e9 }}{{ humanizeTimestamp $value }}{{ else }}-{{ end }}",
    '{{ printf "%.2f|%8.3f|%-8.1e|%g|%.3g|%v|%+.1f|%06.1f" $value $value $value $value $value $value $value $value }}',
    '{{ printf "%d|%s|%q|%x|%5d|%-5d|%05d|%t" 42 $labels.job $labels.path 255 42 42 42 true }}',
    '{{ printf "%d %s %z" $value $value }}',
    '{{ printf "%s" }}{{ printf "a" 1 2.5 }}{{ printf "100%%" }}',
    "{{ $labels.job | toUpper }}{{ title `hello wide WORLD it's-so` }}{{ toLower `ÄB` }}",
    "{{ reReplaceAll `Api-(\\d)(\\d?)` `<$1>${2}_$0` $labels.job }}",
    "{{ if match `^Api-1` $labels.job }}one{{ else if match `2$` $labels.job }}two{{ else }}other{{ end }}",
    "{{ stripPort $labels.instance }} {{ stripPort `[::1]:80` }} {{ stripPort `none` }} {{ stripPort `a:b:c` }}",
    "{{ stripDomain $labels.host }} {{ stripDomain `a.b.c` }} {{ stripDomain `10.0.0.1:80` }}",
    "{{ range query `up` | sortByLabel `job` }}{{ .Labels.job }}={{ .Value }};{{ end }}",
    "{{ with query `up{job='b'}` }}{{ . | first | value }}{{ end }}",
    "{{ range $i, $v := query `sort(up)` }}{{ $i }}:{{ label `job` $v }} {{ else }}none{{ end }}",
    "{{ query `vector(7)` | first | value | humanize }}",
    "{{ first (query `none`) }}",
    "{{ with query `none` }}some{{ else }}nothing{{ end }}",
    "{{ $x := 1 }}{{ range query `up` }}{{ $x = 2 }}{{ end }}{{ $x }}",
    "{{ range query `up` }}{{ if eq .Labels.job `b` }}{{ continue }}{{ end }}{{ .Labels.job }}{{ break }}{{ end }}",
    "{{ define `who` }}<{{ .job }}>{{ end }}{{ template `who` $labels }}{{ template `who` .Labels }}",
    "{{ and 1 `` `x` }}|{{ or 0 `` `y` }}|{{ not 0 }}|{{ and true $labels.none }}|{{ or $labels.none `z` }}",
    "{{ eq $labels.job `Api-1` `Api-2` }} {{ ne 1 2 }} {{ lt 1.5 $value }} {{ ge $value 1.0 }} {{ le `a` `b` }}",
    "{{ gt $value 1 }}",
    "{{ len $labels.job }} {{ index $labels `job` }} {{ slice `abcdef` 1 3 }} {{ len (query `up`) }}",
    "{{ print 1 2 `a` `b` 3.5 }}{{ println `x` 1 }}",
    '{{ html `<a href="x">\'&` }} {{ urlquery `a b&c` }} {{ urlQueryEscape `a/b?c=d e~` }}',
    "{{ $labels.missing }}|{{ .Labels.missing }}|{{ $externalLabels.none }}|{{ $externalURL }}",
    "{{ .Nothing }}",
    "{{ $value.Nothing }}",
    "{{ toUpper 5 }}",
    "{{ humanize `12345` }} {{ humanize `abc` }}",
    "{{ parseDuration `1h30m` }} {{ parseDuration `-5m` }}",
    "{{ (query `up{job='a'}` | first).Labels.job }} {{ (index (query `up{job='a'}`) 0).Value }}",
    "{{- ` a ` -}}   b   {{- /* nothing */ -}}   c",
    "{{ 'a' }} {{ 0x1F }} {{ 017 }} {{ 1e3 }} {{ 1_000 }} {{ -5 }} {{ 0.1 }} {{ true }}",
    '{{ "tab\\tquote\\"\\u00e9" }} {{ `raw\\n` }}',
    "{{ args 1 `b` }}",
    "{{ safeHtml `<b>` }} {{ tableLink `up` }} {{ graphLink `up{a='b'}` }}",
    "{{ now }}",
    "{{ $labels }}",
    "{{ query `up{` }}",
]


def test_templates_say_what_they_say_in_prometheus(tmp_path):
    path = tmp_path / "rules.yml"
    rules = [
        {"alert": f"T{index}", "expr": "x > -1e99", "labels": {"said": template}}
        for index, template in enumerate(TEMPLATES)
    ]
    path.write_text(json.dumps({"groups": [{"name": "g", "rules": rules}]}))
    outcomes = ours(path, store_of(SERIES, MINUTE), 0)
    assert [rule.reason for rule in outcomes if rule.reason] == []

    told = asked(tmp_path, path, SERIES, MINUTE, [("ALERTS", 0)])["ALERTS", 0]

    theirs = {}
    for labels in told:
        pairs = dict(labels)
        theirs[pairs["alertname"], pairs["job"]] = pairs.get("said", "")
    here = {}
    for labels, _ in alerts(outcomes, [0], MINUTE)[0]:
        pairs = dict(labels)
        here[pairs["alertname"], pairs["job"]] = pairs.get("said", "")
    assert here.keys() == theirs.keys()
    assert len(here) == len(TEMPLATES) * len(VALUES)
    wrong = {
        (TEMPLATES[int(name[1:])], job): (here[name, job], said)
        for (name, job), said in theirs.items()
        if here[name, job] != said
        and not (said.startswith("<error expanding") and here[name, job].startswith("<error"))
    }
    assert not wrong, "\n".join(f"{k}: {v}" for k, v in wrong.items())
    assert sum(said.startswith("<error expanding template") for said in theirs.values()) > 20
