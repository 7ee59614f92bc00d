"""Loading a playbook: everything that can be checked without playing it is checked here, in one go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.errors import did_you_mean
from simulator.places import Complaints
from simulator.playbook.catalogue import Catalogue
from simulator.playbook.model import Parameter, PlaybookText, WorldText
from simulator.playbook.planning import parameters
from simulator.playbook.planning.casting import Caster, Casting, Sources
from simulator.playbook.reading.binding import Binder
from simulator.playbook.reading.nodes import Entries, Node, Scalar, spoken_of
from simulator.playbook.reading.strict_yaml import read_yaml
from simulator.playbook.reading.words import Name
from simulator.plugin_manager import Plugins

_ANY_SEED = 0


@dataclass(frozen=True)
class Playbook:
    """A playbook that was checked. ``text`` and ``draft`` are those of its default parameters.

    ``files`` are what it was read from, by what each is; ``rules`` the files of the expected rules.
    """

    path: Path
    text: PlaybookText
    draft: Casting
    sources: Sources
    files: Mapping[str, Path]
    rules: tuple[Path, ...]

    @property
    def name(self) -> str:
        return self.text.name

    @property
    def techniques(self) -> tuple[str, ...]:
        return tuple(sorted({each for step in self.draft.steps for each in step.techniques}))

    def texts(self) -> dict[str, str]:
        """Return the text of each file that the playbook was read from, by a name to keep it under."""
        return {f"{kind}{path.suffix}": path.read_text(encoding="utf-8") for kind, path in self.files.items()}


def load_playbook(which: str | Path, plugins: Plugins, catalogue: Catalogue | None = None) -> Playbook:
    """Load a playbook by name or file. PlaybookError holds all that is wrong with it."""
    catalogue = catalogue or Catalogue.of(plugins)
    path = catalogue.playbook(which)
    complaints = Complaints()
    document = read_yaml(path, complaints)
    if not isinstance(document, Entries):
        complaints.add(
            document.place, f"expected a playbook (a mapping that begins with `name:`), not {spoken_of(document)}"
        )
        complaints.settle()
    assert isinstance(document, Entries)
    files = {"playbook": path}
    worlds = _worlds(document, path, catalogue, files, complaints)
    sources = Sources(document, worlds, plugins.event_types, plugins.renderers, plugins.systems)
    values = parameters.defaults(_parameters(document, complaints), complaints)
    caster = Caster(sources, _ANY_SEED, values, complaints)
    casting = caster.casting(())
    if caster.text is not None:
        rules = _rules(caster.text, path, catalogue, complaints)
        _check_files(caster.text, path, files, complaints)
    complaints.settle()
    assert caster.text is not None, "what is not made has a complaint"
    assert casting is not None, "what is not made has a complaint"
    return Playbook(path, caster.text, casting, sources, files, rules)


def _parameters(document: Entries, complaints: Complaints) -> Mapping[str, Parameter]:
    node = document.get("parameters")
    found: Any = Binder(complaints).bind_or_none(node, Mapping[Name, Parameter])
    return {str(name): parameter for name, parameter in (found or {}).items()}


def _worlds(
    document: Entries, path: Path, catalogue: Catalogue, files: dict[str, Path], complaints: Complaints
) -> dict[str, WorldText]:
    """Return the world file that the playbook uses, if it uses one, by the name that it is used by."""
    node: Node | None = document.get("world")
    use = node.get("use") if isinstance(node, Entries) else node
    if not isinstance(use, Scalar) or not isinstance(use.value, str):
        return {}
    found = catalogue.world(use.value, path)
    if found is None:
        names = catalogue.world_names(path)
        hint = did_you_mean(use.value, names) or f"; there are {', '.join(names) or 'none'}"
        complaints.add(use.place, f"no world is called {use.value!r}{hint}")
        return {}
    files["world"] = found
    text = Binder(complaints).bind_or_none(read_yaml(found, complaints), WorldText)
    return {} if text is None else {use.value: text}


def _rules(text: PlaybookText, path: Path, catalogue: Catalogue, complaints: Complaints) -> tuple[Path, ...]:
    found: dict[Path, None] = {}
    for name in (*(expectation.rule for expectation in text.expectations), *text.rules):
        rule = catalogue.rule(name, path)
        if rule is None:
            known = catalogue.rule_names(path)
            meant = did_you_mean(name, catalogue.names_of_rules(path))
            hint = meant or f"; there are {', '.join(known[:20]) or 'none'}"
            complaints.add(name.place, f"no rule is called {str(name)!r}{hint}")
        else:
            found[rule] = None
    return tuple(found)


def _check_files(text: PlaybookText, path: Path, files: dict[str, Path], complaints: Complaints) -> None:
    if text.name != path.stem:
        complaints.add(text.name.place, f"the file is called {path.stem!r}; name the playbook so, or rename the file")
    if text.runbook is not None:
        folder = path.resolve().parent
        found = next((each for each in (folder.parent, folder) if (each / text.runbook).is_file()), None)
        if found is None:
            complaints.add(text.runbook.place, f"there is no file {str(text.runbook)!r} in {folder.parent}")
        else:
            files["runbook"] = found / text.runbook
