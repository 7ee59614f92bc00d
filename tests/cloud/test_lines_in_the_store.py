"""Lines of text of clouds and clusters, taken apart in the store as their layouts say."""

import pytest

from simulator import Host
from simulator_cloud.formats import AlbEntry, LambdaLine
from simulator_cloud.functions import LAMBDA
from simulator_cloud.load_balancer import ALB
from simulator_kubernetes.container_log import CONTAINER_LOG
from simulator_kubernetes.formats import CriFormat
from tests.cloud.rules import hits
from tests.plugins.rendering import ATTACKER

CART = Host("cart-7c9f-2", "10.40.1.17", "linux", "cart-7c9f-2.kettleleaf.example", attributes={"service": "cart"})
REQUEST = {"host": CART, "service": "cart", "source": ATTACKER, "route": "/cart/{id}"}
FAILED = REQUEST | {"status": 500, "error": "500", "failed": 1}
FUNCTION = REQUEST | {"protocol": "function"}
SLOW = FUNCTION | {"status": 504, "error": "504", "failed": 1, "duration": "3s"}
CASES = {
    "balancer": (ALB, AlbEntry(), [REQUEST, FAILED], "product: aws, category: webserver",
                 "{sc-status: 500, cs-uri-stem|startswith: /cart/, c-ip: 203.0.113.66, target_status_code: 500}"),
    "query": (ALB, AlbEntry(), [REQUEST], "category: webserver", "{cs-uri-query: null, cs-method: GET}"),
    "container": (CONTAINER_LOG, CriFormat(), [REQUEST, FAILED], "product: kubernetes, service: container",
                  "{level: error, stream: stderr, service: cart, status: 500, error: '500'}"),
    "timeout": (LAMBDA, LambdaLine(), [FUNCTION, SLOW], "product: aws, service: lambda",
                "{event: REPORT, status: timeout, function: cart, duration_ms: '3000.00', trace_id|startswith: 1-}"),
    "cold": (LAMBDA, LambdaLine(), [FUNCTION, FUNCTION | {"cold": 1, "cold_duration": "10ms"}],
             "product: aws, service: lambda", "{init_ms: '10.00', request_id|contains: '-4'}"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_rule_finds_the_line_that_it_is_about_and_no_other(tmp_path, case):
    renderer, form, requests, source, selection = CASES[case]
    rule = tmp_path / "rule.yml"
    rule.write_text(f"title: It\nlogsource: {{{source}}}\ndetection: {{s: {selection}, condition: s}}\n")

    found = hits(tmp_path, renderer, form, [("service.request", values) for values in requests], [rule])

    assert found == {"It": ("ran", 1)}
