"""``feint check``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from simulator.cli.options import as_json


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--templates", is_flag=True, help="Also name what is slow in the templates.")
@as_json
def check(files: tuple[Path, ...], templates: bool, as_json: bool) -> int:
    """Check playbook FILES: everything that can be known without playing them.

    All complaints are printed at once, each with its file, line and column. The
    templates of every renderer that the world deploys are compiled.

    \b
    Example:
      feint check playbooks/*.yaml --templates
    """
    from simulator.plugin_manager import load_plugins
    from simulator.usecases.check import check_playbook

    plugins = load_plugins()
    findings = {str(path): check_playbook(path, plugins) for path in files}
    if as_json:
        told = [
            {"file": name, "complaints": each.complaints, "warnings": each.warnings} for name, each in findings.items()
        ]
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        for name, each in findings.items():
            for line in (*each.complaints, *(each.warnings if templates else ())):
                click.echo(line, err=True)
            if not each.complaints:
                click.echo(f"{name}: fine")
    return 2 if any(each.complaints for each in findings.values()) else 0
