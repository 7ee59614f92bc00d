"""Backends write the same bytes, however the rows are cut into batches and whichever thread renders them."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from simulator.errors import UsageError
from simulator.events.columns import Coded, Vocabulary
from simulator.telemetry.templates import best_backend, compile_template, named_backend
from tests.telemetry.templates.events import SCHEMA, events, texts

BACKENDS = ("python", "pyarrow", "numba")
SOURCE = (
    "{{ time|iso }} {{ host.name }} {{ path|json }}{% if user %} {{ user.name|json }} {{ guid|uuid }}{% endif %}"
    "{% if pid > 20000 %} {{ pid }} {{ logon|hexint }} {{ duration|seconds(6) }} {{ note|json }}{% endif %}"
    " {{ status }}"
)
ROWS = 3000


@pytest.fixture(scope="module")
def wanted():
    return compile_template(SOURCE, SCHEMA).render(events(ROWS), ROWS, named_backend("python")).data.tobytes()


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("size", [1, 15, 16, 17, 1000, ROWS])
def test_batches_of_any_size_make_the_same_bytes(name, size, wanted):
    template, columns = compile_template(SOURCE, SCHEMA), events(ROWS)
    parts = []
    for start in range(0, min(ROWS, size * 40), size):
        rows = np.arange(start, min(start + size, ROWS))
        batch = {field: column.take(rows) for field, column in columns.items()}
        parts.append(template.render(batch, len(rows), named_backend(name)).data.tobytes())

    assert wanted.startswith(b"".join(parts))


@pytest.mark.parametrize("name", BACKENDS)
def test_threads_do_not_disturb_each_other(name):
    template = compile_template(SOURCE, SCHEMA)
    words = Vocabulary(["a"])
    shared = compile_template("{{ word }}{{ word|upper }}", {"word": "coded"})

    def render(seed):
        backend = named_backend(name)
        for number in range(20):
            words.code(f"{seed}-{number}")
        columns = {"word": Coded(np.arange(200, dtype=np.uint32) % len(words), words)}
        lines = shared.render(columns, 200, backend).rows()
        assert lines == [f"{word}{word.upper()}".encode() for word in (columns["word"].row(n) for n in range(200))]
        return template.render(events(500, seed), 500, backend).data.tobytes()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(render, range(24)))

    assert found == [
        compile_template(SOURCE, SCHEMA).render(events(500, s), 500, named_backend("python")).data.tobytes()
        for s in range(24)
    ]


@pytest.mark.parametrize("name", BACKENDS)
def test_what_was_rendered_stays_as_it_is_when_more_is_rendered(name):
    template = compile_template(SOURCE, SCHEMA)
    first = template.render(events(500, 1), 500, named_backend(name))
    before = first.data.tobytes()
    for seed in range(2, 6):
        template.render(events(500, seed), 500, named_backend(name))

    assert first.data.tobytes() == before


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize(("rows", "every", "length"), [(500, 97, 100_000), (3000, 2999, 700_000)])
def test_rows_of_very_different_lengths_fit(name, rows, every, length):
    values = ["x" * (length if number % every == 0 else number % 5) for number in range(rows)]
    template = compile_template("{{ note }}{{ note }}", {"note": "text"})

    assert template.render({"note": texts(values)}, rows, named_backend(name)).rows() == [
        2 * v.encode() for v in values
    ]


@pytest.mark.parametrize("name", BACKENDS)
def test_columns_that_nobody_may_write_to_or_that_are_views_render(name):
    columns = events(2 * ROWS)
    halves = {field: column.take(np.arange(0, 2 * ROWS, 2)) for field, column in columns.items()}
    for field in ("pid", "time", "duration", "guid", "logon"):
        values = columns[field].values
        values.flags.writeable = False
        halves[field] = type(columns[field])(values[::2])
    template = compile_template(SOURCE, SCHEMA)

    for column in halves.values():
        for array in (getattr(column, part, None) for part in ("codes", "values", "data", "offsets")):
            if array is not None:
                array.flags.writeable = False
    wanted = template.render({f: c.take(np.arange(0, 2 * ROWS, 2)) for f, c in columns.items()}, ROWS).data.tobytes()
    assert template.render(halves, ROWS, named_backend(name)).data.tobytes() == wanted


def test_few_rows_take_the_backend_that_is_there_at_once():
    assert best_backend(1000).name == "pyarrow"
    assert best_backend(10**9).name == best_backend().name == "numba"


def test_a_backend_that_does_not_exist_is_refused():
    with pytest.raises(UsageError, match="numba, pyarrow and python"):
        named_backend("cuda")


def test_without_numba_pyarrow_takes_its_place():
    code = (
        "import sys; sys.modules['numba'] = None\n"
        "from importlib import util; find = util.find_spec\n"
        "util.find_spec = lambda name, *rest: None if name == 'numba' else find(name, *rest)\n"
        "from simulator.telemetry.templates import best_backend; print(best_backend().name)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout == "pyarrow\n"


def test_numba_works_where_its_cache_cannot_be_written(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    code = (
        "import os; os.environ['NUMBA_CACHE_DIR'] = " + repr(str(blocked / "cache")) + "\n"
        "import numpy as np\n"
        "from simulator.events.columns import Integers\n"
        "from simulator.telemetry.templates import compile_template, named_backend\n"
        "columns = {'pid': Integers(np.arange(20))}\n"
        "template = compile_template('{{ pid }},', {'pid': 'integer'})\n"
        "print(template.render(columns, 20, named_backend('numba')).data.tobytes())"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout.startswith("b'0,1,2,")
