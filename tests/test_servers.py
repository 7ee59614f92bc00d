"""The helpers of tests/servers.py: a server answers within its block, and is gone after it, also when a test fails."""

from __future__ import annotations

import pytest

from tests.servers import alertmanager, amtool, prometheus, promtool

ROUTE = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"


def test_prometheus_answers_and_is_gone_after_its_block(tmp_path):
    with prometheus(tmp_path) as server:
        answer = server.get("/api/v1/query", query="vector(1)", time="1700000000")

    assert answer["data"]["result"][0]["value"] == [1700000000, "1"]
    with pytest.raises(OSError, match="refused"):
        server.get("/-/ready")


def test_a_server_is_stopped_when_its_test_fails(tmp_path):
    with pytest.raises(RuntimeError, match="as a test does"), alertmanager(tmp_path, ROUTE) as server:
        assert server.get("/api/v2/status")["config"]["original"].count("receiver: nobody") == 1
        raise RuntimeError("as a test does")

    with pytest.raises(OSError, match="refused"):
        server.get("/-/ready")


def test_a_server_that_does_not_start_says_why(tmp_path):
    with pytest.raises(pytest.fail.Exception, match="no_such_key"), prometheus(tmp_path, config="no_such_key: 1\n"):
        pass


def test_the_tools_of_both_are_there(tmp_path):
    (tmp_path / "rules.yml").write_text("groups: [{name: one, rules: [{alert: A, expr: up == }]}]\n")

    assert "parse error" in promtool("check", "rules", "rules.yml", folder=tmp_path).stderr
    assert amtool("check-config", tmp_path / "none.yml").returncode == 1
