from __future__ import annotations

import pytest

from simulator.errors import PlaybookError
from simulator.playbook.planning.casting import cast_playbook
from simulator.playbook.planning.responses import load_responses
from simulator.quantities import SECOND
from simulator.timeline.engine import Timeline

TEXT = """\
cast: {attacker: {outsider: {}}, other: {outsider: {}}}
storyline:
  - step: one
    title: One
    at: +10m
    emissions:
      - event: ssh.login_failed
        arrivals: {burst: {count: 200, over: 20m}}
        with: {host: web1, source: $attacker, user: ann}
        until: {block: $attacker}
        then:
          - {event: ssh.disconnected, after: {uniform: {min: 1s, max: 5m}}}
responses:
  block: {what: [attacker, other], title: Block the address}
"""


@pytest.fixture
def given(tmp_path):
    def given(text: str):
        path = tmp_path / "responses.yaml"
        path.write_text(text)
        return load_responses(path)

    return given


def events(casting) -> dict[str, list[int]]:
    timeline = Timeline(casting.plan)
    found: dict[str, list[int]] = {}
    for window in timeline.windows():
        for batch in window.batches:
            found.setdefault(timeline.emissions[batch.emission].path, []).extend(batch.times.tolist())
    return found


@pytest.mark.parametrize("what", ["attacker", "$attacker", "attacker.ip", "ADDRESS"])
def test_a_response_ends_the_emission_and_what_follows_from_it(load, given, what):
    playbook = load(TEXT)
    whole = cast_playbook(playbook, 5)
    what = whole.cast["attacker"].ip if what == "ADDRESS" else what
    responses = given(f"responses: [{{at: +25m, do: block, what: {what}}}, {{at: +22m, do: block, what: {what}}}]")

    cut = whole.plan.span.start + 22 * 60 * SECOND
    before = {path: [time for time in times if time < cut] for path, times in events(whole).items()}

    assert events(cast_playbook(playbook, 5, None, responses)) == before


def test_a_response_to_somebody_else_changes_nothing(load, given):
    playbook = load(TEXT)
    responses = given("responses: [{at: +1m, do: block, what: other}]")

    assert events(cast_playbook(playbook, 5, None, responses)) == events(cast_playbook(playbook, 5))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "responses: [{at: 1m, do: blok, what: attacker}]",
            "the playbook answers to no response 'blok'; did you mean 'block'?",
        ),
        ("responses: [{at: 1m, do: block, what: 10.0.0.1}]", "'block' cannot be done to '10.0.0.1'; it can be done to"),
        ("responses: [{at: 1, do: block, what: attacker}]", "expected a duration"),
        ("responses: [{do: block, what: attacker}]", "a response needs 'at': from the start: +12m"),
        ("response: []", "a file of responses has no 'response'; did you mean 'responses'?"),
        ("- 1", "expected a file of responses as a mapping of responses, not a list"),
    ],
)
def test_a_response_that_the_playbook_does_not_know_is_refused(load, given, text, said):
    with pytest.raises(PlaybookError) as raised:
        cast_playbook(load(TEXT), 1, None, given(text))
    assert said in str(raised.value)
    assert "responses.yaml:1:" in str(raised.value)
