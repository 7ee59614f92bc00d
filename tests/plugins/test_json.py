"""The format ``ecs``."""

import json

import pytest

from simulator import Renderer, Tag, TemplateError
from simulator_json.ecs import EcsFormat
from tests.plugins.rendering import ALICE, TAG, rendered_records

DOCUMENT = Renderer(
    name="sample",
    title="A sample",
    format="ecs",
    templates={"a.thing": '{"@timestamp":"{{ time|iso }}","user":{"name":{{ user.name|json }}}}'},
)


def line(tag=TAG):
    return rendered_records(DOCUMENT, EcsFormat(), "a.thing", {"user": ALICE}, tag)[0]


def test_a_document_carries_the_tag_in_tags_and_labels():
    document = json.loads(line())

    assert document["tags"] == ["synthetic"]
    assert document["labels"] == {"feint_run": "r1a2b3c4d", "feint_playbook": "ssh-brute-force"}
    assert document["@timestamp"] == "2026-03-02T08:00:01.123Z"
    assert EcsFormat().is_tagged(EcsFormat().layout.parse(line()), TAG)


def test_taking_the_tag_out_leaves_the_authors_document():
    bare = line().replace(EcsFormat().tag_text(TAG), "")

    assert json.loads(bare) == {"@timestamp": "2026-03-02T08:00:01.123Z", "user": {"name": "alice"}}
    assert not EcsFormat().is_tagged(EcsFormat().layout.parse(bare), TAG)


def test_the_tag_of_another_run_or_playbook_is_not_the_tag():
    for other in (Tag("r00000000", TAG.playbook), Tag(TAG.run, "another")):
        assert not EcsFormat().is_tagged(EcsFormat().layout.parse(line(other)), TAG)


def test_a_playbook_may_have_any_name():
    tag = Tag("r1a2b3c4d", 'naïve "one"')

    assert json.loads(line(tag))["labels"]["feint_playbook"] == 'naïve "one"'
    assert EcsFormat().tag_text(tag) in line(tag)


def test_macros_may_stand_before_the_object():
    setup = '{% macro of(who) %}{"name":{{ who|json }}}{% endmacro %}{% set zone = "dmz" %} '
    renderer = Renderer("sample", "A sample", "ecs", {"a.thing": setup + '{"user":{{ of(user.name) }},"a":1}'})

    assert json.loads(rendered_records(renderer, EcsFormat(), "a.thing", {"user": ALICE})[0])["user"] == {
        "name": "alice"
    }


@pytest.mark.parametrize("template", ["", "{}", "{{ user.name }}", '["a"]', '{"a":1}x'])
def test_a_template_that_is_no_object_is_refused(template):
    with pytest.raises(TemplateError, match="JSON object"):
        EcsFormat().wrapped(template, TAG)
