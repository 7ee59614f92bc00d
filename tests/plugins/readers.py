"""Independent readers that tests ask: tools of the operating system, which may not be there."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

import pytest


def output_of(command: Sequence[str], package: str) -> str:
    """Return what a tool prints.

    Where the tool is missing the test is skipped, or fails if FEINT_REQUIRE_SERVERS says
    that this machine should have it.
    """
    tool = shutil.which(command[0]) or shutil.which(command[0], path="/usr/sbin:/sbin:/usr/local/sbin")
    if tool is None:
        complaint = f"{command[0]} is not installed: apt-get install {package}"
        if os.environ.get("FEINT_REQUIRE_SERVERS") == "1":
            pytest.fail(complaint)
        pytest.skip(complaint)
    answer = subprocess.run([tool, *command[1:]], capture_output=True, text=True, check=False, timeout=60)
    return answer.stdout + answer.stderr
