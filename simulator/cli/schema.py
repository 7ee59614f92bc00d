"""``feint schema``."""

from __future__ import annotations

import json

import click


@click.command()
@click.argument("what", type=click.Choice(["playbook", "world", "responses", "scorecard"]), default="playbook")
def schema(what: str) -> None:
    """Print the JSON Schema of a file: of playbooks for editors, of the scorecard for programs.

    It knows the systems and effects of the plugins that are installed.

    \b
    Examples:
      feint schema > .vscode/feint.schema.json
      feint schema scorecard
    """
    if what == "scorecard":
        from simulator.scoring.schema import scorecard_schema

        found = scorecard_schema()
    else:
        from simulator.playbook.reading.json_schema import file_schema
        from simulator.plugin_manager import load_plugins

        found = file_schema(what, load_plugins().systems)
    click.echo(json.dumps(found, indent=2, ensure_ascii=False))
