"""Runs a template that was read: a bounded number of steps and of letters, no way to anything but its values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator_prometheus.go_template.functions import NOT_RUN, OF_THE_PLACE, plain_functions
from simulator_prometheus.go_template.lexing import TemplateFault
from simulator_prometheus.go_template.nodes import (
    Block,
    Choosing,
    Command,
    Dot,
    Fields,
    Function,
    Inclusion,
    Jump,
    Literal,
    Operand,
    Pipeline,
    Said,
    Statement,
    Variable,
    Words,
)  # fmt: skip
from simulator_prometheus.go_template.parsing import Template
from simulator_prometheus.go_template.values import Sample, is_true, kind_of, printed

_MOST_STEPS = 10_000
_MOST_LETTERS = 100_000
_DEEPEST = 20
_NO_ARGUMENT = object()

FUNCTIONS = frozenset(plain_functions()) | OF_THE_PLACE | NOT_RUN
"""What a template may call without being refused by Prometheus."""

Query = Callable[[str], list[Sample]]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a template of an alert can ask for."""

    time: float = 0.0  # seconds since the epoch
    query: Query = lambda _: []
    external_labels: Mapping[str, str] = field(default_factory=dict)
    external_url: str = ""


@dataclass(frozen=True, slots=True)
class Data:
    """What ``.`` is: an alert's labels and value."""

    labels: Mapping[str, str]
    value: float
    surroundings: Surroundings

    def fields(self) -> dict[str, Any]:
        around = self.surroundings
        return {
            "Labels": dict(self.labels),
            "ExternalLabels": dict(around.external_labels),
            "ExternalURL": around.external_url,
            "Value": self.value,
        }


VARIABLES = {"$labels": "Labels", "$externalLabels": "ExternalLabels", "$externalURL": "ExternalURL", "$value": "Value"}


class _Jumped(Exception):  # noqa: N818 - it is how a range is left
    def __init__(self, kind: str) -> None:
        self.kind = kind


def expanded(template: Template, data: Data) -> str:
    """Return what a template says of an alert, or raise why it cannot."""
    return _Run(template, data).whole()


class _Run:
    def __init__(self, template: Template, data: Data) -> None:
        self._template, self._around = template, data.surroundings
        fields = data.fields()
        self._variables: list[tuple[str, Any]] = [("$", data)]
        self._variables += [(name, fields[of]) for name, of in VARIABLES.items()]
        self._told: list[str] = []
        self._steps = self._letters = self._depth = 0
        self._data = data

    def whole(self) -> str:
        self._block(self._template.block, self._data)
        return "".join(self._told)

    def _say(self, text: str) -> None:
        self._letters += len(text)
        if self._letters > _MOST_LETTERS:
            raise TemplateFault(f"it says more than {_MOST_LETTERS:,} letters")
        self._told.append(text)

    def _block(self, block: Block, dot: Any) -> None:
        for statement in block:
            self._steps += 1
            if self._steps > _MOST_STEPS:
                raise TemplateFault(f"it takes more than {_MOST_STEPS:,} steps")
            self._statement(statement, dot)

    def _statement(self, statement: Statement, dot: Any) -> None:
        match statement:
            case Words(text):
                self._say(text)
            case Said(pipeline):
                value = self._pipeline(pipeline, dot)
                if not pipeline.variables:
                    self._say(printed(value))
            case Choosing():
                known = len(self._variables)
                self._choose(statement, dot)
                del self._variables[known:]
            case Jump(kind):
                raise _Jumped(kind)
            case Inclusion():
                self._include(statement, dot)

    def _choose(self, choosing: Choosing, dot: Any) -> None:
        value = self._pipeline(choosing.pipeline, dot)
        if choosing.kind == "range":
            self._range(choosing, value, dot)
        elif is_true(value):
            self._block(choosing.body, value if choosing.kind == "with" else dot)
        else:
            self._block(choosing.otherwise, dot)

    def _range(self, choosing: Choosing, value: Any, dot: Any) -> None:
        if isinstance(value, dict):
            pairs: list[tuple[Any, Any]] = sorted(value.items())
        elif isinstance(value, list):
            pairs = list(enumerate(value))
        elif isinstance(value, int) and not isinstance(value, bool):
            pairs = [(index, index) for index in range(min(value, _MOST_STEPS + 1))]
        elif value is None:
            pairs = []
        else:
            raise TemplateFault(f"range can't iterate over {printed(value)}")
        names = choosing.pipeline.variables
        known = len(self._variables)
        for key, element in pairs:
            for name, given in zip(names, (key, element) if len(names) == 2 else (element,), strict=False):
                self._set(name, given, assigns=choosing.pipeline.assigns)
            try:
                self._block(choosing.body, element)
            except _Jumped as jump:
                if jump.kind == "break":
                    break
            finally:
                del self._variables[known:]
        if not pairs:
            self._block(choosing.otherwise, dot)

    def _include(self, inclusion: Inclusion, dot: Any) -> None:
        if inclusion.name not in self._template.defined:
            raise TemplateFault(f'template "{inclusion.name}" not defined')
        if self._depth >= _DEEPEST:
            raise TemplateFault("exceeded maximum template depth")
        value = self._pipeline(inclusion.pipeline, dot) if inclusion.pipeline else None
        outer, self._variables = self._variables, [("$", value)]
        self._depth += 1
        self._block(self._template.defined[inclusion.name], value)
        self._depth -= 1
        self._variables = outer

    def _set(self, name: str, value: Any, *, assigns: bool) -> None:
        if assigns:
            for index in reversed(range(len(self._variables))):
                if self._variables[index][0] == name:
                    self._variables[index] = name, value
                    return
            raise TemplateFault(f"undefined variable: {name}")
        self._variables.append((name, value))

    def _pipeline(self, pipeline: Pipeline, dot: Any) -> Any:
        value: Any = _NO_ARGUMENT
        for command in pipeline.commands:
            value = self._command(command, value, dot)
        if pipeline.variables and (len(pipeline.variables) == 1):
            self._set(pipeline.variables[0], value, assigns=pipeline.assigns)
        return value

    def _command(self, command: Command, last: Any, dot: Any) -> Any:
        first, *others = command.words
        if isinstance(first, Function):
            return self._call(first.name, others, last, dot)
        if others or last is not _NO_ARGUMENT:
            raise TemplateFault("can't give argument to non-function")
        if isinstance(first, Literal) and first.value is None:
            raise TemplateFault("nil is not a command")
        return self._value(first, dot)

    def _call(self, name: str, words: list[Operand], last: Any, dot: Any) -> Any:
        if name in ("and", "or"):
            return self._either(name, words, last, dot)
        arguments = [self._value(word, dot) for word in words]
        if last is not _NO_ARGUMENT:
            arguments.append(last)
        function = self._function(name)
        try:
            return function(*arguments)
        except TemplateFault as fault:
            raise TemplateFault(f"error calling {name}: {fault}") from None
        except TypeError:
            raise TemplateFault(f"wrong number of args for {name}: got {len(arguments)}") from None

    def _function(self, name: str) -> Callable[..., Any]:
        around = self._around
        of_the_place: dict[str, Callable[..., Any]] = {
            "query": around.query,
            "now": lambda: around.time,
            "pathPrefix": lambda: "",
            "externalURL": lambda: around.external_url,
        }
        return of_the_place.get(name) or plain_functions()[name]

    def _either(self, name: str, words: list[Operand], last: Any, dot: Any) -> Any:
        value: Any = _NO_ARGUMENT
        for word in words:
            value = self._value(word, dot)
            if is_true(value) == (name == "or"):
                return value
        value = last if last is not _NO_ARGUMENT else value
        if value is _NO_ARGUMENT:
            raise TemplateFault(f"wrong number of args for {name}: want at least 1 got 0")
        return value

    def _value(self, word: Operand, dot: Any) -> Any:
        match word:
            case Literal(value):
                return value
            case Dot():
                return dot
            case Variable(name):
                return next(value for known, value in reversed(self._variables) if known == name)
            case Fields(of, names):
                value = self._value(of, dot)
                for name in names:
                    value = _field(value, name)
                return value
            case Pipeline():
                return self._pipeline(word, dot)
            case Function(name):
                return self._call(name, [], _NO_ARGUMENT, dot)


def _field(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(name, "")
    fields: Mapping[str, Any] = {}
    if isinstance(value, Data):
        fields = value.fields()
    elif isinstance(value, Sample):
        fields = {"Labels": dict(value.labels), "Value": value.value}
    if name not in fields:
        raise TemplateFault(f"can't evaluate field {name} in type {kind_of(value)}")
    return fields[name]
