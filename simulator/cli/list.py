"""``feint list``."""

from __future__ import annotations

import json

import click

from simulator.cli.options import as_json


@click.command("list")
@as_json
def list_playbooks(as_json: bool) -> None:
    """List the playbooks that can be played by name.

    \b
    Example:
      feint list
    """
    from simulator.cli.printing import print_table
    from simulator.playbook.catalogue import Catalogue
    from simulator.plugin_manager import load_plugins

    found = Catalogue.of(load_plugins()).playbooks()
    if as_json:
        answer = [
            {"name": each.name, "title": each.title, "kind": each.kind, "techniques": list(each.techniques)}
            for each in found
            if not each.problem
        ]
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        print_table([(each.name, each.kind, each.problem or each.title) for each in found])
