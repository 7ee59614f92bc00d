"""What the API server derives from a request: its URI, who asked, what was meant, what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from simulator import User
from simulator_kubernetes.names import json, uid

GROUPS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("deployments", "daemonsets", "statefulsets", "replicasets", "controllerrevisions"), "apps"),
        **dict.fromkeys(("jobs", "cronjobs"), "batch"),
        **dict.fromkeys(("horizontalpodautoscalers",), "autoscaling"),
        **dict.fromkeys(("ingresses", "networkpolicies", "ingressclasses"), "networking.k8s.io"),
        **dict.fromkeys(("roles", "rolebindings", "clusterroles", "clusterrolebindings"), "rbac.authorization.k8s.io"),
        **dict.fromkeys(
            (
                "selfsubjectaccessreviews",
                "selfsubjectrulesreviews",
                "subjectaccessreviews",
                "localsubjectaccessreviews",
            ),
            "authorization.k8s.io",
        ),
        **dict.fromkeys(("tokenreviews", "selfsubjectreviews"), "authentication.k8s.io"),
        **dict.fromkeys(
            ("mutatingwebhookconfigurations", "validatingwebhookconfigurations", "validatingadmissionpolicies"),
            "admissionregistration.k8s.io",
        ),
        **dict.fromkeys(("storageclasses", "volumeattachments", "csidrivers"), "storage.k8s.io"),
        **dict.fromkeys(("leases",), "coordination.k8s.io"),
        **dict.fromkeys(("endpointslices",), "discovery.k8s.io"),
        **dict.fromkeys(("poddisruptionbudgets",), "policy"),
        **dict.fromkeys(("customresourcedefinitions",), "apiextensions.k8s.io"),
        **dict.fromkeys(("certificatesigningrequests",), "certificates.k8s.io"),
    }
)
"""The API group of resources that are not in the core group."""

_VERSIONS = {"autoscaling": "v2"}
_REASONS = {
    400: ("BadRequest", "the server rejected our request for an unknown reason"),
    401: ("Unauthorized", "Unauthorized"),
    409: ("AlreadyExists", "already exists"),
    422: ("Invalid", "is invalid"),
    429: ("TooManyRequests", "Too many requests, please try again later."),
    500: ("InternalError", "Internal error occurred"),
    503: ("ServiceUnavailable", "the server is currently unable to handle the request"),
    504: ("Timeout", "Timeout: request did not complete within requested timeout"),
}


def group_of(resource: str | None, group: str | None) -> str:
    return GROUPS.get(resource or "", "") if group is None else group


def version_of(group: str, version: str | None) -> str:
    return version or _VERSIONS.get(group, "v1")


def uri(
    verb: str,
    resource: str | None,
    group: str,
    version: str,
    namespace: str | None,
    name: str | None,
    subresource: str | None,
    path: str | None,
    query: str | None,
) -> str:
    """Return the path that was asked for, with its query."""
    if resource is None:
        return (path or "/") + (f"?{query}" if query else "")
    parts = ["/apis", group, version] if group else ["/api", version]
    parts += ["namespaces", namespace] if namespace else []
    parts.append(resource)
    if name and (verb != "create" or subresource):  # what is created is named in the object that is sent
        parts.append(name)
    parts += [subresource] if subresource else []
    return "/".join(parts) + (f"?{query}" if query else "")


def username_of(user: User | None, username: str | None) -> str:
    """Return the name the API knows somebody by; empty for somebody that it does not know."""
    return username or (user.name if user else "system:anonymous")


def groups_of(username: str, groups: str | None) -> list[str]:
    """Return the groups that somebody is in; those of the system are implied by the name."""
    given = [group.strip() for group in (groups or "").split(",") if group.strip()]
    if username == "system:anonymous":
        return ["system:unauthenticated"]
    if username.startswith("system:serviceaccount:"):
        account = ["system:serviceaccounts", f"system:serviceaccounts:{username.split(':')[2]}"]
        return [*account, *given, "system:authenticated"]
    node = ["system:nodes"] if username.startswith("system:node:") else []
    return [*node, *given, "system:authenticated"]


def identity(username: str, groups: str | None, code: int) -> str:
    """Return the member ``user``: empty where somebody could not show who they are."""
    if code == 401:
        return "{}"
    found: dict[str, object] = {"username": username}
    if username.startswith("system:serviceaccount:"):
        found["uid"] = uid("account", username)
    found["groups"] = groups_of(username, groups)
    if username.startswith("system:serviceaccount:"):
        found["extra"] = {"authentication.kubernetes.io/credential-id": [f"JTI={uid('token', username)}"]}
    return json(found)


def meant(
    resource: str, group: str, version: str, namespace: str | None, name: str | None, subresource: str | None
) -> str:
    """Return the member ``objectRef``."""
    members = {
        "resource": resource,
        "namespace": namespace,
        "name": name,
        "apiGroup": group,
        "apiVersion": version,
        "subresource": subresource,
    }
    return json({key: value for key, value in members.items() if value})


def code_of(code: int, verb: str, subresource: str | None) -> int:
    """Return the HTTP status, by default that of a success."""
    if code:
        return code
    if verb == "create":
        return 101 if subresource in ("exec", "attach", "portforward") else 201
    return 200


def outcome(
    code: int,
    username: str,
    verb: str,
    resource: str | None,
    group: str,
    namespace: str | None,
    name: str | None,
    subresource: str | None,
    path: str | None,
) -> str:
    """Return the member ``responseStatus``, as the server copies it from the Status that it answers with."""
    if code < 400:
        deleted = verb == "delete" and resource not in (None, "pods") and not subresource
        details = {"name": name, "group": group, "kind": resource, "uid": uid(resource, namespace, name)}
        success = {"status": "Success", "details": {key: value for key, value in details.items() if value}}
        return json({"metadata": {}, **(success if deleted else {}), "code": code})
    qualified = f"{resource}.{group}" if group else f"{resource}"
    about = f'{qualified} "{name}"' if name else qualified
    if code == 403:
        reason, message = "Forbidden", _forbidden(username, verb, resource, group, namespace, subresource, path)
        message = f"{about} is forbidden: {message}" if resource else f"forbidden: {message}"
    elif code == 404:
        reason, message = "NotFound", f"{about} not found"
    else:
        reason, message = _REASONS.get(code, ("Unknown", "unknown"))
        message = f"{about} {message}" if code in (409, 422) else message
    kind = {"name": name, "group": group, "kind": resource}
    details = {key: value for key, value in kind.items() if value} if resource and code in (403, 404, 409, 422) else {}
    told: dict[str, object] = {"metadata": {}, "status": "Failure", "message": message, "reason": reason}
    return json({**told, "details": details, "code": code} if details or code == 403 else {**told, "code": code})


def _forbidden(
    username: str,
    verb: str,
    resource: str | None,
    group: str,
    namespace: str | None,
    subresource: str | None,
    path: str | None,
) -> str:
    if resource is None:
        return f'User "{username}" cannot {verb} path "{path}"'
    whole = f"{resource}/{subresource}" if subresource else resource
    scope = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    return f'User "{username}" cannot {verb} resource "{whole}" in API group "{group}" {scope}'


def decided(code: int, username: str, groups: str | None, reason: str | None, namespace: str | None) -> str:
    """Return what the server notes of its decision: an object that is still open.

    It notes nothing where it never came to one; then a word of ours stands in, for the tag to follow.
    """
    if code == 401:
        return '{"feint.synthetic":"true"'
    if code == 403:
        return '{"authorization.k8s.io/decision":"forbid","authorization.k8s.io/reason":""'
    why = json(reason if reason is not None else _allowed(username, groups, namespace))
    return f'{{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":{why}'


def _allowed(username: str, groups: str | None, namespace: str | None) -> str:
    """Name a binding that allows it, in the words of the RBAC authorizer."""
    if username == "system:anonymous":
        role, group = "system:public-info-viewer", "system:unauthenticated"
        return f'RBAC: allowed by ClusterRoleBinding "{role}" of ClusterRole "{role}" to Group "{group}"'
    if username.startswith("system:serviceaccount:"):
        _, _, home, account = username.split(":", 3)
        subject = f'ServiceAccount "{account}/{home}"'
        if home == "kube-system":
            role = f"system:controller:{account}"
            return f'RBAC: allowed by ClusterRoleBinding "{role}" of ClusterRole "{role}" to {subject}'
        if namespace:
            return f'RBAC: allowed by RoleBinding "{account}/{namespace}" of Role "{account}" to {subject}'
        return f'RBAC: allowed by ClusterRoleBinding "{account}" of ClusterRole "{account}" to {subject}'
    if username.startswith("system:"):
        return f'RBAC: allowed by ClusterRoleBinding "{username}" of ClusterRole "{username}" to User "{username}"'
    group = (groups or "").split(",")[0].strip() or "operators"
    return f'RBAC: allowed by ClusterRoleBinding "{group}" of ClusterRole "admin" to Group "{group}"'


FILTERS: Mapping[str, Callable[..., object]] = MappingProxyType(
    {
        "group_of": group_of,
        "version_of": version_of,
        "uri": uri,
        "username_of": username_of,
        "identity": identity,
        "meant": meant,
        "code_of": code_of,
        "outcome": outcome,
        "decided": decided,
    }
)
