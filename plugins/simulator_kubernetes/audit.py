"""The audit log of the API server: audit.k8s.io/v1 events of the stage ResponseComplete.

Earlier stages are left out, as the audit policies of most clusters do it. The order of the
members is that of the Go structure, whose JSON encoder writes them.
"""

from __future__ import annotations

from simulator import LogSource, Record, Renderer
from simulator_kubernetes import api, names
from simulator_kubernetes.templates import fresh_uid, version_4

_MICROSECONDS = "'%Y-%m-%dT%H:%M:%S.%6fZ'"
_CONTROL_PLANE = "10.96.0.10"  # the node of the control plane that its controllers run on
_RUNNER = "10.96.8.20"  # where the deployment pipeline runs
_PIPELINE = "system:serviceaccount:ci:deployer"
_AUTOSCALER = "system:serviceaccount:kube-system:horizontal-pod-autoscaler"
_IN_A_POD = "host.attributes.get('kind') != 'function'"


def _event(level: str, audit: str, members: str, took: str, notes: str) -> str:
    return (
        f'{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"{level}","auditID":"{audit}"'
        f',"stage":"ResponseComplete",{members}'
        f',"requestReceivedTimestamp":"{{{{ time|strftime({_MICROSECONDS}) }}}}"'
        f',"stageTimestamp":"{{{{ time|shift({took})|strftime({_MICROSECONDS}) }}}}"'
        f',"annotations":{notes}}}}}'
    )


_GROUP = "resource|group_of(group)"
_VERSION = f"({_GROUP})|version_of(api_version)"
_USERNAME = "user|username_of(username)"
_CODE = "code|code_of(verb, subresource)"
_REQUEST = _event(
    "{% if response %}RequestResponse{% elif request %}Request{% else %}Metadata{% endif %}",
    version_4("audit"),
    f'"requestURI":{{{{ verb|uri(resource, {_GROUP}, {_VERSION}, namespace, name, subresource, path, query)|go }}}}'
    ',"verb":{{ verb|go }}'
    f',"user":{{{{ ({_USERNAME})|identity(groups, code) }}}}'
    ',"sourceIPs":[{{ source.ip|go }}],"userAgent":{{ user_agent|go }}'
    "{% if resource %}"
    f',"objectRef":{{{{ resource|meant({_GROUP}, {_VERSION}, namespace, name, subresource) }}}}'
    "{% endif %}"
    f',"responseStatus":{{{{ ({_CODE})|outcome({_USERNAME}, verb, resource, {_GROUP}, namespace, name, subresource'
    ", path) }}"
    '{% if request %},"requestObject":{{ request|given }}{% endif %}'
    '{% if response %},"responseObject":{{ response|given }}{% endif %}',
    "duration",
    f"{{{{ code|decided({_USERNAME}, groups, reason, namespace) }}}}",
)

_WHERE = "/apis/apps/v1/namespaces/{{ host|namespace }}/deployments/{{ service|inside }}"
_DEPLOYMENT = (
    '"objectRef":{"resource":"deployments","namespace":{{ host|namespace|go }},"name":{{ service|go }}'
    ',"apiGroup":"apps","apiVersion":"v1"'
)
_CONTAINER = (
    '{"spec":{"template":{"spec":{"$setElementOrder/containers":[{"name":{{ service|go }}}]'
    ',"containers":[{"image":{{ service|image(version)|go }},"name":{{ service|go }}}]}}}}'
)
_MANAGER = "{{ 'kubectl-rollout' if reason == 'rollback' else 'kubectl-set' }}"
_TOOK = "time % 9000000 + 3500000"


def _deployed(username: str, source: str) -> str:
    return _event(
        "Request",
        fresh_uid("deployed", "host.name"),
        f'"requestURI":"{_WHERE}?fieldManager={_MANAGER}"'
        f',"verb":"patch","user":{{{{ ({username})|identity(none, 200) }}}}'
        f',"sourceIPs":[{source}],"userAgent":"kubectl/{names.KUBERNETES} (linux/amd64) kubernetes/{names.COMMIT}"'
        f',{_DEPLOYMENT}}},"responseStatus":{{"metadata":{{}},"code":200}},"requestObject":{_CONTAINER}',
        _TOOK,
        f"{{{{ 200|decided({username}, none, none, host|namespace) }}}}",
    )


_SCALED = _event(
    "Request",
    fresh_uid("scaled", "host.name"),
    f'"requestURI":"{_WHERE}/scale","verb":"update","user":{{{{ autoscaler|identity(none, 200) }}}}'
    f',"sourceIPs":["{_CONTROL_PLANE}"],"userAgent":"kube-controller-manager/{names.KUBERNETES} (linux/amd64)'
    f' kubernetes/{names.COMMIT}/{_AUTOSCALER}"'
    f',{_DEPLOYMENT},"subresource":"scale"}},"responseStatus":{{"metadata":{{}},"code":200}}'
    ',"requestObject":{"kind":"Scale","apiVersion":"autoscaling/v1","metadata":{"name":{{ service|go }}'
    ',"namespace":{{ host|namespace|go }},"uid":"{{ service|uid(host|namespace) }}"}'
    ',"spec":{"replicas":{{ after }}},"status":{"replicas":{{ before }},"selector":"app={{ service|inside }}"}}',
    _TOOK,
    "{{ 200|decided(autoscaler, none, none, host|namespace) }}",
)

AUDIT = Renderer(
    name="kubernetes.audit",
    title="The audit log of a cluster's API server",
    format="kubernetes_audit",
    templates={
        "kubernetes.api_request": _REQUEST,
        "service.deployed": (
            Record(_deployed("pipeline", f'"{_RUNNER}"'), f"not user and {_IN_A_POD}"),
            Record(_deployed("user|username_of(none)", f'"{_RUNNER}"'), f"user and {_IN_A_POD}"),
        ),
        "service.scaled": Record(_SCALED, _IN_A_POD),
    },
    witness="",
    lasts="duration",
    log_sources=(LogSource(product="kubernetes", category="application", service="audit"),),
    fields={"apiGroup": "objectRef.apiGroup"},
    entities={"user": "user.username"},
    constants={"pipeline": _PIPELINE, "autoscaler": _AUTOSCALER},
    filters={
        **api.FILTERS,
        "go": names.json,
        "given": names.given,
        "inside": names.inside,
        "namespace": names.namespace,
        "image": names.image,
        "digits": names.digits,
        "uid": names.uid,
    },
)
