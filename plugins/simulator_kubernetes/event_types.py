"""What the API server of a cluster is asked."""

from __future__ import annotations

from simulator import EventType, Field

EVENT_TYPES = (
    EventType(
        "kubernetes.api_request",
        "The API server of a cluster was asked for something",
        (
            Field("user", "user", help="who asked; none where username says it"),
            Field("username", "text", inherits="username", help="system:serviceaccount:shop:cart, system:anonymous, …"),
            Field("groups", "text", inherits="groups", help="separated by commas; what the username implies if none"),
            Field("source", "endpoint", required=True, help="where it came from"),
            Field("verb", "text", "get", help="get, list, watch, create, update, patch, delete, deletecollection"),
            Field("resource", "text", help="pods, secrets, deployments; none where path says what was asked for"),
            Field("group", "text", help="API group; the resource's own if none"),
            Field("api_version", "text", help="of the group; the usual one if none"),
            Field("namespace", "text", inherits="namespace", help="none: at the scope of the cluster"),
            Field("name", "text", help="of the object"),
            Field("subresource", "text", help="exec, scale, status, log, …"),
            Field("path", "text", help="of a request that is for no resource: /version"),
            Field("query", "text", "", help="as sent, without the question mark: command=%2Fbin%2Fsh&stdin=true"),
            Field("code", "code", 0, help="HTTP status; 0: that of a success"),
            Field("reason", "text", help="why it was allowed; a binding that fits if none"),
            Field("user_agent", "text", "kubectl/v1.32.3 (linux/amd64) kubernetes/32cc146", inherits="user_agent"),
            Field("request", "text", help="the object that was sent, as JSON, where the audit policy keeps it"),
            Field("response", "text", help="the object that was answered, as JSON, where the audit policy keeps it"),
            Field("audit", "identifier", width=16, inherits="", help="the same in all that is recorded of it"),
            Field("duration", "duration", {"lognormal": {"p50": "6ms", "p99": "150ms"}}),
        ),
    ),
)
