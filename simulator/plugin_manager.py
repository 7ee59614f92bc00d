"""Finding the plugins that are installed, and collecting what they add."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

from simulator import hookspecs
from simulator.errors import PluginError, did_you_mean

if TYPE_CHECKING:
    from simulator.detection import Detector, Sandbox
    from simulator.events.event_types import EventType
    from simulator.telemetry.metrics.metric import Metric
    from simulator.telemetry.renderer import Format, Renderer
    from simulator.world.system import System


def load_plugins() -> Plugins:
    """Return what is installed, in the order of the plugins' names.

    Not ``load_setuptools_entrypoints``: that one goes by the order of the file
    system, skips a second plugin of the same name, and does not say which failed.
    """
    manager = pluggy.PluginManager("simulator")
    manager.add_hookspecs(hookspecs)
    for entry in sorted(entry_points(group="simulator"), key=lambda entry: entry.name):
        try:
            manager.register(entry.load(), name=entry.name)
        except (Exception, SystemExit) as error:  # importing a plugin runs its author's code: anything can happen
            raise PluginError(
                f"plugin {entry.name!r} ({entry.value}) did not load: {error}; fix it or uninstall it"
            ) from error
    try:
        manager.check_pending()  # a misspelt hook is an error, not silence
    except pluggy.PluginValidationError as error:
        raise PluginError(_unknown_hooks(manager)) from error
    return Plugins(manager)


def _unknown_hooks(manager: pluggy.PluginManager) -> str:
    known = [name for name, hook in vars(manager.hook).items() if getattr(hook, "spec", None)]
    return "; ".join(
        f"plugin {each.plugin_name!r} implements {name!r}, which is no hook{did_you_mean(name, known)}"
        for name, hook in sorted(vars(manager.hook).items())
        if name not in known and hasattr(hook, "get_hookimpls")
        for each in hook.get_hookimpls()
    )


@dataclass(frozen=True)
class Plugins:
    """What the plugins add, by name. Two plugins adding one name are refused, naming both."""

    manager: pluggy.PluginManager

    @cached_property
    def event_types(self) -> Mapping[str, EventType]:
        return self._by_name("simulator_event_types", "event type")

    @cached_property
    def systems(self) -> Mapping[str, System]:
        return self._by_name("simulator_systems", "system")

    @cached_property
    def metrics(self) -> Mapping[str, Metric]:
        return self._by_name("simulator_metrics", "metric")

    @cached_property
    def formats(self) -> Mapping[str, Format]:
        return self._by_name("simulator_formats", "format")

    @cached_property
    def renderers(self) -> Mapping[str, Renderer]:
        return self._by_name("simulator_renderers", "renderer")

    @cached_property
    def detectors(self) -> Mapping[str, Detector]:
        return self._by_name("simulator_detectors", "detector")

    @cached_property
    def sandboxes(self) -> Mapping[str, Sandbox]:
        return self._by_name("simulator_sandboxes", "sandbox")

    @cached_property
    def playbook_folders(self) -> tuple[Path, ...]:
        folders = (answer for _, answers in self._answers("simulator_playbook_folders") for answer in answers)
        return tuple(folders)

    def format_of(self, renderer: Renderer) -> Format:
        """Return the format that a renderer's records are in."""
        if renderer.format not in self.formats:
            raise PluginError(
                f"renderer {renderer.name!r} writes format {renderer.format!r}, which no installed plugin adds "
                f"(installed: {', '.join(self.formats) or 'none'}){did_you_mean(renderer.format, self.formats)}"
            )
        return self.formats[renderer.format]

    def versions(self) -> Mapping[str, str]:
        """Return the installed version of each plugin's distribution."""
        return {
            entry.name: f"{entry.dist.name} {entry.dist.version}" if entry.dist else "unknown"
            for entry in sorted(entry_points(group="simulator"), key=lambda entry: entry.name)
        }

    def additions(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """Return plugin → kind of thing → names, for ``feint plugins``."""
        found: dict[str, dict[str, tuple[str, ...]]] = {name: {} for name, _ in self._plugins()}
        kinds = ("event_types", "systems", "metrics", "formats", "renderers", "detectors", "sandboxes")
        for kind in kinds:
            for plugin, answers in self._answers(f"simulator_{kind}"):
                found[plugin][kind] = tuple(sorted(each.name for each in answers))
                if kind == "systems":
                    found[plugin]["effects"] = tuple(sorted(name for each in answers for name in each.effects))
        return found

    def _plugins(self) -> list[tuple[str, Any]]:
        return sorted(self.manager.list_name_plugin(), key=lambda pair: pair[0])

    def _answers(self, hook: str) -> Iterable[tuple[str, list[Any]]]:
        """Call a hook plugin by plugin: pluggy alone would not say whose answer is whose."""
        for name, plugin in self._plugins():
            implementation = getattr(plugin, hook, None)
            if implementation is not None:
                yield name, _answers_of(name, hook, implementation)

    def _by_name(self, hook: str, kind: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        owners: dict[str, str] = {}
        for plugin, answers in self._answers(hook):
            for each in answers:
                if each.name in found:
                    raise PluginError(
                        f"plugin {plugin!r} adds a {kind} {each.name!r}, but plugin {owners[each.name]!r} "
                        "already has one; uninstall one of them"
                    )
                found[each.name], owners[each.name] = each, plugin
        return dict(sorted(found.items()))


def _answers_of(plugin: str, hook: str, implementation: Callable[[], Iterable[Any]]) -> list[Any]:
    try:
        answers = list(implementation())
    except Exception as error:  # as above: it is its author's code
        what = str(error) or type(error).__name__
        raise PluginError(f"plugin {plugin!r}: {hook} failed: {what}; fix it or uninstall it") from error
    for each in answers:
        if not isinstance(getattr(each, "name", None), str):
            raise PluginError(f"plugin {plugin!r}: {hook} returned a {type(each).__name__}, which has no name")
    return answers
