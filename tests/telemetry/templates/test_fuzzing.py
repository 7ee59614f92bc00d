from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import TemplateError
from simulator.telemetry.templates import compile_template, named_backend
from tests.telemetry.templates.events import SCHEMA, events, row
from tests.telemetry.templates.grammar import TEMPLATE

CONSTANTS = {"constant": 'cé"', "number": 12}
SYNTAX = "{{ }} {% %} {# #} {%- -%} ( ) [ ] { } | . , : ~ + - * / // % ** == != < > = ' \" \\"
WORDS = """
if else elif endif for in endfor set endset macro endmacro call endcall filter endfilter with endwith block endblock
extends include import from raw endraw autoescape endautoescape true false none not and or is loop self super caller
host user path pid time note guid duration range dict namespace cycler upper json iso strftime default join map list
random tojson attr format __class__ _x x é ² 𝐱 0 1 1e999 99999999999999999999 0x1f
"""
TOKENS = st.sampled_from([*SYNTAX.split(), *WORDS.split(), "\ud800", *[" ", "\n", "{{ ", " }}", "{% ", " %}"] * 8])
GARBAGE = st.one_of(
    st.text(max_size=40),
    st.lists(TOKENS, max_size=25).map("".join),
    st.lists(TOKENS, max_size=12).map(" ".join).map(lambda inner: f"{{{{ {inner} }}}}"),
    st.lists(TOKENS, max_size=12).map(" ".join).map(lambda inner: f"{{% {inner} %}}"),
)


@given(source=TEMPLATE, seed=st.integers(0, 11), rows=st.sampled_from([1, 3, 17, 40]))
def test_any_template_renders_as_jinja2_renders_it_row_by_row(source, seed, rows):
    columns = events(rows, seed)
    try:
        template = compile_template(source, SCHEMA, constants=CONSTANTS)
    except TemplateError as error:
        refusal = str(error)
    else:
        refusal = ""
    if refusal:
        assert "nothing is called 'own'" in refusal
        return
    wanted = [_record(template, columns, number) for number in range(rows)]

    for name in ("python", "pyarrow", "numba"):
        try:
            records = template.render(columns, rows, named_backend(name)).rows()
        except TemplateError:
            assert None in wanted
        else:
            assert [record for record, known in zip(records, wanted, strict=True) if known is not None] == [
                known for known in wanted if known is not None
            ]


def _record(template, columns, number):
    try:
        return template.render_row(row(columns, number)).encode()
    except TemplateError:
        return None


@given(source=GARBAGE)
def test_garbage_is_refused_with_a_template_error_or_renders_as_jinja2_renders_it(source):
    columns = events(20)
    try:
        template = compile_template(source, SCHEMA, constants=CONSTANTS)
        template.check()
        records = template.render(columns, 20, named_backend("pyarrow")).rows()
    except TemplateError:
        return

    assert records == [template.render_row(row(columns, number)).encode() for number in range(20)]


@pytest.mark.parametrize(
    "source",
    [
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        "{% if 1 %}" * 500 + "{% endif %}" * 500,
        "{{ 1" + "+1" * 3000 + " }}",
    ],
)
def test_nesting_without_end_is_refused(source):
    with pytest.raises(TemplateError, match="nested too deeply"):
        compile_template(source, SCHEMA)
