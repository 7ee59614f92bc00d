"""``feint --telemetry``."""

from __future__ import annotations

import click


def measured(context: click.Context, target: str) -> None:
    """Measure Feint itself until the command has ended, and say at its end if that could not be sent."""
    from simulator import __version__
    from simulator.instruments import switch_off, switch_on

    def end() -> None:
        complaint = switch_off()
        if complaint:
            click.echo(f"feint: {complaint}", err=True)

    switch_on(target, __version__)
    context.call_on_close(end)
