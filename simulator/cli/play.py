"""``feint play``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from simulator.cli.options import as_json, rules_option
from simulator.cli.progress import progress_shown


@click.command()
@click.argument("playbook")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True, help="Same seed, same bytes.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Set a parameter of the playbook.")
@rules_option
@click.option("--out", metavar="DIR", help="Where the run goes: a new folder, or - for records on standard output.")
@click.option("--speed", default="max", show_default=True, metavar="max|N", help="N seconds of the story in a second.")
@click.option("--only", multiple=True, metavar="RENDERER", help="Record with these renderers only.")
@click.option("--responses", type=click.Path(path_type=Path), metavar="FILE", help="What a responder does, and when.")
@click.option("--no-score", is_flag=True, help="Only record; run no rules.")
@click.option("--junit", type=click.Path(path_type=Path), metavar="FILE", help="Also write the JUnit report here.")
@as_json
def play(
    playbook: str,
    seed: int,
    settings: tuple[str, ...],
    rules: tuple[Path, ...],
    out: str | None,
    speed: str,
    only: tuple[str, ...],
    responses: Path | None,
    no_score: bool,
    junit: Path | None,
    as_json: bool,
) -> int:
    """Play PLAYBOOK, run detection rules over what it leaves behind, and score them.

    PLAYBOOK is a shipped name (see feint list) or a file. Without --rules the rules
    that the playbook expects run; --rules takes files of Sigma or Prometheus rules,
    an alertmanager.yml, and folders of them.

    \b
    Examples:
      feint play ssh-brute-force
      feint play password-spray --rules ~/sigma/rules --set users=40 --out /tmp/spray
      feint play bad-deploy --rules my-alerts.yml --rules alertmanager.yml
      feint play web-shell --only nginx.access --out - | head
    """
    from simulator.cli.printing import print_played
    from simulator.delivery.destinations import STANDARD_OUTPUT
    from simulator.usecases.request import Request, play_request, stream_request

    _check_answers(out, score=not no_score, junit=junit is not None, as_json=as_json)
    request = Request(
        playbook=playbook,
        seed=seed,
        settings=settings,
        rules=rules,
        out=out,
        speed=speed,
        only=only,
        responses=responses,
        score=not no_score,
        junit=junit,
    )
    if out == STANDARD_OUTPUT:
        stream_request(request, sys.stdout.buffer)
        return 0
    with progress_shown(f"Playing {playbook}", quiet=as_json) as progress:
        played = play_request(request, progress)
    return print_played(played, as_json=as_json, own_rules=not rules)


def _check_answers(out: str | None, *, score: bool, junit: bool, as_json: bool) -> None:
    """Refuse to be asked for answers that there cannot be."""
    if out == "-" and as_json:
        raise click.UsageError("--out - and --json both want standard output: give --out a folder")
    if junit and (out == "-" or not score):
        raise click.UsageError("--junit: nothing is scored, so there is no report; give --out a folder, no --no-score")
