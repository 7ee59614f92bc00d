"""The store reads what the installed renderers write as their layouts do, times included."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from typing import Any

import pytest

from simulator import Column, ProtobufLayout, Renderer, UsageError
from simulator_sandbox.store import DuckDBStore
from tests.plugins.rendering import TAG, TIME, event_types, rendered_records
from tests.sandbox.recordings import Recorder

ODD = "a b=\"c\" 'd' é, {f} [g] |h| /x?y=1"


def added(hook: str) -> Iterator[Any]:
    for module in sorted(found.name for found in pkgutil.iter_modules() if found.name.startswith("simulator_")):
        yield from getattr(import_module(module), hook, tuple)()


FORMATS = {each.name: each for each in added("simulator_formats")}
RENDERERS = [
    each
    for each in added("simulator_renderers")
    if each.format in FORMATS and not isinstance(FORMATS[each.format].layout, ProtobufLayout)
]


@pytest.mark.parametrize("renderer", RENDERERS, ids=lambda renderer: renderer.name)
def test_every_record_of_an_installed_renderer_reads_as_its_layout_parses_it(tmp_path, renderer: Renderer):
    form = FORMATS[renderer.format]
    lines = [line for event in renderer.templates for line in lines_of(renderer, event)]
    if not lines:
        pytest.skip("none of its templates is content with the jig's values")
    recorder = Recorder(tmp_path, tag=TAG).add(renderer, form, lines, TIME)
    bare = [line.replace(form.tag_text(TAG), "") for line in lines]
    parsed = [form.layout.parse(line) for line in bare]
    fields = sorted({field for record in parsed for field in record})

    with DuckDBStore(recorder.run()) as store:
        table = store.table(renderer.name, {f"c{place}": Column(field) for place, field in enumerate(fields)})
        rows = store.query(f"SELECT * FROM {table} ORDER BY line").to_pylist()

    assert [{field: row[f"c{place}"] for place, field in enumerate(fields)} for row in rows] == [
        {field: record.get(field) for field in fields} for record in parsed
    ]
    # a pod's image was pulled before the pod was up
    assert {abs(row["time"] - TIME) < 5_000_000_000 for row in rows} == {True}
    assert not any("feint" in text or "r1a2b3c4d" in text for text in bare)


def lines_of(renderer: Renderer, event: str) -> list[str]:
    """Return what is written of an event whose texts are odd ones; of an ordinary one, if a template needs that."""
    form = FORMATS[renderer.format]
    known = event_types().get(event)
    texts = (
        {field.name: ODD for field in known.fields if field.kind == "text" and field.default is None} if known else {}
    )
    for values in (texts, {}):
        with suppress(UsageError, ValueError):
            lines = rendered_records(renderer, form, event, values, TAG)
            return [line for line in lines if form.layout.parse(line)]
    return []
