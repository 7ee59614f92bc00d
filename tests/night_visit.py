"""A small playbook of several products for tests of whole runs, and its rule."""

from __future__ import annotations

from pathlib import Path

NAME = "night-visit"
STREAMS = {
    "firewall.cef": "cef",
    "linux.auditd": "log",
    "linux.auth_log": "log",
    "nginx.access": "log",
    "windows.security": "ndjson",
    "windows.sysmon": "ndjson",
    "zeek.conn": "ndjson",
    "zeek_tsv.conn": "tsv",
}
SKEWED = {"linux.auth_log", "linux.auditd", "windows.security", "windows.sysmon"}

PLAYBOOK = """\
name: night-visit
title: Somebody comes by night
kind: attack
start: 2026-03-02T22:00:00Z
duration: 1h
parameters:
  attempts: {type: integer, default: 60, min: 1, max: 5000, help: guesses}
  rate: {type: rate, default: 3600/h, min: 1/h, max: 1000000/h, help: requests}
world:
  name: night
  domain: night.example
  networks: {lan: 10.4.0.0/24}
  hosts:
    - {name: "web{n}", count: 2, os: linux, roles: [web], network: lan}
    - {name: "desk{n}", count: 3, os: windows, roles: [workstation], network: lan}
  users:
    - {name: ann}
    - {name: bob}
    - {name: root}
  outsiders:
    - {name: "visitor-{n}", count: 40, country: NL}
  witnesses:
    - {renderer: linux.auth_log, hosts: {os: linux}, delay: {p50: 2s, p99: 30s}, skew: 5ms}
    - {renderer: linux.auditd, hosts: {os: linux}, delay: {p50: 2s, p99: 30s}, skew: 5ms}
    - {renderer: windows.security, hosts: {os: windows}, delay: {p50: 3s, p99: 40s}, skew: 20ms}
    - {renderer: windows.sysmon, hosts: {os: windows}, delay: {p50: 3s, p99: 40s}, skew: 20ms}
    - {renderer: nginx.access, hosts: {role: web}, delay: {p50: 2s, p99: 30s}}
    - {renderer: zeek.conn, delay: {p50: 1s, p99: 5s}}
    - {renderer: zeek_tsv.conn, delay: {p50: 1s, p99: 5s}}
    - {renderer: firewall.cef, delay: {p50: 100ms, p99: 1s}}
cast:
  attacker: {outsider: {}}
  target: {host: {role: web}}
background:
  - event: http.request
    arrivals: {poisson: {rate: $rate}}
    with:
      host: {pick: {hosts: {role: web}}}
      source: {pick: {outsiders: {}, exponent: 1.0}}
      path: {zipf: [/, /basket, /search]}
  - event: process.started
    arrivals: {poisson: {rate: 400/h}}
    with:
      host: {pick: {hosts: {os: windows}}}
      user: {pick: {users: {}}}
      image: {zipf: ['C:\\\\Windows\\\\explorer.exe', 'C:\\\\Windows\\\\System32\\\\cmd.exe']}
    then:
      - {event: process.ended, after: {lognormal: {p50: 20s, p99: 5m}}, with: {image: $parent.image}}
  - event: logon.succeeded
    arrivals: {poisson: {rate: 200/h}}
    with: {host: {pick: {hosts: {os: windows}}}, user: {pick: {users: {}}}}
storyline:
  - step: guess
    title: Guess passwords
    technique: T1110.001
    at: +20m
    emissions:
      - event: ssh.login_failed
        arrivals: {burst: {count: $attempts, over: 10m}}
        with: {host: $target, source: $attacker, user: {zipf: [root, admin, oracle]}}
        until: {block: $attacker}
decoys:
  - decoy: forgetful
    title: Somebody mistypes a password
    because: it is their own
    at: +45m
    emissions:
      - event: ssh.login_failed
        arrivals: {burst: {count: 3, over: 1m}}
        with: {host: $target, source: {pick: {hosts: {role: workstation}}}, user: ann}
expectations:
  - {rule: many-failures, steps: [guess], within: 15m}
responses:
  block: {what: attacker, title: Block the address}
"""

RULE = """\
title: A failed SSH login
name: failed_login
id: 0b8f6c9e-4f0e-4d7b-9a55-2f3f1a7d0001
status: test
logsource: {product: linux, service: sshd}
detection:
  keywords: ['Failed password']
  condition: keywords
---
title: Many failed SSH logins
id: 0b8f6c9e-4f0e-4d7b-9a55-2f3f1a7d0002
correlation:
  type: event_count
  rules: [failed_login]
  group-by: [hostname]
  timespan: 10m
  condition: {gte: 20}
"""


def written_to(folder: Path, text: str = PLAYBOOK, name: str = NAME) -> Path:
    """Write the playbook, with something about it changed perhaps, and its rule beside it; return its file."""
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "rules" / "many-failures.yml").write_text(RULE, encoding="utf-8")
    path = folder / f"{name}.yaml"
    path.write_text(text.replace(f"name: {NAME}", f"name: {name}", 1), encoding="utf-8")
    return path


def changed(old: str, new: str) -> str:
    """Return the playbook's text with one thing about it changed."""
    assert PLAYBOOK.count(old) == 1, old
    return PLAYBOOK.replace(old, new)
