"""Which streams answer a rule's log source, and what the fields that it names are called there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from sigma.rule import SigmaLogSource

from simulator import LogSource, Stream

FieldName = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Route:
    """A stream that a rule runs over: only records that ``source`` speaks of."""

    stream: Stream
    source: LogSource

    def field(self, name: str) -> str:
        """Return what a field that a rule names is called in the records."""
        for mapping in (self.source.fields, self.stream.renderer.fields):
            found = _mapped(name, mapping)
            if found is not None:
                return found
        return name


def routes(wanted: SigmaLogSource, streams: Iterable[Stream]) -> Iterator[Route]:
    """Yield the streams that answer a log source: all that it names must be the same, case ignored."""
    for stream in streams:
        for source in stream.renderer.log_sources:
            if all(
                _same(getattr(wanted, attribute), getattr(source, attribute))
                for attribute in ("product", "category", "service")
            ):
                yield Route(stream, source)


def described(wanted: SigmaLogSource) -> str:
    """Return a log source as people write it: ``product windows, category process_creation``."""
    parts = ((attribute, getattr(wanted, attribute)) for attribute in ("product", "category", "service"))
    return ", ".join(f"{attribute} {value}" for attribute, value in parts if value)


def _same(wanted: str | None, offered: str | None) -> bool:
    return not wanted or (offered is not None and wanted.lower() == offered.lower())


def _mapped(name: str, mapping: Mapping[str, str]) -> str | None:
    """Look a name up; of several keys that end in ``*`` the longest that fits counts."""
    if name in mapping:
        return mapping[name]
    fitting = [key for key in mapping if key.endswith("*") and name.startswith(key[:-1])]
    if not fitting:
        return None
    longest = max(fitting, key=len)
    return re.sub(r"\*", lambda _: name[len(longest) - 1 :], mapping[longest], count=1)
