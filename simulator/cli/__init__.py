"""The command line. Each command reads its arguments, makes one call and prints; only this package prints or exits."""

from __future__ import annotations

import sys

import click

from simulator.cli.check import check
from simulator.cli.explain import explain
from simulator.cli.list import list_playbooks
from simulator.cli.new import new
from simulator.cli.play import play
from simulator.cli.plugins import plugins
from simulator.cli.schema import schema
from simulator.cli.score import score
from simulator.cli.show import show

_INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="feint", prog_name="feint")
def feint() -> None:
    """Rehearse attacks and outages: play a playbook, get the telemetry it would leave, score who noticed.

    \b
    Start with:   feint play ssh-brute-force
    Then look at: feint list, feint show ssh-brute-force, feint new my-first

    Exit codes: 0 expectations met, 1 not met, 2 bad input or usage, 3 refused by the
    guard, 4 a sink or server failed, 130 interrupted.
    """


for command in (play, score, explain, list_playbooks, show, check, new, schema, plugins):
    feint.add_command(command)


def main() -> None:
    """Run the command line: a mistake of the user's is one sentence and an exit code, never a traceback."""
    from simulator.errors import FeintError

    try:
        result = feint.main(standalone_mode=False)
    except FeintError as error:
        click.echo(f"feint: {error}" if "\n" not in str(error) else str(error), err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("feint: interrupted", err=True)
        sys.exit(_INTERRUPTED)
    sys.exit(result if isinstance(result, int) else 0)
