"""Pieces of a template as functions: Jinja2 writes their texts, compiled once for all pieces of a template."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from types import TracebackType
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.runtime import Context

from simulator.errors import FeintError, TemplateError
from simulator.telemetry.templates.environment import TemplateEnvironment

LONGEST_RECORD = 1 << 20
_GENERATED = "<template>"


class PieceFunctions:
    """Each body is the block of a Jinja2 template of its own making, so that it can be run alone."""

    def __init__(
        self,
        environment: TemplateEnvironment,
        bodies: Mapping[int, Sequence[nodes.Node]],
        constants: Mapping[str, object],
    ) -> None:
        self._lock = Lock()
        self._variables: dict[str, Any] = {**environment.globals, **constants}
        self._template = _from_nodes(environment, bodies)
        self._context = self._template.new_context(self._variables, shared=True)
        self._blocks: dict[int, Callable[[Context], Iterator[str]]] = {
            number: self._template.blocks[f"piece_{number}"] for number in bodies
        }

    def write(self, pieces: Sequence[int], values: Mapping[str, Any]) -> list[bytes]:
        """Return what pieces print where fields have these values."""
        with self._lock, explained(self._template):
            self._variables.update(values)
            try:
                texts = ["".join(self._blocks[piece](self._context)).encode() for piece in pieces]
            finally:
                for name in values:  # so that no piece can read what another one was given
                    del self._variables[name]
        for text in texts:
            if len(text) > LONGEST_RECORD:
                raise TemplateError(f"the template makes a record of more than {LONGEST_RECORD} bytes")
        return texts


def whole(environment: TemplateEnvironment, source: str, constants: Mapping[str, object]) -> jinja2.Template:
    """Compile a template as Jinja2 does it: the meaning that all else here must keep."""
    with explained(None):
        return environment.from_string(source, globals=dict(constants))


def _from_nodes(environment: TemplateEnvironment, bodies: Mapping[int, Sequence[nodes.Node]]) -> jinja2.Template:
    blocks: list[nodes.Node] = [
        nodes.Block(f"piece_{number}", list(body), False, False, lineno=body[0].lineno)
        for number, body in bodies.items()
    ]
    tree = nodes.Template(blocks, lineno=1)
    tree.set_environment(environment)
    with explained(None):
        code = environment.compile(tree, filename=_GENERATED)
        return environment.template_class.from_code(environment, code, {})


@contextmanager
def explained(template: jinja2.Template | None) -> Iterator[None]:
    """Turn whatever goes wrong in a template into one sentence with its line."""
    try:
        yield
    except FeintError:
        raise
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(error.message or "the template is not Jinja2", error.lineno) from error
    except jinja2.UndefinedError as error:
        raise TemplateError(error.message or "something is undefined", _line(template, error.__traceback__)) from error
    except (KeyboardInterrupt, SystemExit):
        raise
    except Exception as error:  # a filter of a plugin may raise anything
        what = str(error) or type(error).__name__
        raise TemplateError(what, _line(template, error.__traceback__)) from error


def _line(template: jinja2.Template | None, traceback: TracebackType | None) -> int | None:
    line: int | None = None
    while template is not None and traceback is not None:
        running: Any = traceback.tb_frame.f_globals.get("__jinja_template__")
        if running is template:
            line = running.get_corresponding_lineno(traceback.tb_lineno)
        traceback = traceback.tb_next
    return line
