"""Read expressions."""

from __future__ import annotations

from simulator_prometheus.promql.nodes import Expression


def parsed(text: str) -> Expression:
    """Read an expression; PromQLError says in a sentence what is wrong with it or not evaluated here."""
    raise NotImplementedError
