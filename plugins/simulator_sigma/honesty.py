"""Refusing rules that look at the tag. The store has taken it out; a rule that asks for it would make scores a lie."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sigma.conditions import ConditionFieldEqualsValueExpression, ConditionItem, ConditionValueExpression
from sigma.types import SigmaExpansion, SigmaFieldReference, SigmaRegularExpression, SigmaString, SigmaType

from simulator import Tag
from simulator_sigma.reading import BadRuleError
from simulator_sigma.routing import FieldName

_TAG_FIELD = re.compile(r"tags|(.*[._@])?labels\.feint.*|(.*[._])?feint.*", re.IGNORECASE)
_TAG_TEXT = re.compile(r"feint[_.](run|playbook|test)|\.?feint\\?\.test|feint@32473", re.IGNORECASE)


def refuse_readers_of_the_tag(condition: object, tag: Tag, field_name: FieldName) -> None:
    """Raise if a condition names a field that holds the tag, or searches for the tag's text."""
    for field, value in _leaves(condition):
        named = [field, value.field if isinstance(value, SigmaFieldReference) else None]
        for name in filter(None, named):
            if _TAG_FIELD.fullmatch(name) or _TAG_FIELD.fullmatch(field_name(name)):
                raise BadRuleError(f"it reads the tag of synthetic records (field {name!r})", "unconvertible")
        for text in _texts(value):
            bare = text.strip().lower()
            if _TAG_TEXT.search(text) or tag.run in bare or (field is None and bare == "synthetic"):
                raise BadRuleError(f"it searches for the tag of synthetic records ({text!r})", "unconvertible")


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
