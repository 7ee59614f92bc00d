"""How answers of several commands are printed."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from simulator.scoring.scorecard import Scorecard
    from simulator.usecases.play import Played

_SAID_OF_RULES = 10


def print_played(played: Played, *, as_json: bool, own_rules: bool) -> int:
    """Print what came of a run; return the exit code. ``own_rules`` says that the playbook named them."""
    if as_json:
        from simulator.scoring.document import document

        answer = {
            "run": played.tag.run,
            "folder": str(played.folder),
            "events": played.events,
            "records": played.records,
            "scorecard": document(played.scorecard) if played.scorecard else None,
        }
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        click.echo(
            f"Played {played.events:,} events into {played.records:,} records, all synthetic: run {played.tag.run}."
        )
        if played.scorecard:
            print_scorecard(played.scorecard)
        click.echo(f"\nThe run is in {played.folder}")
    return ending(played.scorecard, own_rules=own_rules) if played.scorecard else 0


def ending(scorecard: Scorecard, *, own_rules: bool) -> int:
    """Say which rules are none; return the exit code: that is bad input where one was named, or where none ran."""
    broken = [rule for rule in scorecard.rules if rule.status == "error"]
    for rule in broken[:_SAID_OF_RULES]:
        click.echo(f"feint: {rule.file}: {rule.title!r} did not run: {rule.reason}", err=True)
    if len(broken) > _SAID_OF_RULES:
        click.echo(f"feint: {len(broken) - _SAID_OF_RULES} more rules did not run; the scorecard says why", err=True)
    none_ran = broken and all(rule.status != "ran" for rule in scorecard.rules)
    named = any(own_rules or rule.expected for rule in broken)
    return scorecard.exit_code or (2 if none_ran or named else 0)


def print_scorecard(scorecard: Scorecard) -> None:
    from simulator.reporting.terminal import scorecard_lines

    color = sys.stdout.isatty()
    width = min(shutil.get_terminal_size((100, 24)).columns, 140)
    click.echo("\n".join(["", *scorecard_lines(scorecard, width, color=color)]), color=color)


def print_table(rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows in columns, as wide as their widest cell; the last may be any length."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))] if rows else []
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
