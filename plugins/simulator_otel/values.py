"""Attributes of OpenTelemetry, each written once for both encodings: as a template of JSON, and as a message."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from simulator import Member, Nested

_JSON = {"string": "stringValue", "int": "intValue", "bool": "boolValue"}
_PLACEHOLDER = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Attribute:
    """A key and an expression of its value; where ``when`` does not hold there is none.

    ``int`` and ``bool`` take a number. A string may be a template instead of an expression:
    words in it pass the filter ``word``, which escapes them in JSON.
    """

    key: str
    value: str
    when: str = ""
    kind: Literal["string", "int", "bool"] = "string"

    @property
    def is_template(self) -> bool:
        return "{{" in self.value

    def as_json(self) -> str:
        if self.kind == "string":
            value = f'"{self.value}"' if self.is_template else f"{{{{ ({self.value})|json }}}}"
        elif self.kind == "int":
            value = f'"{{{{ {self.value} }}}}"'
        else:
            value = f"{{{{ 'true' if {self.value} else 'false' }}}}"
        return f'{{"key":"{self.key}","value":{{"{_JSON[self.kind]}":{value}}}}}'

    def as_message(self, number: int) -> Nested:
        """Return it as a KeyValue in the field of this number."""
        if self.kind == "string":
            text = self.value if self.is_template else f"{{{{ {self.value} }}}}"
            value = Member(1, "text", text, always=True)
        elif self.kind == "bool":
            value = Member(2, "varint", f"1 if {self.value} else 0", always=True)
        else:
            value = Member(3, "varint", self.value, always=True)
        return Nested(number, (Member(1, "text", self.key), Nested(2, (value,))), when=self.when)


def as_json(attributes: Iterable[Attribute]) -> str:
    """Return the items of a list; the first attribute has to be one that is always there."""
    first, *others = attributes
    assert not first.when
    return first.as_json() + "".join(_maybe(f",{each.as_json()}", each.when) for each in others)


def _maybe(text: str, when: str) -> str:
    return f"{{% if {when} %}}{text}{{% endif %}}" if when else text


def as_messages(number: int, attributes: Iterable[Attribute]) -> tuple[Nested, ...]:
    return tuple(attribute.as_message(number) for attribute in attributes)


def in_json(text: object) -> str:
    """Write a word within a JSON string."""
    return json.dumps(str(text), ensure_ascii=False)[1:-1]


def concrete(route: str) -> str:
    """Return a path that a route stands for: ``/cart/{id}`` becomes ``/cart/4711``."""
    return _PLACEHOLDER.sub(lambda found: str(1000 + zlib.crc32((route + found[0]).encode()) % 9000), route)


JSON_FILTERS: Mapping[str, Callable[..., object]] = {"word": in_json, "concrete": concrete}
PROTOBUF_FILTERS: Mapping[str, Callable[..., object]] = {"word": str, "concrete": concrete}
