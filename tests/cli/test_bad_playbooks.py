"""Whatever is wrong with a playbook: one sentence with its place, exit code 2, and nothing left behind."""

from __future__ import annotations

import re

import pytest

from tests.night_visit import NAME, PLAYBOOK, changed, written_to

PATH = "path: {zipf: [/, /basket, /search]}"
AUTH_LOG = "renderer: linux.auth_log"


def left_behind(here):
    return sorted(path.name for path in here.iterdir()) != [f"{NAME}.yaml", "rules"]


WRONG = {
    "renderer": (AUTH_LOG, "renderer: linux.authlog", "no renderer is called 'linux.authlog'; did you mean"),
    "event-type": ("event: process.ended", "event: proces.ended", "did you mean 'process.ended'?"),
    "parameter": ("count: $attempts", "count: $atempts", "did you mean 'attempts'?"),
    "cast": ("source: $attacker", "source: $attaker", "did you mean 'attacker'?"),
    "range": ("default: 60", "default: 0", "0 is out of range; it goes from 1 to 5000"),
    "step-cycle": ("    at: +20m\n", "    after: {step: guess}\n", "'guess' waits for 'guess', which waits for it"),
    "rule": ("rule: many-failures", "rule: many-failure", "did you mean 'many-failures'?"),
    "broken-template": (PATH, "path: '/a/{{ method '", "this template does not compile"),
    "undefined-variable": (PATH, "path: '/a/{{ methd }}'", "nothing is called 'methd' here; did you mean 'method'?"),
    "impure-template": (PATH, "path: '{{ [1, 2]|random }}'", "would give another answer at each call"),
    "including-template": (PATH, "path: \"{% include '/etc/passwd' %}\"", "it reads no other"),
    "escape-by-class": (PATH, "path: \"{{ ''.__class__.__mro__ }}\"", "out of reach of a template"),
    "escape-by-globals": (PATH, "path: '{{ cycler.__init__.__globals__ }}'", "out of reach of a template"),
    "escape-by-item": (PATH, "path: \"{{ host['__class__'] }}\"", "out of reach of a template"),
    "escape-by-filter": (PATH, "path: \"{{ method|attr('__class__') }}\"", "out of reach of a template"),
    "tab": ("  - event: http.request\n", "\t- event: http.request\n", "tab"),
    "duplicate": ("duration: 1h\n", "duration: 1h\nduration: 2h\n", "a second time"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_named_with_its_place_and_nothing_is_left_behind(feint, here, old, new, said):
    written_to(here, changed(old, new))

    complaint = feint("play", f"./{NAME}.yaml", "--out", "run").complaint(2)

    assert re.match(rf"{NAME}\.yaml:\d+:\d+: ", complaint)
    assert said in complaint
    assert not left_behind(here)


@pytest.mark.parametrize(("old", "new", "said"), WRONG.values(), ids=WRONG)
def test_check_says_the_same_of_it(feint, here, old, new, said):
    written_to(here, changed(old, new))

    ended = feint("check", f"{NAME}.yaml")

    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_several_mistakes_are_all_named_one_a_line(feint, here):
    written_to(here, changed(PATH, "pth: /").replace("count: $attempts", "count: $atempts"))

    ended = feint("play", f"./{NAME}.yaml", "--out", "run")

    assert (ended.code, ended.out) == (2, "")
    assert len(ended.err.splitlines()) == 3
    assert all(re.match(rf"{NAME}\.yaml:\d+:\d+: ", line) for line in ended.err.splitlines())
    assert not left_behind(here)


@pytest.mark.parametrize(
    "template", ["{{ 'x' * 999999999999 }}", "{{ '{0.__class__}'.format(method) }}"], ids=["too-much", "format-escape"]
)
def test_a_template_that_goes_wrong_only_while_playing_is_named_and_the_run_discarded(feint, here, template):
    written_to(here, changed(PATH, f'path: "{template}"'))

    complaint = feint("play", f"./{NAME}.yaml", "--out", "run").complaint(2)

    assert complaint.startswith("background/http.request: path: ")
    assert template in complaint
    assert not left_behind(here)


def test_a_playbook_that_is_not_utf_8_is_refused_with_the_byte(feint, here):
    (here / f"{NAME}.yaml").write_bytes(PLAYBOOK.replace("comes by", "kömmt bei").encode("latin-1"))

    complaint = feint("play", f"./{NAME}.yaml").complaint(2)

    assert complaint == f"{NAME}.yaml:2:18: byte 0xf6 is not UTF-8; save the file as UTF-8"
    assert not left_behind(here)


@pytest.mark.parametrize("contents", ["", "- a\n- list\n", "just text\n", "{", "a: &b [*b]\n"])
def test_what_is_no_playbook_at_all_is_refused(feint, here, contents):
    (here / f"{NAME}.yaml").write_text(contents)

    ended = feint("play", f"./{NAME}.yaml")

    assert ended.code == 2
    assert re.match(rf"(feint: )?{NAME}\.yaml:[12]:\d+: ", ended.err)
    assert not left_behind(here)


def test_an_unknown_playbook_is_refused_with_a_suggestion(feint):
    said = feint("play", "ssh-brute-forc").complaint(2)

    assert said == "no playbook is called 'ssh-brute-forc'; did you mean 'ssh-brute-force'?"


@pytest.mark.parametrize(("name", "said"), [("missing.yaml", "no such file"), ("folder.yaml", "is a folder")])
@pytest.mark.parametrize("command", ["play", "show"])
def test_a_playbook_that_is_no_file_is_refused(feint, here, command, name, said):
    (here / "folder.yaml").mkdir()

    assert said in feint(command, f"./{name}").complaint(2)


def test_a_playbook_that_may_not_be_read_is_refused(feint, here, unreadable):
    unreadable(here / f"{NAME}.yaml")

    assert "cannot be read" in feint("play", f"./{NAME}.yaml").complaint(2)


def test_an_expected_rule_that_may_not_be_read_is_refused_before_anything_is_played(feint, here, unreadable):
    unreadable(here / "rules" / "many-failures.yml")

    ended = feint("play", f"./{NAME}.yaml", "--out", "run")

    assert ended.code == 2
    assert "Playing" not in ended.err
    assert not left_behind(here)
