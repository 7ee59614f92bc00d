"""The starter of an incident, and the rule that notices it."""

INCIDENT = """\
# A playbook: what happens, to whom and when. Check it with `feint check NAME.yaml`, play it with
# `feint play ./NAME.yaml`. Everything that can be written here is in playbooks/README.md.
name: NAME
title: The checkout gets slow
kind: incident                    # or attack
description: |
  What happens here, and how you know that it looks like this in reality.

# Time in the playbook, never the wall clock's. The same seed gives the same bytes, whenever it is played.
start: 2026-03-02T09:00:00Z
duration: 40m

# Values that `feint play --set slower=4` can change. `$slower` stands for one.
parameters:
  slower: {type: number, default: 40, min: 1, max: 1000, help: how many times as long the checkout takes}

# What is there, and what watches it: a shipped world such as marketplace, a file, or written out here.
world:
  domain: shop.example
  networks: {pods: 10.1.0.0/24}
  outsiders: [{name: "visitor-{n}", count: 40, roles: [client]}]
  witnesses:                      # `feint plugins` lists renderers
    - {renderer: prometheus.metrics, every: 30s, delay: {p50: 50ms, p99: 500ms}}
    - {renderer: otlp.traces, delay: {p50: 1s, p99: 5s}}
  systems:
    services:                     # who calls whom; the instances are the world's machines
      services:
        frontend:
          routes:
            GET /: {p50: 8ms}     # its own work: half of the requests are faster
            POST /checkout:
              p50: 10ms
              calls: [{call: checkout POST /orders, timeout: 3s, retries: 1}]
        checkout:
          instances: 3
          routes:
            POST /orders: {p50: 20ms, p99: 90ms, calls: [orders-db INSERT orders]}
        orders-db: {kind: database, system: postgresql}
      traffic:                    # from outside
        - {to: frontend GET /, arrivals: {poisson: 1.5/s}}
        - {to: frontend POST /checkout, arrivals: {poisson: 1/s}}

# What people are promised. The outage has its impact when less than the target was good in any such window.
objectives:
  - objective: checkout
    title: People can check out
    of: {event: service.request, when: {service: frontend, route: /checkout}}
    good: {when: {failed: 0}, faster: 800ms}
    target: 99%
    window: 5m
    expect: violated              # the verdict depends on it; or kept

# What goes wrong, step by step. Nobody writes the symptoms: who waits for the checkout follows from the graph.
storyline:
  - step: slow
    title: The checkout takes many times as long
    at: +12m
    jitter: 3m                    # begins up to so much later, by the seed
    for: 20m
    effects:
      - effect: latency           # `feint plugins` lists effects
        with: {service: checkout, factor: $slower}
        ramp: 2m                  # grows to its full strength in this time
        until: {roll_back: checkout}      # over when a responder rolls it back

# Harmless things that look like it. A rule that pages about one was fooled.
decoys:
  - decoy: campaign
    title: A newsletter brings visitors
    because: the services bear twice the load without delay
    at: +4m
    for: 5m
    effects:
      - {effect: traffic, with: {factor: 2}, ramp: 1m}

# What should be noticed, and by when: rules by file name or by the alert's name, here from rules/NAME.yml.
expectations:
  - {rule: NAME, steps: [slow], within: 10m}

# What a responder can do. `feint play --responses FILE` says when, in a file with
# responses: [{at: +25m, do: roll_back, what: checkout}]
responses:
  roll_back: {what: checkout, title: Roll the checkout back to the version before}
"""

RULES = """\
# Alerting rules of Prometheus, as a real one reads them: `promtool check rules NAME.yml`.
groups:
  - name: NAME
    interval: 30s
    rules:
      - alert: CheckoutSlow
        expr: |
          histogram_quantile(0.9, sum by (job, le) (
            rate(http_server_request_duration_seconds_bucket{job="checkout"}[5m]))) > 0.5
        for: 1m
        labels: {severity: page}
        annotations:
          summary: 'One in ten requests to {{ $labels.job }} takes {{ $value | humanizeDuration }} or more'
"""
