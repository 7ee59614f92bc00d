"""``feint new``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path), help="The file to write; NAME.yaml here when not given.")
def new(name: str, out: Path | None) -> None:
    """Write a commented starter playbook NAME that plays as it is.

    \b
    Example:
      feint new my-first && feint play my-first.yaml
    """
    from simulator.errors import UsageError
    from simulator.playbook.starter import starter

    path = out or Path(f"{name}.yaml")
    text = starter(path.stem if out else name)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise UsageError(f"{path}: exists already; choose another name, or remove it") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from error
    click.echo(f"Wrote {path}. Play it with: feint play {path if '/' in str(path) else f'./{path}'}")
