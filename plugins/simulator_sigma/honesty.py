"""Refusing rules that look at the tag. The store has taken it out; a rule that asks for it would make scores a lie."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from sigma.conditions import ConditionFieldEqualsValueExpression, ConditionItem, ConditionValueExpression
from sigma.types import SigmaExpansion, SigmaFieldReference, SigmaRegularExpression, SigmaString, SigmaType

from simulator import Tag
from simulator_sigma.reading import BadRuleError
from simulator_sigma.routing import FieldName

_TAG_FIELD = re.compile(r"tags|(.*[._@])?labels\.feint.*|(.*[._])?feint.*", re.IGNORECASE)
_TAG_TEXT = re.compile(r"feint([_.]|\\\.| )(run|playbook|test)|feint@32473|feint: |=feint\b", re.IGNORECASE)
_TAG_WORD = re.compile(r"\W*(synthetic|feint)\W*", re.IGNORECASE)
_KEY = re.compile(r"""(?:^|[\s,])"?(\w+)"?[=:]""")


def refuse_readers_of_the_tag(condition: object, tag: Tag, field_name: FieldName, tag_text: str = "") -> None:
    """Raise if a condition names a field that holds the tag, or searches for the tag's text.

    ``tag_text`` is how the tag stands in the records of the stream, if there is one.
    """
    keys = {*_KEY.findall(tag_text)}
    for field, value in _leaves(condition):
        named = [field, value.field if isinstance(value, SigmaFieldReference) else None]
        for name in filter(None, named):
            refuse_tag_field(name)
            refuse_tag_field(field_name(name), keys)
        for text in _texts(value):
            if _TAG_TEXT.search(text) or tag.run in text.lower() or (field is None and _TAG_WORD.fullmatch(text)):
                raise BadRuleError(f"it searches for the tag of synthetic records ({text!r})", "unconvertible")


def refuse_tag_field(name: str, keys: Collection[str] = ()) -> None:
    if _TAG_FIELD.fullmatch(name) or name in keys:
        raise BadRuleError(f"it reads the tag of synthetic records (field {name!r})", "unconvertible")


def _leaves(condition: object) -> Iterator[tuple[str | None, SigmaType]]:
    if isinstance(condition, ConditionItem):
        for each in condition.args:
            yield from _leaves(each)
    elif isinstance(condition, ConditionFieldEqualsValueExpression):
        yield condition.field, condition.value
    elif isinstance(condition, ConditionValueExpression):
        yield None, condition.value


def _texts(value: SigmaType) -> Iterator[str]:
    if isinstance(value, SigmaString):
        yield "".join(part for part in value.s if isinstance(part, str))
    elif isinstance(value, SigmaRegularExpression):
        yield str(value.regexp)
    elif isinstance(value, SigmaExpansion):
        for each in value.values:
            yield from _texts(each)
