"""Templates of Linux' products, as the engine compiles them."""

import numpy as np
import pytest

from simulator.events.columns import Identifier, Identifiers
from simulator.telemetry.streams import compiled_template
from simulator.telemetry.templates import compile_template
from simulator_json import simulator_formats as ecs_formats
from simulator_linux import simulator_formats as linux_formats
from simulator_linux import simulator_renderers
from simulator_linux.event_types import LOGON_WIDTH
from simulator_linux.logins import SESSION
from simulator_syslog import simulator_formats as syslog_formats
from tests.plugins.rendering import TAG, event_types

FORMATS = {each.name: each for each in (*ecs_formats(), *linux_formats(), *syslog_formats())}
TEMPLATES = [
    pytest.param(renderer, event, id=f"{renderer.name}-{event}")
    for renderer in simulator_renderers()
    for event in renderer.templates
]


@pytest.mark.parametrize(("renderer", "event"), TEMPLATES)
def test_every_template_compiles_to_columns(renderer, event):
    for record in renderer.records(event):
        sources = [FORMATS[renderer.format].wrapped(record.template, TAG)]
        sources += [f"{{% if {record.when} %}}1{{% endif %}}"] if record.when else []
        for source in sources:
            template = compiled_template(renderer, event_types()[event], source)
            template.check()
            assert not template.warnings


def test_the_number_of_a_session_is_written_for_many_records_as_for_one():
    ids = np.random.Generator(np.random.Philox(7)).integers(0, 256, (100, LOGON_WIDTH), np.uint8)
    template = compile_template(f"New session {SESSION} of user x.", {"logon": "identifier"})
    rendered = template.render({"logon": Identifiers(ids)}, 100)

    assert rendered.rows() == [template.render_row({"logon": Identifier(row)}).encode() for row in ids]
    assert not template.warnings
