"""``feint plugins``."""

from __future__ import annotations

import json

import click

from simulator.cli.options import as_json


@click.command()
@as_json
def plugins(as_json: bool) -> None:
    """Show which plugins are installed and what each adds.

    \b
    Example:
      feint plugins
    """
    from simulator.plugin_manager import load_plugins

    loaded = load_plugins()
    additions, versions = loaded.additions(), loaded.versions()
    if as_json:
        answer = [{"name": name, "version": versions[name], **kinds} for name, kinds in additions.items()]
        click.echo(json.dumps(answer, indent=2))
        return
    for name, kinds in additions.items():
        click.echo(f"{name} ({versions[name]})")
        for kind, names in kinds.items():
            if names:
                click.echo(f"  {kind.replace('_', ' ')}: {', '.join(names)}")
