"""Templates that are the text of one JSON object, and the place of the tag in them: before all other members."""

from __future__ import annotations

import json
import re

from simulator import TemplateError

_SETUP = r"(?:\s*\{%-?\s*set\b.*?%\}|\s*\{%-?\s*macro\b.*?\bendmacro\s*-?%\})*"  # may stand before the object
_TEMPLATE = re.compile(rf'(?P<setup>{_SETUP})\s*\{{\s*(?P<members>"[^"]*"\s*:.*\}})\s*', re.DOTALL)


def with_first(members: str, template: str, name: str) -> str:
    """Put members, each with a comma after it, at the head of the object that a template of format ``name`` writes."""
    parts = _TEMPLATE.fullmatch(template)
    if parts is None:
        raise TemplateError(f'a template of format {name!r} is a JSON object with members: {{"name": …}}')
    return parts["setup"] + "{" + members + parts["members"]


def string(text: str) -> str:
    """Return a JSON string."""
    return json.dumps(text, ensure_ascii=False)
