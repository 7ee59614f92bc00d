"""``feint show``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from simulator.cli.options import as_json

if TYPE_CHECKING:
    from simulator.playbook.loader import Playbook
    from simulator.plugin_manager import Plugins


@click.command()
@click.argument("playbook")
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    default=1,
    show_default=True,
    help="Times and cast are those of this seed.",
)
@as_json
def show(playbook: str, seed: int, as_json: bool) -> None:
    """Show what PLAYBOOK tells: its storyline, decoys, objectives, parameters, expectations and responses.

    \b
    Example:
      feint show ssh-brute-force
    """
    from simulator.playbook.loader import load_playbook
    from simulator.plugin_manager import load_plugins

    plugins = load_plugins()
    story = _story(load_playbook(playbook, plugins), plugins, seed)
    if as_json:
        click.echo(json.dumps(story, indent=2, ensure_ascii=False))
    else:
        _print(story)


def _story(playbook: Playbook, plugins: Plugins, seed: int) -> dict[str, Any]:
    from simulator.playbook.planning.casting import cast_playbook
    from simulator.quantities import iso, spoken
    from simulator.usecases.play import deployed_for

    casting, text = cast_playbook(playbook, seed), playbook.text
    start = casting.plan.span.start

    def when(moment: int) -> str:
        return f"+{spoken((moment - start) // 1_000_000_000 * 1_000_000_000)}"

    return {
        "name": playbook.name,
        "title": text.title,
        "kind": text.kind,
        "description": text.description.strip(),
        "start": iso(start),
        "duration": spoken(casting.plan.span.end - start),
        "world": casting.plan.world.name,
        "cast": {name: entity.name for name, entity in casting.cast.items()},
        "steps": [
            {
                "at": when(step.start),
                "step": step.id,
                "title": step.title,
                "techniques": list(step.techniques),
                "products": deployed_for(step, casting.plan, plugins),
                "rules": [each.rule for each in casting.expectations if step.id in each.steps],
                "effects": [each.name for each in step.effects],
            }
            for step in casting.steps
        ],
        "decoys": [
            {"at": when(each.start), "decoy": each.id, "title": each.title, "because": each.because}
            for each in casting.decoys
        ],
        "parameters": [
            {"name": str(name), "default": casting.parameters[str(name)], "type": each.type, "help": each.help}
            for name, each in text.parameters.items()
        ],
        "objectives": [
            {
                "objective": each.id,
                "title": each.title,
                "target": each.goal.target,
                "window": spoken(each.goal.window),
                "period": spoken(each.goal.period),
            }
            for each in casting.objectives
        ],
        "expectations": [_expected(each) for each in casting.expectations],
        "responses": [
            {"response": str(verb), "title": each.title, "what": list(map(str, each.targets))}
            for verb, each in text.responses.items()
        ],
    }


def _expected(expectation: Any) -> dict[str, Any]:
    from simulator.quantities import spoken

    bounds = {name: getattr(expectation, name) for name in ("at_least", "at_most", "exactly")}
    return {
        "rule": expectation.rule,
        "steps": list(expectation.steps),
        "within": spoken(expectation.within) if expectation.within is not None else None,
        **{name: bound for name, bound in bounds.items() if bound is not None},
    }


def _print(story: dict[str, Any]) -> None:
    from simulator.cli.printing import print_table

    click.echo(f"{story['name']}: {story['title']} ({story['kind']}, {story['duration']} in {story['world']})\n")
    click.echo(f"{story['description']}\n")
    click.echo("Cast: " + ", ".join(f"{role} = {name}" for role, name in story["cast"].items()) + "\n")
    acts = any(step["effects"] for step in story["steps"])
    rows = [("AT", "STEP", "EFFECTS" if acts else "TECHNIQUES", "SEEN BY", "EXPECTED RULES")]
    for step in story["steps"]:
        what = " ".join([*step["techniques"], *dict.fromkeys(step["effects"])])
        rows.append((step["at"], step["title"], what, ", ".join(step["products"]), ", ".join(step["rules"]) or "any"))
    print_table(rows)
    _section("Decoys", [(each["at"], each["title"], f"({each['because']})") for each in story["decoys"]])
    promised = [
        (each["objective"], each["title"], f"{100 * each['target']:g}% good in any {each['window']}")
        for each in story["objectives"]
    ]
    _section("Objectives", promised)
    given = [(f"--set {each['name']}={each['default']}", each["help"]) for each in story["parameters"]]
    _section("Parameters", given)
    _section("Expectations", [(each["rule"], _bounds(each)) for each in story["expectations"]])
    answers = [(each["response"], each["title"], f"({', '.join(each['what'])})") for each in story["responses"]]
    _section("Responses", answers)


def _section(title: str, rows: Sequence[tuple[str, ...]]) -> None:
    from simulator.cli.printing import print_table

    if rows:
        click.echo(f"\n{title}")
        print_table([("", *row) for row in rows])


def _bounds(expected: dict[str, Any]) -> str:
    counts = [
        f"{name.replace('_', ' ')} {expected[name]}" for name in ("exactly", "at_least", "at_most") if name in expected
    ]
    within = f"within {expected['within']}" if expected["within"] else ""
    of = f"of {', '.join(expected['steps'])}" if expected["steps"] else ""
    return " ".join(part for part in (" and ".join(counts) or "at least 1", within, of) if part)
