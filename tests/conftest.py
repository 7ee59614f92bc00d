"""What all tests share: how hard hypothesis tries.

``FEINT_HYPOTHESIS_PROFILE=nightly pytest`` tries for long; the default is made for every push.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)
settings.register_profile("ci", max_examples=60, deadline=None, derandomize=True, suppress_health_check=_SLOW)
settings.register_profile("nightly", max_examples=5000, deadline=None, suppress_health_check=_SLOW)
settings.load_profile(os.environ.get("FEINT_HYPOTHESIS_PROFILE", "ci"))
