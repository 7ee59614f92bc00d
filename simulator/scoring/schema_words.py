"""The words that the schema of a scorecard is written in."""

from __future__ import annotations

from typing import Any, get_args

Schema = dict[str, Any]


def mapping(description: str, **properties: Schema) -> Schema:
    about = {"description": description} if description else {}
    return {
        "type": "object",
        **about,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def listing(items: Schema, description: str) -> Schema:
    return {"type": "array", "description": description, "items": items}


def texts(description: str) -> Schema:
    return listing({"type": "string"}, description)


def text(description: str) -> Schema:
    return {"type": "string", "description": description}


def count(description: str, *, null: bool = False) -> Schema:
    return {"type": _or_null("integer", null), "minimum": 0, "description": description}


def number(description: str, *, null: bool = False) -> Schema:
    return {"type": _or_null("number", null), "description": description}


def stamp(description: str, *, null: bool = False) -> Schema:
    about = f"{description} ISO 8601, UTC, milliseconds."
    return {"type": _or_null("string", null), "format": "date-time", "pattern": r"\.\d{3}Z$", "description": about}


def one_of(words: Any, description: str, *, null: bool = False) -> Schema:
    return {"enum": [*get_args(words), *([None] if null else [])], "description": description}


def measured(field: str) -> Schema:
    return {"enum": ["measured", "unmeasured"], "description": f"unmeasured: too little data, and {field} is null."}


def ref(name: str, description: str) -> Schema:
    return {"$ref": f"#/$defs/{name}", "description": description}


def _or_null(kind: str, null: bool) -> str | list[str]:
    return [kind, "null"] if null else kind
