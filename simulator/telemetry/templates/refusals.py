"""What a template may not say, found before it is compiled, with the line and what to do about it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from jinja2 import TemplateSyntaxError, nodes

from simulator.errors import TemplateError, did_you_mean
from simulator.telemetry.templates.environment import IMPURE_FILTERS, IMPURE_GLOBALS, TemplateEnvironment

LONGEST_SOURCE = 256 * 1024
DEEPEST = 60
DEEPEST_LOOPS = 3
_FROM_JINJA = frozenset({"loop", "caller", "varargs", "kwargs"})
_CLOCKS = frozenset({"now", "utcnow", "today"})
_FILES: dict[type[nodes.Node], str] = {
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "import",
    nodes.Extends: "extends",
    nodes.Block: "block",
}


def parsed(source: str, environment: TemplateEnvironment, known: Collection[str]) -> nodes.Template:
    """Parse a template that may use the ``known`` names; TemplateError says what is wrong with it."""
    if len(source) > LONGEST_SOURCE:
        raise TemplateError(f"the template is longer than {LONGEST_SOURCE} characters")
    try:
        source.encode()
        tree = environment.parse(source)
    except TemplateSyntaxError as error:
        raise TemplateError(error.message or "the template is not Jinja2", error.lineno) from error
    except RecursionError as error:
        raise TemplateError("the template is nested too deeply") from error
    except (ValueError, OverflowError) as error:  # half a surrogate pair, a number of thousands of digits
        raise TemplateError(f"the template is not Jinja2: {error}") from error
    _refuse(tree, environment, known)
    return tree


def _walk(tree: nodes.Node) -> Iterator[nodes.Node]:
    """Hand out all nodes in the order they are written in, but not deeper than a template may nest."""
    stack: list[tuple[nodes.Node, int, int]] = [(tree, 0, 0)]
    while stack:
        node, depth, loops = stack.pop()
        loops += isinstance(node, nodes.For)
        if depth > DEEPEST or loops > DEEPEST_LOOPS:
            what = "loops are" if loops > DEEPEST_LOOPS else "the template is"
            raise TemplateError(f"{what} nested too deeply", node.lineno)
        yield node
        stack.extend((child, depth + 1, loops) for child in reversed(list(node.iter_child_nodes())))


def _refuse(tree: nodes.Template, environment: TemplateEnvironment, known: Collection[str]) -> None:
    everything = list(_walk(tree))
    own = {node.name for node in everything if isinstance(node, nodes.Macro)}
    own |= {node.name for node in everything if isinstance(node, nodes.Name) and node.ctx != "load"}
    visible = own | set(known) | set(environment.globals) | _FROM_JINJA
    for node in everything:
        if isinstance(node, nodes.Name):
            _refuse_name(node, visible, known)
        elif isinstance(node, nodes.Filter | nodes.Test):
            _refuse_filter(node, environment)
        elif isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
            raise TemplateError(f"attribute {node.attr!r} is out of reach of a template", node.lineno)
        elif isinstance(node, nodes.Getitem) and _is_private(node.arg):
            raise TemplateError("names that start with '_' are out of reach of a template", node.lineno)
        elif isinstance(node, nodes.NSRef):
            raise TemplateError("a namespace keeps state, which a template may not: use {% set %}", node.lineno)
        elif type(node) in _FILES:
            raise TemplateError(
                f"{{% {_FILES[type(node)]} %}}: a template stands alone, it reads no other", node.lineno
            )


def _refuse_name(node: nodes.Name, visible: Collection[str], known: Collection[str]) -> None:
    if node.ctx != "load":
        if node.name.startswith("__"):
            raise TemplateError(f"a name may not start with '__': {node.name!r}", node.lineno)
        return
    if node.name in visible:
        return
    if node.name in IMPURE_GLOBALS or node.name in _CLOCKS:
        raise TemplateError(
            f"{node.name!r} would give another answer at each call; a template may only use the event's fields",
            node.lineno,
        )
    hint = did_you_mean(node.name, known) or f" (there are: {', '.join(sorted(known)) or 'none'})"
    raise TemplateError(f"nothing is called {node.name!r} here{hint}", node.lineno)


def _refuse_filter(node: nodes.Filter | nodes.Test, environment: TemplateEnvironment) -> None:
    known: Collection[str] = environment.filters if isinstance(node, nodes.Filter) else environment.tests
    what = "filter" if isinstance(node, nodes.Filter) else "test"
    if isinstance(node, nodes.Filter) and node.name in IMPURE_FILTERS and node.name not in known:
        raise TemplateError(f"|{node.name} would give another answer at each call", node.lineno)
    if node.name not in known:
        near = get_close_matches(node.name, [name for name in known if name.isidentifier()], n=1)
        raise TemplateError(
            f"there is no {what} {node.name!r}" + (f"; did you mean {near[0]!r}?" if near else ""), node.lineno
        )
    if node.name == "attr" and node.args and _is_private(node.args[0]):
        raise TemplateError("names that start with '_' are out of reach of a template", node.lineno)


def _is_private(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Const) and isinstance(node.value, str) and node.value.startswith("_")
