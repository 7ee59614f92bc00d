"""What a plugin gives to have records in protobuf's wire format: which members a message has, and their values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["text", "bytes", "varint", "fixed32", "fixed64", "double"]


@dataclass(frozen=True, slots=True)
class Member:
    """One field of a message: its number, how it is written, and what.

    text       ``value`` is a Jinja2 template: ``{{ method }} {{ route }}``
    the rest   ``value`` is a Jinja2 expression: ``time + duration``. Bytes are identifiers or constants,
               a list of numbers is written packed, and None is not written

    ``when`` is an expression that says where the member stands at all. As in proto3, what is
    0 or empty is left out; not so with ``always``, as it is for members of a ``oneof``.
    """

    number: int
    kind: Kind
    value: str
    when: str = ""
    always: bool = False


@dataclass(frozen=True, slots=True)
class Nested:
    """A field that is a message itself. It stands where ``when`` holds, also without any members.

    With ``each`` it stands once for each item of a list: an expression over coded fields. The
    members see the item as ``item``, and coded fields beside it.
    """

    number: int
    members: tuple[Member | Nested, ...]
    when: str = ""
    each: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A whole record. Members are written in the order given: that of their numbers is protobuf's own."""

    members: tuple[Member | Nested, ...]

    def with_first(self, path: Sequence[int], members: tuple[Member | Nested, ...]) -> Message:
        """Return the message with members added, before all others, to the nested one that lies at a path of numbers.

        ValueError says that there is none.
        """
        return replace(self, members=_with_first(self.members, path, members))


def _with_first(
    into: tuple[Member | Nested, ...], path: Sequence[int], members: tuple[Member | Nested, ...]
) -> tuple[Member | Nested, ...]:
    if not path:
        return members + into
    for place, each in enumerate(into):
        if isinstance(each, Nested) and each.number == path[0]:
            inner = replace(each, members=_with_first(each.members, path[1:], members))
            return (*into[:place], inner, *into[place + 1 :])
    raise ValueError(f"the message has no nested message {path[0]}")
