"""What ``feint new`` writes: a small playbook that plays as it is, with a comment on each part."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from simulator.errors import UsageError
from simulator.playbook.reading.words import Id
from simulator.playbook.starter_attack import ATTACK
from simulator.playbook.starter_incident import INCIDENT, RULES

Kind = Literal["attack", "incident"]


def starter(name: str, kind: Kind = "attack") -> str:
    """Return the text of a playbook of that name."""
    if not re.fullmatch(Id.pattern, name):
        raise UsageError(f"{name!r} cannot name a playbook; use {Id.expected}, such as night-visitor")
    return (ATTACK if kind == "attack" else INCIDENT).replace("NAME", name)


def starter_rules(name: str, kind: Kind) -> str:
    """Return the text of the rules that the playbook expects beside itself; empty if it takes shipped ones."""
    return RULES.replace("NAME", name) if kind == "incident" else ""


def write_starter(name: str, kind: Kind, out: Path | None = None) -> tuple[Path, ...]:
    """Write a playbook, and the rules that it expects; return the files. One that has a file is called as that is."""
    path = out or Path(f"{name}.yaml")
    name = out.stem if out else name
    texts = {path: starter(name, kind)}
    if rules := starter_rules(name, kind):
        texts[path.parent / "rules" / f"{name}.yml"] = rules
    if taken := [file for file in texts if file.exists()]:
        raise UsageError(f"{taken[0]}: exists already; choose another name, or remove it")
    for file, text in texts.items():
        _write(file, text, in_a_new_folder=file != path)
    return tuple(texts)


def _write(path: Path, text: str, *, in_a_new_folder: bool) -> None:
    try:
        if in_a_new_folder:
            path.parent.mkdir(exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from error
