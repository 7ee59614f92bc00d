"""Templates of the web's and the wire's products, as the engine compiles them."""

import pytest

from simulator.telemetry.streams import compiled_template
from simulator_json import simulator_formats as ecs_formats
from simulator_network import simulator_formats as network_formats
from simulator_network import simulator_renderers as network_renderers
from simulator_web import simulator_formats as web_formats
from simulator_web import simulator_renderers as web_renderers
from tests.plugins.rendering import TAG, event_types

FORMATS = {each.name: each for each in (*ecs_formats(), *network_formats(), *web_formats())}
RECORDS = [
    pytest.param(renderer, event, record, id=f"{renderer.name}-{event}-{number}")
    for renderer in (*network_renderers(), *web_renderers())
    for event in renderer.templates
    for number, record in enumerate(renderer.records(event))
]


@pytest.mark.parametrize(("renderer", "event", "record"), RECORDS)
def test_every_template_compiles_to_columns(renderer, event, record):
    template = compiled_template(renderer, event_types()[event], FORMATS[renderer.format].wrapped(record.template, TAG))
    template.check()
    assert not template.warnings

    if record.when:
        condition = compiled_template(renderer, event_types()[event], f"{{% if {record.when} %}}1{{% endif %}}")
        condition.check()
        assert not condition.warnings
