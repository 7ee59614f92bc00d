"""The audit log of a cluster's API server."""

# ruff: noqa: E501 - tables of records, a line each

import json
import re

import jsonschema
import pytest

from simulator import Host
from simulator_kubernetes.audit import AUDIT
from simulator_kubernetes.formats import AuditFormat
from tests.cloud.rules import hits, rules_of, selections
from tests.kubernetes.cluster import POD, closed, texts
from tests.plugins.rendering import ALICE, ATTACKER, TAG, fields_of, rendered_records

ACCOUNT = "system:serviceaccount:shop:cart"
ASKED = {
    "user": ALICE,
    "source": ATTACKER,
    "verb": "get",
    "resource": "pods",
    "namespace": "shop",
    "name": "cart-7c9f-2",
}
TEXTS = {"type": "array", "items": {"type": "string"}}
MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"}


STATUS = closed(
    {**texts("status", "message", "reason"), "metadata": {"const": {}}, "code": {"type": "integer"}, "details": closed(texts("name", "group", "kind", "uid"))},
    "metadata", "code",
)  # fmt: skip
# Event of audit.k8s.io/v1, after the reference of the API: the server has no other members.
EVENT = closed(
    {
        "kind": {"const": "Event"}, "apiVersion": {"const": "audit.k8s.io/v1"},
        "level": {"enum": ["None", "Metadata", "Request", "RequestResponse"]},
        "auditID": {"type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"},
        "stage": {"enum": ["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"]},
        "requestURI": {"type": "string"}, "verb": {"type": "string"},
        "user": closed({**texts("username", "uid"), "groups": TEXTS, "extra": {"additionalProperties": TEXTS}}),
        "sourceIPs": TEXTS, "userAgent": {"type": "string"},
        "objectRef": closed(texts("resource", "namespace", "name", "uid", "apiGroup", "apiVersion", "resourceVersion", "subresource")),
        "responseStatus": STATUS, "requestObject": {"type": "object"}, "responseObject": {"type": "object"},
        "requestReceivedTimestamp": MOMENT, "stageTimestamp": MOMENT,
        "annotations": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "kind", "apiVersion", "level", "auditID", "stage", "requestURI", "verb", "user", "requestReceivedTimestamp", "stageTimestamp",
)  # fmt: skip


def asked(event="kubernetes.api_request", **values):
    (line,) = rendered_records(AUDIT, AuditFormat(), event, (ASKED if event.startswith("kube") else {}) | values)
    assert AuditFormat().is_tagged(AuditFormat().layout.parse(line), TAG)
    found = json.loads(line)
    jsonschema.validate(found, EVENT)
    assert list(found) == [name for name in EVENT["properties"] if name in found]
    return found


def test_a_request_is_an_event_of_the_audit_api():
    found = asked(duration="6.5ms")

    assert (found["level"], found["stage"]) == ("Metadata", "ResponseComplete")
    assert found["requestURI"] == "/api/v1/namespaces/shop/pods/cart-7c9f-2"
    assert found["user"] == {"username": "alice", "groups": ["system:authenticated"]}
    assert found["sourceIPs"] == ["203.0.113.66"]
    assert found["objectRef"] == {"resource": "pods", "namespace": "shop", "name": "cart-7c9f-2", "apiVersion": "v1"}
    assert found["responseStatus"] == {"metadata": {}, "code": 200}
    assert found["requestReceivedTimestamp"] == "2026-03-02T08:00:01.123456Z"
    assert found["stageTimestamp"] == "2026-03-02T08:00:01.129956Z"
    assert found["annotations"]["authorization.k8s.io/decision"] == "allow"
    assert (found["annotations"]["feint.run"], found["annotations"]["feint.playbook"]) == (TAG.run, TAG.playbook)


@pytest.mark.parametrize(
    ("values", "uri"),
    [
        ({"verb": "list", "resource": "secrets", "name": None, "query": "limit=500"}, "/api/v1/namespaces/shop/secrets?limit=500"),
        ({"verb": "list", "resource": "secrets", "name": None, "namespace": None}, "/api/v1/secrets"),
        ({"verb": "patch", "resource": "deployments", "name": "cart"}, "/apis/apps/v1/namespaces/shop/deployments/cart"),
        ({"verb": "create", "resource": "pods"}, "/api/v1/namespaces/shop/pods"),
        ({"verb": "create", "subresource": "exec", "query": "command=%2Fbin%2Fsh&stdin=true"}, "/api/v1/namespaces/shop/pods/cart-7c9f-2/exec?command=%2Fbin%2Fsh&stdin=true"),
        ({"verb": "create", "resource": "selfsubjectrulesreviews", "name": None, "namespace": None}, "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"),
        ({"verb": "update", "resource": "horizontalpodautoscalers", "name": "cart"}, "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/cart"),
        ({"resource": None, "name": None, "namespace": None, "path": "/version"}, "/version"),
    ],
)  # fmt: skip
def test_the_uri_follows_from_what_was_asked_for(values, uri):
    assert asked(**values)["requestURI"] == uri


def test_what_html_would_take_for_its_own_is_escaped_as_go_does_it():
    (line,) = rendered_records(AUDIT, AuditFormat(), "kubernetes.api_request", ASKED | {"query": "a=1&b=2"})

    assert r"?a=1\u0026b=2" in line


def test_a_service_account_is_in_the_groups_of_its_namespace():
    who = asked(username=ACCOUNT)["user"]

    assert who["groups"] == ["system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"]
    assert re.fullmatch(r"JTI=[0-9a-f-]{36}", who["extra"]["authentication.kubernetes.io/credential-id"][0])
    assert who["uid"] == asked(username=ACCOUNT, verb="list")["user"]["uid"]


def test_nobody_is_anonymous_and_a_wrong_token_is_no_one():
    assert asked(user=None)["user"] == {"username": "system:anonymous", "groups": ["system:unauthenticated"]}
    refused = asked(code=401)
    assert refused["user"] == {}
    assert refused["responseStatus"] == {
        "metadata": {},
        "status": "Failure",
        "message": "Unauthorized",
        "reason": "Unauthorized",
        "code": 401,
    }
    assert "authorization.k8s.io/decision" not in refused["annotations"]


def test_a_refusal_says_who_may_not_do_what_where():
    found = asked(username=ACCOUNT, verb="list", resource="secrets", name=None, namespace="kube-system", code=403)

    assert found["responseStatus"] == {
        "metadata": {}, "status": "Failure", "reason": "Forbidden", "details": {"kind": "secrets"}, "code": 403,
        "message": f'secrets is forbidden: User "{ACCOUNT}" cannot list resource "secrets" in API group ""'
        ' in the namespace "kube-system"',
    }  # fmt: skip
    assert found["annotations"]["authorization.k8s.io/decision"] == "forbid"
    wide = asked(resource="clusterroles", name="admin", namespace=None, code=403)["responseStatus"]["message"]
    assert wide.startswith('clusterroles.rbac.authorization.k8s.io "admin" is forbidden: User "alice" cannot get')
    assert wide.endswith("at the cluster scope")


def test_what_is_not_there_is_not_found():
    status = asked(resource="deployments", name="cart", code=404)["responseStatus"]

    assert (status["message"], status["reason"]) == ('deployments.apps "cart" not found', "NotFound")


@pytest.mark.parametrize(
    ("values", "code"), [({"verb": "create"}, 201), ({"verb": "create", "subresource": "exec"}, 101), ({"verb": "delete"}, 200)]
)  # fmt: skip
def test_a_success_has_the_code_of_its_verb(values, code):
    assert asked(**values)["responseStatus"]["code"] == code


def test_what_the_policy_keeps_of_the_objects_decides_the_level():
    assert asked(verb="create", request='{"kind":"Pod"}')["level"] == "Request"
    assert asked(verb="create", request='{"kind":"Pod"}', response='{"kind":"Pod"}')["level"] == "RequestResponse"


def test_a_deployment_is_a_patch_by_the_pipeline_or_by_who_did_it():
    rollout = {"host": POD, "service": "cart", "version": "1.5.0", "previous": "1.4.0"}
    found = asked("service.deployed", **rollout)

    assert found["user"]["username"] == "system:serviceaccount:ci:deployer"
    assert found["requestURI"] == "/apis/apps/v1/namespaces/shop/deployments/cart?fieldManager=kubectl-set"
    assert found["objectRef"] == {
        "resource": "deployments",
        "namespace": "shop",
        "name": "cart",
        "apiGroup": "apps",
        "apiVersion": "v1",
    }
    assert found["requestObject"]["spec"]["template"]["spec"]["containers"] == [
        {"image": "registry.example/cart:1.5.0", "name": "cart"}
    ]
    back = asked("service.deployed", **rollout | {"user": ALICE, "reason": "rollback"})
    assert back["user"]["username"] == "alice"
    assert back["requestURI"].endswith("fieldManager=kubectl-rollout")


def test_the_autoscaler_updates_the_scale():
    found = asked("service.scaled", host=POD, service="cart", before=2, after=5)

    assert found["verb"] == "update"
    assert found["objectRef"]["subresource"] == "scale"
    assert found["user"]["username"] == "system:serviceaccount:kube-system:horizontal-pod-autoscaler"
    assert found["requestObject"]["spec"] == {"replicas": 5}


def test_functions_are_not_in_the_cluster():
    function = Host("resize-1", "10.40.9.4", "linux", "resize-1.kettleleaf.example", attributes={"kind": "function"})

    assert (
        rendered_records(
            AUDIT, AuditFormat(), "service.deployed", {"host": function, "service": "resize", "version": "2"}
        )
        == []
    )


def test_taking_the_tag_out_leaves_a_record():
    (fields,) = fields_of(AUDIT, AuditFormat(), "kubernetes.api_request", ASKED | {"code": 401})

    assert not any(name.startswith(("annotations.feint.run", "annotations.feint.playbook")) for name in fields)


UNMET = {  # they ask for members of lists, or for a code that is a word
    "Container With A hostPath Mount Created", "Privileged Container Deployed",
    "Kubernetes Potential Enumeration Activity",
}  # fmt: skip


MET_BY = {
    "verb": "verb",
    "objectRef.resource": "resource",
    "objectRef.namespace": "namespace",
    "objectRef.subresource": "subresource",
    "responseStatus.code": "code",
}


def met(rule):
    """Return a request that the first selection of a rule is met by."""
    first = next(selections(rule))
    return ASKED | {MET_BY[key]: value for key, value in first.items() if key in MET_BY and value != "ALLOW"}


def test_every_real_rule_for_kubernetes_runs_and_finds_the_request_it_is_about(tmp_path):
    rules = rules_of("kubernetes")
    rows = [("kubernetes.api_request", met(rule)) for _, rule in rules.values()]

    found = hits(tmp_path, AUDIT, AuditFormat(), rows, [path for path, _ in rules.values()])

    assert {title: status for title, (status, _) in found.items() if status != "ran"} == {}
    assert {title for title, (_, number) in found.items() if not number} <= UNMET
    assert len(found) >= 15
