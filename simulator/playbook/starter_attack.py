"""The starter of an attack."""

ATTACK = """\
# A playbook: what happens, to whom and when. Check it with `feint check NAME.yaml`, play it with
# `feint play ./NAME.yaml`. Everything that can be written here is in playbooks/README.md.
name: NAME
title: A stranger guesses a password
kind: attack                      # or incident
description: |
  What happens here, and how you know that it looks like this in reality.

# Time in the playbook, never the wall clock's. The same seed gives the same bytes, whenever it is played.
start: 2026-03-02T07:00:00Z
duration: 2h

# Values that `feint play --set attempts=500` can change. `$attempts` stands for one.
parameters:
  attempts: {type: integer, default: 60, min: 1, max: 100000, help: guesses before the stranger gives up}

# Machines, people, and the products that watch them: a shipped world, a file, or written out here.
world: small-office

# Who plays which part, drawn from the world by the seed. `$attacker` stands for one, `$attacker.ip` for its address.
cast:
  attacker: {outsider: {role: hosting}}
  target: {host: {role: bastion}}

# Everyday life, on top of the world's own: an alert on any of this is a false alarm.
background:
  - event: ssh.login_succeeded
    arrivals: {profile: {rate: 30/h, shape: office}}
    with:
      host: {pick: {hosts: {role: server, os: linux}}}
      source: {pick: {hosts: {role: workstation}}}
      user: {pick: {users: {role: developer}, exponent: 0.8}}
    then:                         # what follows from some of the logins
      - event: ssh.session_closed
        after: {lognormal: {p50: 12m, p99: 2h}}
        probability: 90%

# The attack, step by step.
storyline:
  - step: guess
    title: Guess passwords
    technique: T1110.001
    at: +30m
    jitter: 15m                   # begins up to so much later, by the seed
    emissions:
      - event: ssh.login_failed
        arrivals: {burst: {count: $attempts, over: 10m}}
        with:
          host: $target
          source: $attacker
          user: {zipf: [root, admin, test, oracle, ubuntu]}
        until: {block: $attacker} # nothing more once a responder blocks the attacker

# Harmless things that look like the attack.
decoys:
  - decoy: forgotten-password
    title: Somebody comes back from a holiday and has forgotten the password
    because: it is an employee at their own machine, and soon they get it right
    at: +1h
    emissions:
      - event: ssh.login_failed
        arrivals: {burst: {count: 3, over: 1m}}
        with:
          host: $target
          source: {pick: {hosts: {role: workstation}}}
          user: anna.keller

# What should be noticed, and by when: rules by file name, id or title, from playbooks/rules or ./rules.
expectations:
  - {rule: ssh-brute-force, steps: [guess], within: 15m}

# What a responder can do. `feint play --responses FILE` says when: responses: [{at: +40m, do: block, what: attacker}]
responses:
  block: {what: attacker, title: Block the address at the firewall}
"""
