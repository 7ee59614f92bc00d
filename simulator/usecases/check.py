"""Checking a playbook without playing it, down to the templates that would render it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from simulator.errors import FeintError, PlaybookError, TemplateError
from simulator.playbook.loader import load_playbook
from simulator.playbook.planning.casting import Casting
from simulator.plugin_manager import Plugins
from simulator.telemetry.metrics.sample_types import sample_types
from simulator.telemetry.streams import compiled_record, compiled_template
from simulator.telemetry.tag import Tag
from simulator.usecases.play import deployed

_TAG = Tag("r00000000", "check")


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong with a playbook, and what is merely slow."""

    complaints: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def check_playbook(path: Path, plugins: Plugins) -> Findings:
    """Return everything that can be said against a playbook, and against the templates that would render it."""
    try:
        playbook = load_playbook(path, plugins)
        warnings = tuple(_template_warnings(playbook.draft, plugins))
    except PlaybookError as error:
        return Findings(tuple(map(str, error.complaints)))
    except FeintError as error:
        return Findings((str(error),))
    return Findings(warnings=warnings)


def _template_warnings(casting: Casting, plugins: Plugins) -> Iterator[str]:
    """Compile what the deployed renderers would need; name what is evaluated value by value, which is slow."""
    events = casting.plan.event_types()
    for renderer in deployed(casting, plugins, ()):
        form = plugins.format_of(renderer)
        for event in sample_types(renderer.metrics) if renderer.metrics else events.values():
            for record in renderer.records(event.name):
                try:
                    compiled_template(renderer, event, record.condition)
                    template = compiled_record(renderer, event, record, form, _TAG)
                except TemplateError as error:
                    raise TemplateError(f"{renderer.name}, {event.name}: {error}", error.line) from error
                for warning in template.warnings:
                    yield f"{renderer.name}, {event.name}: {warning}"
