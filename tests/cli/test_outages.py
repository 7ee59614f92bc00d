"""What the command line says of outages and responses: before they are played, and after."""

from __future__ import annotations

import json

import pytest

OUTAGE = """\
name: shop
title: The checkout fails for a while
kind: incident
start: 2026-03-02T07:00:00Z
duration: 30m
world:
  domain: trial.example
  networks: {lan: 10.9.0.0/24}
  hosts: [{name: web1, os: linux, roles: [web]}]
  outsiders: [{name: "stranger-{n}", count: 5, country: NL}]
  witnesses: [{renderer: nginx.access, hosts: {role: web}}]
cast: {crowd: {outsider: {names: [stranger-2]}}}
background:
  - event: http.request
    arrivals: {poisson: 2/s}
    with: {host: web1, source: stranger-1, path: /checkout, status: 200}
storyline:
  - step: breakage
    title: Checkouts fail
    at: +10m
    for: 10m
    emissions:
      - event: http.request
        arrivals: {poisson: 1/s}
        with: {host: web1, source: $crowd, path: /checkout, status: 503}
        until: {turn_away: $crowd}
objectives:
  - objective: checkout
    title: People can check out
    of: {event: http.request, when: {path: /checkout}}
    good: {when: {status: 200}}
    target: 99%
    expect: violated
responses:
  turn_away: {what: crowd, title: Send the crowd elsewhere}
"""
RESPONSES = "responses: [{at: +14m, do: turn_away, what: crowd}, {at: +9h, do: turn_away, what: crowd}]\n"


@pytest.fixture
def shop(here):
    (here / "shop.yaml").write_text(OUTAGE)
    (here / "responses.yaml").write_text(RESPONSES)
    return here


def test_show_lists_objectives_and_what_responders_can_do(feint, shop):
    shown = feint("show", "./shop.yaml")

    assert shown.code == 0
    assert "Objectives\n  checkout  People can check out  99% good in any 5m" in shown.out
    assert "Responses\n  turn_away  Send the crowd elsewhere  (crowd)" in shown.out
    told = json.loads(feint("show", "./shop.yaml", "--json").out)
    assert told["objectives"][0]["target"] == 0.99
    assert told["responses"] == [{"response": "turn_away", "title": "Send the crowd elsewhere", "what": ["crowd"]}]


def test_the_score_says_what_responders_did_in_the_run_and_when(feint, shop):
    played = feint("play", "./shop.yaml", "--responses", "responses.yaml", "--out", "run")

    assert "✓ met: shop: 1 of 1 expectations met" in played.out
    assert "Responses given\n  +14m turn_away: crowd" in played.out
    assert "+9h" not in played.out
    scorecard = json.loads((shop / "run" / "scorecard.json").read_text())
    assert scorecard["responses"] == [{"at": "2026-03-02T07:14:00.000Z", "do": "turn_away", "what": "crowd"}]
    assert feint("score", "run").out.strip() in played.out


def test_counts_that_were_changed_are_said(feint, shop):
    feint("play", "./shop.yaml", "--out", "run")
    (shop / "run" / "objectives.parquet").write_bytes(b"")

    scored = feint("score", "run")

    assert scored.code == 2
    assert "objectives.parquet: is not as it was recorded" in scored.err
    assert "objectives.parquet: cannot be read (" in scored.err
