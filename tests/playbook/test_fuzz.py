"""Whatever a file holds: a playbook, or complaints. Never another exception, never without end."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from simulator.errors import UsageError
from simulator.playbook.loader import Playbook, load_playbook
from simulator.playbook.planning.casting import cast_playbook
from simulator.playbook.starter import starter

fuzzed = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
STARTER = starter("trial").encode()
LINES = STARTER.splitlines(keepends=True)
ODD = (
    " on¦- ¦? ¦: ¦&a ¦*a¦<<: ¦!!str ¦{¦}¦[¦]¦|¦>¦'¦\"¦# ¦0¦-1¦1e999¦0123¦12:30:45¦.nan¦"
    "99999999999999999999¦$attacker¦$attacker.ip¦$parent.user¦$nobody¦$$x¦{{ user.name }}¦"
    "{% for x in y %}¦{{ 1/0 }}¦10%¦5m¦3/s¦400d¦null¦true¦{choice: {a: 1}}¦{same: user}¦"
    "{pick: {users: {}}}¦once¦{zipf: []}¦{steps: [{at: 1m, rate: 1/s}]}¦{burst: 1000000000}"
)
ODDITIES = [
    *ODD.encode().split("¦".encode()),
    b"",
    b"\t",
    b"\0",
    b"---\n",
    b"...\n",
    b"\xff",
    b"\xe2\x80\xa8",
    b"a" * 3000,
]


@st.composite
def mutilated(draw: st.DrawFn) -> bytes:
    """A playbook that plays, with some of it cut out, doubled, moved or replaced."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        kind = draw(st.sampled_from(["drop", "double", "move", "indent", "insert", "value", "cut"]))
        line = lines[at]
        if kind == "drop":
            lines[at] = b""
        elif kind == "double":
            lines.insert(at, line)
        elif kind == "move":
            lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
        elif kind == "indent":
            lines[at] = b" " * draw(st.integers(0, 9)) + line.lstrip()
        elif kind == "value":
            key, colon, _ = line.partition(b":")
            lines[at] = key + colon + b" " + draw(st.sampled_from(ODDITIES)) + b"\n"
        else:
            place = draw(st.integers(0, len(line)))
            rest = line[place:] if kind == "insert" else b""
            lines[at] = line[:place] + draw(st.sampled_from(ODDITIES)) + rest
    return b"".join(lines)


@pytest.fixture
def outcome(tmp_path: Path, plugins):
    path = tmp_path / "trial.yaml"

    def outcome(written: bytes) -> Playbook | str:
        path.write_bytes(written)
        try:
            playbook = load_playbook(path, plugins)
            assert cast_playbook(playbook, 1).plan.emissions() is not None
        except UsageError as error:
            return str(error)
        return playbook

    return outcome


def test_the_unharmed_playbook_is_one(outcome):
    assert isinstance(outcome(STARTER), Playbook)


@fuzzed
@given(st.binary(max_size=400))
@example(b"a: &a [*a]")
@example(b"? ? ? ? ? ?")
@example(b"%YAML 9.9\n---\n")
def test_any_bytes_are_refused_in_sentences(outcome, written):
    said = outcome(written)

    assert isinstance(said, str)
    assert all(line.count(":") >= 3 for line in said.splitlines()[:1])


@fuzzed
@given(st.text(st.sampled_from("-?:,[]{}#&*!|>'\"%@` \nabon0123.~$\\"), max_size=300))
def test_any_mark_soup_is_refused_in_sentences(outcome, text):
    assert isinstance(outcome(text.encode()), str)


@fuzzed
@given(mutilated())
def test_a_mutilated_playbook_is_one_or_is_refused_in_sentences(outcome, written):
    said = outcome(written)

    assert isinstance(said, Playbook) or said


@pytest.mark.parametrize(
    "written",
    [
        b"[" * 900_000,
        b"{a: " * 200_000,
        b"- " * 400_000,
        b"a: " + b"x" * 990_000,
        b"a:\n" + b"  - b\n" * 160_000,
        b"".join(b"k%d: 1\n" % number for number in range(90_000)),
        b"a: [" + b"x, " * 300_000 + b"]",
        b"a: " + b"'" * 900_000,
        STARTER + b"#" * 900_000,
        STARTER.replace(
            b"world: small-office",
            b"world: {use: small-office, hosts: ["
            + b"{name: 'h{n}', os: x, count: 20000, network: clients}, " * 9000
            + b"]}",
        ),
        STARTER.replace(b"at: +30m", b"at: +" + b"9" * 5000 + b"m"),
        STARTER.replace(b"T1110.001", b"[" + b"T1110, " * 100_000 + b"]"),
        STARTER.replace(b"name: trial", b"name: " + b"$" * 500_000),
        STARTER.replace(b"{zipf: [root, admin, test, oracle, ubuntu]}", b"'" + b"{{ user }}" * 50_000 + b"'"),
    ],
    ids=range(14),
)
def test_huge_input_is_done_with_soon(outcome, written):
    outcome(written)
