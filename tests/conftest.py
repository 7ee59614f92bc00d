"""What all tests share: how hard hypothesis tries.

``FEINT_HYPOTHESIS_PROFILE=nightly pytest`` tries for long; the default is made for every push.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

_SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)
settings.register_profile("ci", max_examples=60, deadline=None, derandomize=True, suppress_health_check=_SLOW)
settings.register_profile("nightly", max_examples=5000, deadline=None, suppress_health_check=_SLOW)
settings.load_profile(os.environ.get("FEINT_HYPOTHESIS_PROFILE", "ci"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what shares runs on one worker: the tests of a module, and of one playbook in those of all playbooks."""
    if not config.pluginmanager.hasplugin("xdist"):
        return
    for item in items:
        name = getattr(item, "callspec", None) and item.callspec.params.get("name")
        group = name if isinstance(name, str) and item.path.parent.name == "playbooks" else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))
