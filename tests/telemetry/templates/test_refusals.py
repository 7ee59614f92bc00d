"""What a template may not say."""

from __future__ import annotations

import pytest

from simulator.errors import TemplateError
from simulator.telemetry.templates import compile_template
from tests.telemetry.templates.events import SCHEMA, events


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("ok\n{{ hots.name }}", 2, "nothing is called 'hots' here; did you mean 'host'?"),
        ("{{ host.name|jsno }}", 1, "there is no filter 'jsno'; did you mean 'json'?"),
        ("{{ host is definde }}", 1, "there is no test 'definde'; did you mean 'defined'?"),
        ("{% if host %}", 1, "Unexpected end of template"),
        ("a\nb\n{{ host", 3, "unexpected end of template"),
        ("{% include 'other' %}", 1, "a template stands alone"),
        ("{% import 'other' as o %}", 1, "a template stands alone"),
        ("{% extends 'other' %}", 1, "a template stands alone"),
        ("{% block a %}{% endblock %}", 1, "a template stands alone"),
        ("{{ [1, 2]|random }}", 1, "another answer at each call"),
        ("{{ now() }}", 1, "another answer at each call"),
        ("{{ lipsum() }}", 1, "another answer at each call"),
        ("{{ cycler(1, 2) }}", 1, "another answer at each call"),
        ("{% set n = namespace(a=1) %}", 1, "another answer at each call"),
        ("{% set host.name = 1 %}", 1, "keeps state"),
        ("{{ host.__class__ }}", 1, "out of reach"),
        ("{{ host['__class__'] }}", 1, "out of reach"),
        ("{{ host|attr('__class__') }}", 1, "out of reach"),
        ("{{ self }}", 1, "nothing is called 'self'"),
        ("{{ time|strftime('%Q') }}", 1, "strftime has no directive '%Q'"),
        ("\ud800", None, "not Jinja2"),
    ],
)
def test_it_is_refused_before_anything_is_rendered(source, line, message):
    with pytest.raises(TemplateError) as refusal:
        compile_template(source, SCHEMA)

    assert message in str(refusal.value)
    assert refusal.value.line == line


@pytest.mark.parametrize(
    "source",
    [
        "{{ host|attr('__cl' ~ 'ass__') }}",
        "{{ '{0.__class__}'.format(host) }}",
        "{{ host.name.upper }}",
        "{{ [].append(1) }}",
        "{{ host.roles|map('upper') }}",
        "{{ 'a' * 10 ** 9 }}",
        "{{ 2 ** (10 ** 9) }}",
        "{{ '%999999999d' % 1 }}",
        "{{ '{:999999999}'.format(1) }}",
        "{{ 'a'.ljust(10 ** 9) }}",
        "{{ 'a'|center(10 ** 9) }}",
        "{{ range(10 ** 9)|list }}",
        "{{ host.nothing }}",
        "{{ 1 // 0 }}",
    ],
)
def test_what_only_shows_when_it_runs_is_refused_then(source):
    template = compile_template(source, SCHEMA)

    with pytest.raises(TemplateError):
        template.render(events(20), 20)
    with pytest.raises(TemplateError):
        template.render_row({name: column.row(0) for name, column in events(1).items()}).encode()
