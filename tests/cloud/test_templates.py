"""Templates of clouds and clusters, as the engine compiles them."""

import pytest

import simulator_cloud
import simulator_kubernetes
from simulator.telemetry.streams import compiled_template
from tests.plugins.rendering import TAG, event_types

FORMATS = {
    each.name: each for each in (*simulator_cloud.simulator_formats(), *simulator_kubernetes.simulator_formats())
}
TEMPLATES = [
    pytest.param(renderer, event, id=f"{renderer.name}-{event}")
    for renderer in (*simulator_cloud.simulator_renderers(), *simulator_kubernetes.simulator_renderers())
    for event in renderer.templates
]


@pytest.mark.parametrize(("renderer", "event"), TEMPLATES)
def test_every_template_compiles_to_columns(renderer, event):
    for record in renderer.records(event):
        sources = [FORMATS[renderer.format].wrapped(record.template, TAG)]
        sources += [record.condition] if record.when else []
        for source in sources:
            template = compiled_template(renderer, event_types()[event], source)
            template.check()
            assert not template.warnings
