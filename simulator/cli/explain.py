"""``feint explain``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from simulator.cli.options import as_json, rules_option, run_argument


@click.command()
@run_argument
@click.argument("rule")
@rules_option
@as_json
def explain(run: Path, rule: str, rules: tuple[Path, ...], as_json: bool) -> None:
    """Say why RULE fired or not over a recorded RUN.

    RULE is a rule's id, title or file name: one of those that the playbook expects, or of --rules.

    \b
    Example:
      feint explain runs/ssh-brute-force-1 ssh-brute-force
    """
    from simulator.plugin_manager import load_plugins
    from simulator.recording.manifest import read_manifest
    from simulator.usecases import judge

    explanation = judge.explain(read_manifest(run), load_plugins(), rule, rules)
    if as_json:
        click.echo(json.dumps(dict(explanation.facts), indent=2, ensure_ascii=False, default=str))
    else:
        click.echo("\n".join(explanation.lines))
