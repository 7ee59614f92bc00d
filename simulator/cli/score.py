"""``feint score``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from simulator.cli.options import as_json, rules_option, run_argument


@click.command()
@run_argument
@rules_option
@as_json
def score(run: Path, rules: tuple[Path, ...], as_json: bool) -> int:
    """Score a recorded RUN again, from its bytes, without playing it.

    Writes alerts, pager log, scorecard and JUnit report of the folder anew. Without --rules
    the rules run that the playbook expects.

    \b
    Examples:
      feint score runs/ssh-brute-force-1 --rules my-rules/
      feint score runs/bad-deploy-1 --rules alerts.yml --rules alertmanager.yml
    """
    from simulator.cli.printing import ending, print_scorecard
    from simulator.plugin_manager import load_plugins
    from simulator.recording.manifest import read_manifest
    from simulator.usecases.judge import judge

    manifest = read_manifest(run)
    if not manifest.is_complete:
        click.echo(f"feint: {run}: this run was interrupted; only what it recorded is scored", err=True)
    for name in manifest.changed_files():
        if name.startswith(("telemetry/", "truth.", "deliveries.", "objectives.")):
            click.echo(f"feint: {run / name}: is not as it was recorded; the score is of what it says now", err=True)
    scorecard = judge(manifest, load_plugins(), rules)
    if as_json:
        from simulator.scoring.document import document

        click.echo(json.dumps(document(scorecard), indent=2, ensure_ascii=False))
    else:
        print_scorecard(scorecard)
    return ending(scorecard, own_rules=not rules)
