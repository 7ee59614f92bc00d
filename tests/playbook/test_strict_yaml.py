from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from simulator.errors import PlaybookError
from simulator.places import Complaints
from simulator.playbook.reading import strict_yaml
from simulator.playbook.reading.nodes import Entries, Items, Node, Scalar
from simulator.playbook.reading.strict_yaml import parse_yaml, read_yaml


def plain(node: Node):
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Items):
        return [plain(each) for each in node.items]
    assert isinstance(node, Entries)
    return {key.value: plain(value) for key, value in node.entries}


def read(text: str):
    complaints = Complaints()
    node = parse_yaml(text, "trial.yaml", complaints)
    complaints.settle()
    return plain(node)


def complaints_of(text: str) -> list[str]:
    with pytest.raises(PlaybookError) as raised:
        read(text)
    return [str(each) for each in raised.value.complaints]


@pytest.fixture(params=["as installed", "pure"], autouse=True)
def loader(request, monkeypatch):
    """Every promise holds for PyYAML with and without its C library."""
    if request.param == "pure":
        monkeypatch.setattr(strict_yaml, "_Loader", yaml.SafeLoader)


def test_scalars_are_those_of_yaml_12():
    text = (
        "{a: 1, b: -7, c: 1.5, d: true, e: False, f: null, g: ~, h: , i: 0x1F, j: 0o17, k: 1e3, l: .5, m: 2026-03-02}"
    )

    assert read(text) == {
        "a": 1, "b": -7, "c": 1.5, "d": True, "e": False, "f": None, "g": None, "h": None, "i": 31, "j": 15,
        "k": 1000.0, "l": 0.5, "m": "2026-03-02",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("on: 1", "1:1: on: some readers take this for true or false"),
        ("a: yes", "1:4: yes: some readers take this for true or false"),
        ("a: OFF", "1:4: OFF: some readers take this for true or false"),
        ("a: 12:30:45", "1:4: 12:30:45: some readers take this for a number"),
        ("a: 0123", "1:4: 0123: readers disagree which number this is"),
        ("a: 1_000", "1:4: 1_000: readers disagree which number this is"),
        ("a: 0b11", "1:4: 0b11: readers disagree which number this is"),
        ("a: .inf", "1:4: .inf is not a number that can be played"),
        ("a: 99999999999999999999", "1:4: 99999999999999999999 is too large a number"),
        ("a: 1\nb: 2\na: 3", "3:1: 'a' stands here a second time (first in line 1); keep one"),
        ("a: &x [1]", "1:4: &x: anchors are not read"),
        ("a: {<<: {b: 1}}", "1:5: merge keys (<<) are not read"),
        ("a: !!python/object:os.system x", "1:4: the tag tag:yaml.org,2002:python/object:os.system: tags are not read"),
        ("a: !!int '3'", "1:4: the tag tag:yaml.org,2002:int: tags are not read"),
        ("? [a]\n: 1", "1:3: a key has to be text"),
        ("true: 1", "1:1: a key has to be text"),
        ("a:\n\tb: 1", "2:1: a tab in the indentation; use spaces"),
        ("a: \x07", "1:4: the character U+0007 is not allowed"),
        ("a: 1\n---\nb: 1", "2:1: a second document begins"),
        ("", "1:1: this file is empty"),
        ("# nothing\n", "1:1: this file is empty"),
    ],
)
def test_what_readers_disagree_on_is_refused_with_its_place(text, said):
    complaints = complaints_of(text)

    assert any(each.startswith(f"trial.yaml:{said}") for each in complaints), complaints


@pytest.mark.parametrize("text", ["a: [1, 2", "a: {b: 1", "a: 'b", "a: b: c", "- a\nb: 1", "a: @b"])
def test_what_is_not_yaml_is_one_complaint(text):
    (complaint,) = complaints_of(text)

    assert "this is not YAML: " in complaint


def test_the_same_words_in_quotes_are_text():
    assert read("{'on': 'yes', a: '12:30:45', b: \"0123\", c: '<<', d: 'null'}") == {
        "on": "yes", "a": "12:30:45", "b": "0123", "c": "<<", "d": "null",
    }  # fmt: skip


def test_several_mistakes_are_said_at_once():
    assert len(complaints_of("a: 1\na: yes\nb: &x 0123\nc: *x\n")) == 5


def test_nesting_has_an_end():
    assert read("[" * 31 + "1" + "]" * 31)
    assert "nested more than 32 deep" in complaints_of("[" * 40 + "]" * 40)[0]
    assert "nested more than 32 deep" in complaints_of("[" * 100_000)[0]


def test_aliases_cannot_explode():
    bomb = "a: &a [x, x, x]\n" + "".join(
        f"{this}: &{this} [{', '.join([f'*{before}'] * 9)}]\n"
        for before, this in zip("abcdefgh", "bcdefghi", strict=True)
    )

    assert "aliases are not read" in " ".join(complaints_of(bomb))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (b"\xef\xbb\xbfa: 1", ":1:1: this file begins with a byte order mark"),
        ("a: 1".encode("utf-16"), ":1:1: this file begins with a byte order mark"),
        (b"a: 1\nb: caf\xe9\n", ":2:7: byte 0xe9 is not UTF-8"),
        (b"a: " + b"x" * 1_000_000, ":1:1: this file is larger than 1,000,000 bytes"),
    ],
)
def test_files_that_are_no_text_are_refused(tmp_path: Path, written: bytes, said: str):
    path = tmp_path / "trial.yaml"
    path.write_bytes(written)

    with pytest.raises(PlaybookError, match=said):
        read_yaml(path, Complaints())


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path):
    with pytest.raises(PlaybookError, match=r"gone\.yaml:1:1: this file cannot be read: No such file"):
        read_yaml(tmp_path / "gone.yaml", Complaints())
    with pytest.raises(PlaybookError, match="this file cannot be read: Is a directory"):
        read_yaml(tmp_path, Complaints())
