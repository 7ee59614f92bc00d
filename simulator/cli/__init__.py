"""The command line. Each command reads its arguments, makes one call and prints; only this package prints or exits."""

from __future__ import annotations

import sys
from typing import Any

import click

from simulator.cli.check import check
from simulator.cli.endings import Commands, complain, leave_closed_output_alone
from simulator.cli.explain import explain
from simulator.cli.list import list_playbooks
from simulator.cli.new import new
from simulator.cli.play import play
from simulator.cli.plugins import plugins
from simulator.cli.schema import schema
from simulator.cli.score import score
from simulator.cli.show import show
from simulator.cli.telemetry import measured
from simulator.errors import FeintError, StoppedError
from simulator.interruption import end_on_sigterm


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="feint", prog_name="feint")
@click.option("--log-level", type=click.Choice(["info", "debug"]), help="Tell on standard error what Feint does.")
@click.option("--log-format", type=click.Choice(["console", "json"]), default="console", show_default=True)
@click.option(
    "--telemetry", metavar="TO", help="Send Feint's own telemetry to http://HOST:PORT (OTLP), FILE.ndjson or env."
)
@click.pass_context
def feint(context: click.Context, log_level: Any, log_format: Any, telemetry: str | None) -> None:
    """Rehearse attacks and outages: play a playbook, get the telemetry it would leave, score who noticed.

    \b
    Start with:   feint play ssh-brute-force
    Then look at: feint list, feint show ssh-brute-force, feint new my-first

    Exit codes: 0 expectations met, 1 not met, 2 bad input or usage, 3 refused by the
    guard, 4 a sink or server failed, 130 interrupted (Ctrl-C), 143 terminated.
    """
    if log_level:
        from simulator.logs import switch_on

        switch_on(log_level, log_format)
    if telemetry:
        measured(context, telemetry)
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for command in (play, score, explain, list_playbooks, show, check, new, schema, plugins):
    feint.add_command(command)


def main() -> None:
    """Run the command line: a mistake of the user's is one sentence and an exit code, never a traceback."""
    end_on_sigterm()
    try:
        result = feint.main(standalone_mode=False)
    except FeintError as error:
        complain(error)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        complain(error)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        complain(StoppedError("interrupted"))
        sys.exit(StoppedError.exit_code)
    finally:
        leave_closed_output_alone()
    sys.exit(result if isinstance(result, int) else 0)
