"""How answers of several commands are printed."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from simulator.run import Played
    from simulator.scoring.scorecard import Scorecard


def print_played(played: Played, *, as_json: bool) -> int:
    """Print what came of a run; return the exit code."""
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
    return played.scorecard.exit_code if played.scorecard else 0


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


def shown_path(path: Path) -> str:
    """Return a path as short as it can be said from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
