"""What commands answer: one JSON value for programs, help with an example, our own log when it is asked for."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from simulator.cli import feint as group
from simulator.logs import PHRASES
from tests.night_visit import NAME

FILE = f"./{NAME}.yaml"
COMMANDS = sorted(group.commands)


def answer(ended):
    """Return the one JSON value on standard output; nothing may stand on standard error beside it."""
    assert ended.err == ""
    return json.loads(ended.out)


def schema_of(feint, what):
    return json.loads(feint("schema", what).out)


def test_list_names_title_kind_and_techniques_of_every_playbook(feint):
    found = answer(feint("list", "--json"))

    assert "ssh-brute-force" in [each["name"] for each in found]
    for each in found:
        assert {"name", "title", "kind", "techniques"} <= set(each)
        assert each["kind"] in ("attack", "incident")
        assert isinstance(each["techniques"], list)


def test_play_tells_where_the_run_is_and_its_scorecard(feint, here):
    told = answer(feint("play", FILE, "--out", "run", "--json"))

    assert {"run", "folder", "events", "records", "scorecard"} <= set(told)
    assert told["folder"] == "run"
    assert told["scorecard"] == json.loads((here / "run" / "scorecard.json").read_text())


def test_play_without_a_score_has_none(feint):
    assert answer(feint("play", FILE, "--out", "run", "--json", "--no-score"))["scorecard"] is None


def test_the_scorecard_is_what_its_schema_says(feint, run):
    written = json.loads((run / "scorecard.json").read_text())
    schema = schema_of(feint, "scorecard")

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(written, schema, jsonschema.Draft202012Validator)
    assert {"verdict", "rules", "steps", "decoys", "expectations", "unmeasured"} <= set(written)
    for rule in written["rules"]:
        assert {"id", "title", "status", "reason", "hits", "alert_groups"} <= set(rule)
        assert rule["status"] in ("ran", "unconvertible", "error")


def test_score_prints_the_scorecard_that_it_writes(feint, run):
    told = answer(feint("score", run, "--json"))

    assert told == json.loads((run / "scorecard.json").read_text())


def test_explain_show_check_and_plugins_answer_in_json(feint, run):
    assert answer(feint("explain", run, "many-failures", "--json"))["status"] == "ran"
    assert {"name", "title", "steps", "decoys", "parameters", "expectations"} <= set(
        answer(feint("show", FILE, "--json"))
    )
    assert [each["file"] for each in answer(feint("check", FILE, "--json"))] == [f"{NAME}.yaml"]
    assert {"web", "sigma", "sandbox"} <= {each["name"] for each in answer(feint("plugins", "--json"))}


def test_check_answers_in_json_what_is_wrong(feint, here):
    (here / f"{NAME}.yaml").write_text("name: other\n")

    ended = feint("check", FILE, "--json")

    assert (ended.code, ended.err) == (2, "")
    assert json.loads(ended.out)[0]["complaints"][0].startswith(f"{NAME}.yaml:1:1: ")


@pytest.mark.parametrize("what", ["playbook", "world", "responses", "scorecard"])
def test_schemas_are_json_schemas(feint, what):
    jsonschema.Draft202012Validator.check_schema(schema_of(feint, what))


def test_play_to_standard_output_prints_records_and_nothing_else(feint):
    ended = feint("play", FILE, "--out", "-", "--only", "zeek.conn", "--only", "windows.sysmon")

    assert (ended.code, ended.err) == (0, "")
    records = [json.loads(line) for line in ended.out.splitlines()]
    assert len(records) > 4000


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_shows_an_example(feint, command):
    told = feint(command, "--help").out

    assert re.search(r"Examples?:\n\s+feint " + command, told), told
    assert all(len(line) <= 100 for line in told.splitlines())


@pytest.mark.parametrize("command", [*COMMANDS, ""])
def test_help_imports_nothing_heavy(command):
    code = (
        "import sys\n"
        "from simulator.cli import main\n"
        f"sys.argv = ['feint', *{command.split()!r}, '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = 'numpy jinja2 duckdb pyarrow sigma yaml structlog numba pluggy'.split()\n"
        "print([each for each in heavy if each in sys.modules], file=sys.stderr)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ended.stderr == "[]\n"


def test_without_a_command_the_help_is_shown(feint):
    ended = feint()

    assert (ended.code, ended.err) == (0, "")
    assert ended.out == feint("--help").out


def test_the_log_says_fixed_phrases_with_named_facts_on_standard_error(feint_process):
    ended = feint_process("--log-level", "debug", "--log-format", "json", "play", FILE, "--out", "run", "--json")
    said = [json.loads(line) for line in ended.err.splitlines()]

    assert [each["event"] for each in said if each["event"] != "stream opened"] == [
        "run started",
        "run recorded",
        "rules run",
        "run finished",
    ]
    for each in said:
        assert set(each) == {*PHRASES[each["event"]][1], "event", "level", "timestamp"}
    json.loads(ended.out)


def test_the_log_of_a_level_leaves_out_what_is_below_it(feint_process):
    ended = feint_process("--log-level", "info", "play", FILE, "--out", "run", "--json", "--no-score")

    assert "run started" in ended.err
    assert "stream opened" not in ended.err


def test_no_log_line_becomes_part_of_a_run(feint_process, run, here):
    feint_process("--log-level", "debug", "play", FILE, "--out", "logged")

    for path in filter(Path.is_file, run.rglob("*")):
        assert (here / "logged" / path.relative_to(run)).read_bytes() == path.read_bytes()
