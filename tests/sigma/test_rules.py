"""Files of rules: what becomes of each rule is told, and a bad one stops no other."""

# ruff: noqa: E501 - tables of records and rules, a line each

from __future__ import annotations

import pytest

from simulator_sandbox import Embedded
from simulator_sigma.detector import SigmaDetector
from tests.sigma.jig import FAILED, counting, detected, login, recorder


def rule(
    detection="{s: {outcome: failure}, condition: s}",
    source="{product: demo, category: login}",
    title="A rule",
    more="",
):
    return f"title: {title}\n{more}logsource: {source}\ndetection: {detection}\n"


BAD = {
    "this file holds no rule": b"groups:\n  - name: not sigma\n",
    "not UTF-8": b"title: \xff\ndetection: x\n",
    "not YAML": b"title: [\ndetection: x\n",
    "is no Sigma rule but a mapping": b"detection: {}\n---\ntitle: neither\n",
    "must have a log source": b"title: x\ndetection: {s: {a: b}, condition: s}\n",
    "must have a title": b"logsource: {product: demo}\ndetection: {s: {a: b}, condition: s}\n",
    "deeper than 50": b"title: x\nlogsource: {product: demo}\ndetection: " + b"[" * 5000 + b"]" * 5000 + b"\n",
    "larger than 1 MB": b"title: x\ndetection: " + b"x" * 1_000_001,
    "Unknown modifier": rule("{s: {a|nonsense: b}, condition: s}").encode(),
    "'t' not defined": rule("{s: {a: b}, condition: t}").encode(),
    "doesn't match any detection": rule("{s: {a: b}, condition: 1 of x*}").encode(),
    "placeholder %admins%": rule("{s: {a|expand: '%admins%'}, condition: s}").encode(),
    "Regular expression": rule("{s: {a|re: '(?=x)'}, condition: s}").encode(),
    "longer than 10000": rule("{s: {a: b}, condition: " + "s and " * 2000 + "s}").encode(),
    "Unicode character escape": rule(r'{s: {a: "\ud800"}, condition: s}').encode(),
    "NUL": rule(r'{s: {a: "x\0y"}, condition: s}').encode(),
    "too many nodes": b"title: x\nlogsource: {product: demo}\na: &a [x,x,x,x,x,x,x,x,x,x]\n"
    + b"".join(b"%c: &%c [" % (n, n) + b",".join([b"*%c" % (n - 1)] * 10) + b"]\n" for n in range(98, 108)) + b"detection: {s: {f: *k}, condition: s}\n",
    "no rule": b"action: global\ntitle: x\ndetection: {}\n",
    "refers to a rule 'nobody'": counting().replace("failed", "nobody").replace("02\n", "09\n").encode(),
    "percentile between": b"title: x\ncorrelation: {type: value_percentile, rules: [failed], timespan: 1m, condition: {field: n, gte: 1}}",
    "about what is not seen only": b"title: x\ncorrelation: {type: temporal, timespan: 1m, condition: not failed}",
    "the tag of synthetic records": b"title: x\ncorrelation: {type: event_count, rules: [failed], group-by: [tags], timespan: 1m, condition: {gte: 1}}",
    "several fields at once": b"title: x\ncorrelation: {type: value_count, rules: [failed], timespan: 1m, condition: {field: [a, b], gte: 1}}",
    "refers to itself": b"title: x\nname: x\ncorrelation: {type: event_count, rules: [y], timespan: 1m, condition: {gte: 1}}\n---\n"
    b"title: y\nname: y\ncorrelation: {type: event_count, rules: [x], timespan: 1m, condition: {gte: 1}}",
}  # fmt: skip


@pytest.mark.parametrize("reason", BAD)
def test_what_cannot_run_is_told_with_its_reason_and_the_others_run(tmp_path, reason):
    run = recorder(tmp_path, [login(1)]).run()
    (tmp_path / "good.yml").write_text(FAILED + "---\n" + counting(count=1, more=", generate: true"))
    (tmp_path / "bad.yml").write_bytes(BAD[reason])

    found = Embedded().detect(run, [SigmaDetector()], [tmp_path / "bad.yml", tmp_path / "good.yml"])

    reports = {report.title: report for report in found.rules}
    bad = [report for report in found.rules if report.path.endswith("bad.yml")]
    assert bad
    assert all(report.status != "ran" for report in bad)
    assert any(reason in report.reason for report in bad), bad
    assert all("\n" not in report.reason and len(report.reason) < 500 for report in bad)
    assert (reports["Failed login"].status, reports["Failed login"].hits) == ("ran", 1)
    assert sorted(alert.rule[-1] for alert in found.alerts) == ["1", "2"]


def test_a_missing_file_is_told(tmp_path):
    found = Embedded().detect(recorder(tmp_path, [login(1)]).run(), [SigmaDetector()], [tmp_path / "gone.yml"])

    assert [(report.status, report.reason) for report in found.rules] == [
        ("error", "the file cannot be read: No such file or directory")
    ]


def test_a_folder_stands_for_the_rules_in_it(tmp_path):
    folder = tmp_path / "rules" / "deep"
    folder.mkdir(parents=True)
    (folder / "a.yaml").write_text(FAILED)
    (folder / "b.txt").write_text("no rule")

    found = Embedded().detect(recorder(tmp_path, [login(1)]).run(), [SigmaDetector()], [tmp_path / "rules"])

    assert [report.title for report in found.rules] == ["Failed login"]


def test_a_report_says_what_a_rule_is_about(tmp_path):
    (report,) = detected(tmp_path, [login(1)], FAILED).rules

    assert (report.level, report.techniques, report.streams) == ("low", ("T1110.001",), ("logins",))


def test_the_second_rule_with_an_id_is_refused(tmp_path):
    found = detected(tmp_path, [login(1)], FAILED, FAILED.replace("title: Failed login", "title: Copy"))

    assert [report.status for report in found.rules] == ["ran", "error"]
    assert "is already that of 'Failed login'" in found.rules[1].reason


def test_a_correlation_finds_its_rules_in_other_files_by_name_or_id(tmp_path):
    by_id = counting(count=1).replace("[failed]", "[0c3e5a7e-0000-4000-8000-000000000001]")

    found = detected(tmp_path, [login(1)], by_id, FAILED)

    assert [alert.rule[-1] for alert in found.alerts] == ["2"]


def test_a_correlation_over_a_rule_that_cannot_run_cannot_either(tmp_path):
    broken = FAILED.replace("outcome: failure", "outcome|expand: '%x%'")

    found = detected(tmp_path, [login(1)], broken + "---\n" + counting())

    assert [report.status for report in found.rules] == ["unconvertible", "unconvertible"]
    assert found.rules[1].reason.startswith("it needs 'Failed login', which cannot run: nobody says what")


READERS_OF_THE_TAG = [
    "{s: {tags: synthetic}, condition: s}",
    "{s: {tags|contains: x}, condition: s}",
    "{s: {labels.feint_run|exists: true}, condition: s}",
    "{s: {outcome: failure}, f: {labels.feint_playbook: null}, condition: s and not f}",
    "{k: [feint_run], condition: k}",
    "{k: ['*.feint.test*'], condition: k}",
    "{k: [synthetic], condition: k}",
    "{k: [r1a2b3c4d], condition: k}",
    r"{s: {host|re: '.*\.feint\.test$'}, condition: s}",
    "{s: {outcome|fieldref: labels.feint_run}, condition: s}",
    "{s: {host|endswith: '.r1a2b3c4d.feint.test'}, condition: s}",
]


@pytest.mark.parametrize("detection", READERS_OF_THE_TAG)
@pytest.mark.parametrize("source", ["{product: demo}", "{product: nobody}"])
def test_a_rule_that_reads_the_tag_is_refused_whether_a_stream_answers_it_or_not(tmp_path, detection, source):
    (report,) = detected(tmp_path, [login(1)], rule(detection, source)).rules

    assert report.status == "unconvertible"
    assert "the tag of synthetic records" in report.reason


def test_a_rule_that_no_stream_answers_runs_over_nothing_and_says_so(tmp_path):
    (report,) = detected(tmp_path, [login(1)], rule(source="{product: windows, category: process_creation}")).rules

    assert (report.status, report.hits, report.streams) == ("ran", 0, ())
    assert report.reason == (
        "no stream of this run answers its log source (product windows, category process_creation)"
    )


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("{product: demo}", [1, 2]),
        ("{product: DEMO, category: login}", [1]),
        ("{service: doors}", [2]),
        ("{product: demo, category: login, service: doors}", []),
    ],
)
def test_a_log_source_says_which_records_a_rule_sees(tmp_path, source, lines):
    records = [login(1), login(2, kind="door"), login(3, kind="window")]

    found = detected(tmp_path, records, rule(source=source))

    assert sorted(line for alert in found.alerts for _, line in alert.evidence) == lines


@pytest.mark.parametrize(
    ("detection", "lines"),
    [
        ("{s: {user: ANNA}, condition: s}", [1]),  # the renderer's
        ("{s: {who: b7}, condition: s}", [2]),  # the log source's, before the renderer's
        ("{s: {DataX: y}, condition: s}", [3]),  # by its prefix
        ("{s: {source.ip: 192.0.2.1}, condition: s}", [4]),  # its own
    ],
)
def test_fields_are_found_by_the_names_that_rules_use(tmp_path, detection, lines):
    nobody = {"name": "nobody"}
    records = [
        login(1),
        login(2, kind="door", badge="B7", user=nobody),
        login(3, extra={"X": "Y"}, user=nobody),
        login(4, source={"ip": "192.0.2.1"}, user=nobody),
    ]

    found = detected(tmp_path, records, rule(detection, "{product: demo}"))

    assert sorted(line for alert in found.alerts for _, line in alert.evidence) == lines


def test_values_never_become_sql(tmp_path):
    detection = """{s: {"x'; DROP TABLE records0; --": "'; DROP TABLE records0; --"}, t: {outcome|contains: "'"}, condition: s or t}"""

    found = detected(tmp_path, [login(1), login(2, outcome="o'; x")], rule(detection), FAILED)

    assert [(report.status, report.hits) for report in found.rules] == [("ran", 1), ("ran", 1)]


def test_a_filter_takes_records_out_of_the_rules_that_it_names(tmp_path):
    text = """title: Not the scanner
logsource: {product: demo, category: login}
filter: {rules: [failed], s: {user: scanner}, condition: not s}
"""

    found = detected(tmp_path, [login(1), login(2, user={"name": "Scanner"})], text, FAILED)

    assert [(report.title, report.hits) for report in found.rules] == [("Failed login", 1)]
