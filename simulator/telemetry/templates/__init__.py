"""Templates: Jinja2 compiled to a plan over columns, byte-identical to Jinja2 row by row."""

from simulator.telemetry.templates.backends import best_backend, named_backend
from simulator.telemetry.templates.environment import environment
from simulator.telemetry.templates.expressions import FieldKind
from simulator.telemetry.templates.template import Backend, Part, Rendered, Template, compile_template

__all__ = [
    "Backend",
    "FieldKind",
    "Part",
    "Rendered",
    "Template",
    "best_backend",
    "compile_template",
    "environment",
    "named_backend",
]
