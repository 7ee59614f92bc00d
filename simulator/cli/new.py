"""``feint new``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click


@click.command()
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(["attack", "incident"]),
    default="attack",
    show_default=True,
    help="What it plays: somebody breaks in, or services break down.",
)
@click.option("--out", type=click.Path(path_type=Path), help="The file to write; NAME.yaml here when not given.")
def new(name: str, kind: Literal["attack", "incident"], out: Path | None) -> None:
    """Write a commented starter playbook NAME that plays as it is.

    An incident gets a file of Prometheus rules too, in rules/ beside it.

    \b
    Examples:
      feint new my-first && feint play ./my-first.yaml
      feint new my-outage --kind incident
    """
    from simulator.playbook.starter import write_starter

    path, *rules = write_starter(name, kind, out)
    beside = f" and {rules[0]}" if rules else ""
    click.echo(f"Wrote {path}{beside}. Play it with: feint play {path if '/' in str(path) else f'./{path}'}")
