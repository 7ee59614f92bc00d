"""Values of members: what a Jinja2 expression or template says of the fields of an event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from jinja2 import Undefined, nodes

from simulator.errors import TemplateError
from simulator.telemetry.templates.environment import TemplateEnvironment
from simulator.telemetry.templates.expressions import FieldKind, Vectors
from simulator.telemetry.templates.functions import explained
from simulator.telemetry.templates.refusals import parsed
from simulator.telemetry.templates.template import Template, compile_template
from simulator.telemetry.templates.trees import Names


@dataclass(frozen=True, slots=True)
class Scope:
    """What expressions may name: the fields of an event, each of a kind, constants, and filters."""

    kinds: Mapping[str, FieldKind]
    constants: Mapping[str, object]
    filters: Mapping[str, Callable[..., Any]]
    environment: TemplateEnvironment
    name: str
    _templates: dict[str, Template] = field(default_factory=dict)

    def template(self, source: str) -> Template:
        """Return a template over these fields, compiled once."""
        if source not in self._templates:
            self._templates[source] = compile_template(
                source, self.kinds, constants=self.constants, filters=self.filters, name=self.name
            )
        return self._templates[source]

    def is_coded(self, fields: frozenset[str]) -> bool:
        return all(self.kinds[field] == "coded" for field in fields)


class Expression:
    """A Jinja2 expression. ``node`` is its syntax tree, ``fields`` are those of the event that it reads."""

    def __init__(self, source: str, scope: Scope) -> None:
        self.source, self._scope = source, scope
        tree = parsed("{{ " + source + " }}", scope.environment, scope.constants.keys() | scope.kinds.keys())
        printed = tree.body[0].nodes if len(tree.body) == 1 and isinstance(tree.body[0], nodes.Output) else []
        if len(printed) != 1:
            raise TemplateError(f"{source!r} is not one expression")
        self.node: nodes.Expr = printed[0]
        self.fields = frozenset(name for name in Names().read(self.node) if name in scope.kinds)

    @property
    def vectors(self) -> Vectors:
        return Vectors(self._scope.kinds, self._scope.constants, self._scope.environment.filters, ())

    def value(self, values: Mapping[str, Any]) -> Any:
        """Return what Jinja2 makes of it where the fields have these values."""
        with explained(None):
            found = self._compiled({**self._scope.constants, **values})
            if isinstance(found, Undefined):
                str(found)  # a strict one says what is not defined
        return found

    @cached_property
    def _compiled(self) -> Callable[[Mapping[str, Any]], Any]:
        with explained(None):
            return self._scope.environment.compile_expression(self.source, undefined_to_none=False)
