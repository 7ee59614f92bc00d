"""Finding playbooks, worlds and rules by name: the shipped ones, those of plugins, and files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.errors import FeintError, UsageError, did_you_mean

if TYPE_CHECKING:
    from simulator.playbook.reading.nodes import Node
    from simulator.plugin_manager import Plugins

KINDS = ("attacks", "incidents")
_ENDINGS = (".yaml", ".yml")
_RULE_NAME = re.compile(
    r"^(?:id:|title:|[ \t]+(?:-[ \t]+)?alert:)[ \t]*(['\"]?)(.+?)\1[ \t]*$", re.MULTILINE
)  # a Sigma rule's, or an alert's in a group of them


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list of playbooks says of one. ``problem`` says why one cannot be read."""

    name: str
    title: str
    kind: str
    techniques: tuple[str, ...]
    path: Path
    problem: str = ""


@dataclass(frozen=True)
class Catalogue:
    """Folders that each hold ``attacks/``, ``incidents/``, ``worlds/`` or ``rules/``."""

    folders: tuple[Path, ...]

    @classmethod
    def of(cls, plugins: Plugins) -> Catalogue:
        """Return the catalogue of what is shipped and what plugins add."""
        return cls((shipped_folder(), *plugins.playbook_folders))

    def playbooks(self) -> list[Summary]:
        """Return all playbooks there are, by name. Only their outline is read."""
        return sorted((_summary(path) for path in self._files(KINDS)), key=lambda each: (each.name, str(each.path)))

    def playbook(self, which: str | Path) -> Path:
        """Return the file of a playbook: a name of the catalogue, or a file."""
        path = Path(which)
        if isinstance(which, Path) or _is_path(which):
            if path.is_dir():
                raise UsageError(f"{path}: is a folder; name the file of a playbook")
            if not path.is_file():
                raise UsageError(f"{path}: there is no such file; `feint list` shows the shipped playbooks")
            return path
        found = [path for path in self._files(KINDS) if path.stem == which]
        if len(found) > 1:
            raise UsageError(f"two playbooks are called {which!r}: {' and '.join(map(str, found))}; name the file")
        if found:
            return found[0]
        names = [path.stem for path in self._files(KINDS)]
        raise UsageError(
            f"no playbook is called {which!r}{did_you_mean(which, names) or '; `feint list` shows them all'}"
        )

    def world(self, which: str, beside: Path) -> Path | None:
        """Return the file of a world: a name, or a file relative to that of the playbook."""
        if _is_path(which):
            path = beside.parent / which
            return path if path.is_file() else None
        return next((path for path in self._worlds(beside) if path.stem == which), None)

    def world_names(self, beside: Path) -> list[str]:
        return sorted({path.stem for path in self._worlds(beside)})

    def rule(self, which: str, beside: Path) -> Path | None:
        """Return the file of a rule, by its id or title, by an alert in it, or by the file's name."""
        for folder in _parents(beside):
            if found := _rules_by_name([folder / "rules"]).get(which.casefold()):
                return found
        return self._rules.get(which.casefold())

    def rule_names(self, beside: Path) -> list[str]:
        """Return the names of the files of rules."""
        return sorted({path.stem for path in self._rule_files(beside)})

    def names_of_rules(self, beside: Path) -> list[str]:
        """Return all that rules are called: by their files, ids and titles, and the alerts in them."""
        return sorted({name for path in self._rule_files(beside) for name in _names_of(path)})

    def _rule_files(self, beside: Path) -> Iterator[Path]:
        for folder in (*_parents(beside), *self.folders):
            yield from _yaml_files(folder / "rules")

    def _worlds(self, beside: Path) -> Iterator[Path]:
        for folder in _parents(beside):
            yield from _yaml_files(folder / "worlds")
        yield from self._files(("worlds",))

    def _files(self, kinds: Iterable[str]) -> list[Path]:
        return [path for folder in self.folders for kind in kinds for path in _yaml_files(folder / kind)]

    @cached_property
    def _rules(self) -> dict[str, Path]:
        return _rules_by_name([folder / "rules" for folder in self.folders])


def shipped_folder() -> Path:
    """Return the folder of shipped playbooks: inside the package when installed, beside it in a clone."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "playbooks"
    return inside if inside.is_dir() else package.parent / "playbooks"


def techniques_of(document: Node) -> tuple[str, ...]:
    """Return the techniques that a playbook's storyline names, sorted."""
    from simulator.playbook.reading.nodes import Entries, Items, scalars

    storyline = document.get("storyline") if isinstance(document, Entries) else None
    steps = storyline.items if isinstance(storyline, Items) else ()
    named = (step.get("technique") for step in steps if isinstance(step, Entries))
    return tuple(sorted({str(each.value) for node in named if node is not None for each in scalars(node)}))


def _summary(path: Path) -> Summary:
    from simulator.places import Complaints
    from simulator.playbook.reading.nodes import Entries
    from simulator.playbook.reading.strict_yaml import read_yaml

    complaints = Complaints()
    try:
        document = read_yaml(path, complaints)
        complaints.settle()
    except FeintError as error:
        return Summary(path.stem, "", "", (), path, str(error).partition("\n")[0])
    told = {}
    for name in ("name", "title", "kind"):
        node = document.get(name) if isinstance(document, Entries) else None
        told[name] = str(getattr(node, "value", None) or "")
    return Summary(told["name"] or path.stem, told["title"], told["kind"], techniques_of(document), path)


def _is_path(which: str) -> bool:
    return "/" in which or "\\" in which or which.endswith(_ENDINGS)


def _parents(beside: Path) -> tuple[Path, Path]:
    """Return the folders next to a playbook that may hold what it names: its own, and the one above."""
    folder = beside.resolve().parent
    return folder, folder.parent


def _yaml_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.rglob("*") if path.suffix in _ENDINGS and path.is_file())


def _rules_by_name(folders: Iterable[Path]) -> dict[str, Path]:
    """Return rules by file name, id and title. The files are not parsed: detectors know their language."""
    found: dict[str, Path] = {}
    for path in (path for folder in folders for path in _yaml_files(folder)):
        for name in _names_of(path):
            found.setdefault(name.casefold(), path)
    return found


def _names_of(path: Path) -> Iterator[str]:
    yield path.stem
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return  # whoever plays it hears of it from the detector
    yield from (match[2] for match in _RULE_NAME.finditer(text))
