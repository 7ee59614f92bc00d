"""The formats of JSON, one object a line: ECS documents, and what products have of their own."""

import json

import pytest

from simulator import Renderer, Tag, TemplateError
from simulator_json.ecs import EcsFormat
from simulator_json.plain import TIME, TIMESTAMP, TS
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


@pytest.mark.parametrize(
    ("form", "member", "seen"),
    [
        (TIMESTAMP, '"timestamp":"{{ time|iso }}"', "2026-03-02T08:00:01.123Z"),
        (TIME, '"time":"{{ time|iso }}"', "2026-03-02T08:00:01.123Z"),
        (TS, '"ts":{{ time|epoch(6) }}', "1772438401.123456"),
    ],
)
def test_a_products_own_json_carries_the_tag_as_its_first_member(form, member, seen):
    renderer = Renderer("sample", "A sample", form.name, {"a.thing": f'{{{member},"user":{{{{ user.name|json }}}}}}'})

    (line,) = rendered_records(renderer, form, "a.thing", {"user": ALICE})

    assert line.startswith('{"feint":{"run":"r1a2b3c4d","playbook":"ssh-brute-force"},')
    assert json.loads(line)["user"] == "alice"
    assert form.layout.parse(line)[form.layout.time] == seen
    assert form.is_tagged(form.layout.parse(line), TAG)
    assert not form.is_tagged(form.layout.parse(line.replace(form.tag_text(TAG), "")), TAG)
    assert set(json.loads(line.replace(form.tag_text(TAG), ""))) == {form.layout.time, "user"}
