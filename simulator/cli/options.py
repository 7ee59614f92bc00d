"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

as_json = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON, for programs.")

rules_option = click.option(
    "--rules",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Run these rules: files or folders of Sigma rules, alerting rules, routes of alerts. Can be repeated.",
)

run_argument = click.argument("run", type=click.Path(path_type=Path))
