from __future__ import annotations

from pathlib import Path

import pytest

from simulator.delivery.destinations import allowed_folder
from simulator.errors import GuardError


@pytest.mark.parametrize(
    "destination",
    [
        "http://localhost:9200",
        "HTTPS://siem.example/bulk",
        "tcp://127.0.0.1:514",
        "udp://[::1]:514",
        "s3://bucket/run",
        "siem.example:9200",
        "127.0.0.1:514/logs",
        "[2001:db8::1]:4318",
        "elasticsearch+https://x",
        "//server/share",
        r"\\server\share",
        "file:///dev/tcp/127.0.0.1/514",
        "/dev/log",
        "/dev/../dev/kmsg",
        "/proc/self/mem",
        "/sys/x",
    ],
)
def test_what_is_not_a_folder_is_refused(destination):
    with pytest.raises(GuardError, match="give --out a folder") as refused:
        allowed_folder(destination)
    assert refused.value.exit_code == 3


def test_a_link_to_a_device_is_a_device(tmp_path):
    (tmp_path / "innocent").symlink_to("/dev")

    with pytest.raises(GuardError):
        allowed_folder(str(tmp_path / "innocent" / "log"))


def test_folders_are_allowed():
    assert allowed_folder("runs/first") == Path("runs/first")
    assert allowed_folder("file:///srv/x") == Path("/srv/x")
    assert allowed_folder("C:run") == Path("C:run")
