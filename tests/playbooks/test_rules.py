"""Our own rules: files by which expectations name them, in the form that Sigma asks for."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

import pytest
import yaml

from simulator.playbook.catalogue import shipped_folder

RULES = sorted(path for path in (shipped_folder() / "rules" / "sigma").glob("*.yml"))
DOCUMENTS = [document for path in RULES for document in yaml.safe_load_all(path.read_text())]
LEVELS = {"informational", "low", "medium", "high", "critical"}


def test_ids_are_uuids_and_no_two_rules_share_one():
    ids = Counter(str(UUID(document["id"])) for document in DOCUMENTS)

    assert [each for each, count in ids.items() if count > 1] == []


def test_names_that_correlations_refer_to_are_told_apart():
    names = Counter(document["name"] for document in DOCUMENTS if "name" in document)

    assert [each for each, count in names.items() if count > 1] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document["title"])
def test_a_rule_says_what_it_is_for(document):
    assert document["description"]
    assert document["level"] in LEVELS
    assert any(tag.startswith("attack.t") for tag in document["tags"])
    assert "correlation" in document or document["logsource"]


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_what_raises_alerts_stands_first_in_its_file_and_knows_its_false_positives(path):
    first = next(yaml.safe_load_all(path.read_text()))

    assert "name" not in first  # those that are named feed correlations
    assert first["falsepositives"]


def test_our_rules_show_the_kinds_of_correlation():
    kinds = {document["correlation"]["type"] for document in DOCUMENTS if "correlation" in document}

    assert kinds >= {"event_count", "value_count", "temporal", "temporal_ordered"}


def test_every_rule_is_expected_by_some_playbook():
    texts = "".join(path.read_text() for path in shipped_folder().glob("*s/*.yaml"))

    assert [path.stem for path in RULES if f"rule: {path.stem}\n" not in texts] == []
