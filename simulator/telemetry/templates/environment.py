"""The Jinja2 that templates run in: sandboxed, strict about undefined names, pure.

Templates come from plugins and playbooks, so they are not trusted: no attribute that starts
with an underscore, nothing that changes a value, nothing that differs from one call to the next,
and no small expression that makes a huge value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Undefined
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

from simulator.telemetry.templates.filters import FILTERS, zeros

IMPURE_FILTERS = frozenset({"random"})
IMPURE_GLOBALS = frozenset({"lipsum", "cycler", "joiner", "namespace"})
LARGEST_REPEAT = 10_000
_WIDE = re.compile(r"[0-9]{5,}|\*")


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """Jinja2 as Feint's templates see it."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Refuse what would make a huge value of two small ones."""
        if operator == "*" and not (isinstance(left, int | float) and isinstance(right, int | float)):
            _refuse_large(left, right)
        elif operator == "**" and isinstance(right, int | float) and abs(right) > 64:
            raise SecurityError(f"** {right} is more than a template may ask for")
        elif operator == "%" and isinstance(left, str) and _WIDE.search(left):
            raise SecurityError(f"{left!r} asks for more padding than a template may")
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Refuse padding without end before the sandbox's own checks."""
        owner = getattr(getattr(obj, "__wrapped__", obj), "__self__", None)  # the sandbox wraps str.format
        if isinstance(owner, str | bytes | int):
            _refuse_large(*args, *kwargs.values())
            if getattr(obj, "__name__", "") in ("format", "format_map") and _WIDE.search(str(owner)):
                raise SecurityError(f"{owner!r} asks for more padding than a template may")
        return super().call(context, obj, *args, **kwargs)


def _refuse_large(*values: object) -> None:
    for value in values:
        if isinstance(value, int) and abs(value) > LARGEST_REPEAT:
            raise SecurityError(f"{value} is more than a template may ask for (at most {LARGEST_REPEAT})")


def _limited_range(*limits: int) -> range:
    numbers = range(*limits)
    if len(numbers) > LARGEST_REPEAT:
        raise SecurityError(f"range of {len(numbers)} is more than a template may ask for (at most {LARGEST_REPEAT})")
    return numbers


def _limited(plain: Callable[..., Any]) -> Callable[..., Any]:
    def limited(value: object, *args: Any, **kwargs: Any) -> Any:
        _refuse_large(*args, *kwargs.values())
        if isinstance(value, str) and plain.__name__ == "do_format" and _WIDE.search(value):
            raise SecurityError(f"{value!r} asks for more padding than a template may")
        return plain(value, *args, **kwargs)

    return limited


def _printable(value: Any) -> Any:
    """Refuse to print what has no text of its own: its memory address would stand in the record."""
    if isinstance(value, str | int | Undefined | Macro):
        return value
    if callable(value) or isinstance(value, Iterator):
        raise TypeError(f"a {type(value).__name__} has no text; call it, or join its items")
    return value


def environment(filters: Mapping[str, Callable[..., Any]]) -> TemplateEnvironment:
    """Return the environment with these filters beside ours; the same filters give the same environment."""
    return _environment(tuple(sorted(filters.items(), key=lambda item: item[0])))


@lru_cache(maxsize=128)
def _environment(filters: tuple[tuple[str, Callable[..., Any]], ...]) -> TemplateEnvironment:
    made = TemplateEnvironment(undefined=StrictUndefined, finalize=_printable, keep_trailing_newline=True, cache_size=0)
    for name in IMPURE_GLOBALS:
        made.globals.pop(name)
    for name in IMPURE_FILTERS:
        made.filters.pop(name)
    made.globals["range"] = _limited_range
    for name in ("center", "indent", "format"):
        made.filters[name] = _limited(made.filters[name])
    made.filters.update(FILTERS)
    made.tests["zeros"] = zeros
    made.filters.update(filters)
    return made
