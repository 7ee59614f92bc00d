"""The access log of an Application Load Balancer: requests from outside to services that speak HTTP.

It is written when the answer is out. The trace id is that of the header ``X-Amzn-Trace-Id``, made of the W3C one.
"""

from __future__ import annotations

from simulator import Host, LogSource, Outsider, Record, Renderer
from simulator_cloud import names

IDLE = 60_000_000_000  # nanoseconds that the balancer waits for a target, by default
_TIME = "'%Y-%m-%dT%H:%M:%S.%6fZ'"
_AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3"
    " Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/132.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/132.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3"
    " Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:134.0) Gecko/20100101 Firefox/134.0",
)


def agent(source: Host | Outsider) -> str:
    """Return somebody's browser, always the same one; the world's own machines have none."""
    if isinstance(source, Host):
        return "python-requests/2.32.3"
    return _AGENTS[names.digest("agent", source.name)[0] % len(_AGENTS)]


def listener(source: Host | Outsider) -> str:
    """Return the type of an entry: browsers speak HTTP/2."""
    return "https" if isinstance(source, Host) else "h2"


def domain(host: Host) -> str:
    """Return the name that the world's services are known by outside."""
    return "www." + host.fqdn.partition(".")[2]


def before_id(route: str) -> str:
    """Return a route's path up to the first thing that differs from request to request."""
    return route.partition("{")[0].replace('"', "%22").replace(" ", "%20")


def after_id(route: str) -> str:
    rest = route.partition("}")[2] if "{" in route else ""
    while "{" in rest:
        head, _, tail = rest.partition("{")
        rest = f"{head}1{tail.partition('}')[2]}"
    return rest.replace('"', "%22").replace(" ", "%20")


def answered(status: int) -> int:
    """Return what the client gets: where the connection broke, the balancer has a status of its own for that."""
    return {0: 502, 499: 460}.get(status, status)


def priority(service: str | None) -> int:
    """Return the rule that leads to a service."""
    return names.digest("rule", service)[0] % 40 + 1


_GROUP = (
    f"arn:aws:elasticloadbalancing:{{{{ region|region }}}}:{names.ACCOUNT}:targetgroup/{{{{ service }}}}"
    "/{{ service|digits(16, 'group') }}"
)
_CERTIFICATE = (
    f"arn:aws:acm:{{{{ region|region }}}}:{names.ACCOUNT}:certificate/{{{{ host|domain|own_uuid('certificate') }}}}"
)
_PATH = (  # the last digits of a time are as good as random
    "{{ route|before_id }}{% if '{' in route %}{{ (duration + source_port) % 90000 + 10000 }}{{ route|after_id }}"
    "{% endif %}"
)
_OWN_PAGE = "337"  # bytes of the balancer's own page for an error, with its head
_TARGET = "{{ host.ip }}:{{ host.attributes.get('port') or 8080 }}"
_LATE = f"status == 504 and duration >= {IDLE}"  # then it was the balancer that gave up
_BROKEN = f"status in (0, 499) or ({_LATE})"
_STATUS = f"{{% if {_BROKEN} %}}-{{% else %}}{{{{ status }}}}{{% endif %}}"  # of the target


def entry(target: str, times: tuple[str, str, str], status: tuple[str, str], sent: str, connection: str) -> str:
    """Return the template of an entry. The times are the request's, the target's and the answer's."""
    return " ".join(
        (
            "{{ source|listener }}",
            f"{{{{ time|shift(duration)|strftime({_TIME}) }}}}",
            "app/public-{{ region|region }}/{{ region|digits(16, 'balancer') }}",
            "{{ source.ip }}:{{ source_port }}",
            target,
            *times,
            *status,
            "{% if method in ('POST', 'PUT', 'PATCH') %}{{ source_port % 2711 + 702 }}"
            "{% else %}{{ source_port % 611 + 214 }}{% endif %}",
            sent,
            f'"{{{{ method }}}} https://{{{{ host|domain }}}}:443{_PATH}'
            " {% if source|listener == 'h2' %}HTTP/2.0{% else %}HTTP/1.1{% endif %}\"",
            '"{{ source|agent }}"',
            "TLS_AES_128_GCM_SHA256",
            "TLSv1.3",
            _GROUP,
            '"Root=1-{{ (trace|hex)[:8] }}-{{ (trace|hex)[8:] }}"',
            '"{{ host|domain }}"',
            f'"{_CERTIFICATE}"',
            "{{ service|priority }}",
            f"{{{{ time|strftime({_TIME}) }}}}",
            '"forward"',
            '"-"',
            '"-"',
            f'"{target}"',
            f'"{status[1]}"',
            '"-"',
            '"-"',
            f"TID_{connection}",
            '"-"',
            '"-"',
            '"-"',
        )
    )


_ANSWERED = entry(
    _TARGET,
    (
        "0.00{{ source_port % 3 }}",
        f"{{% if {_LATE} %}}-1{{% else %}}{{{{ duration|seconds(3) }}}}{{% endif %}}",
        f"{{% if {_BROKEN} %}}-1{{% else %}}0.000{{% endif %}}",
    ),
    ("{{ status|answered }}", _STATUS),
    "{{ bytes + 331 }}",
    "{{ (trace|hex)[16:] }}{{ span|hex }}",
)
_UNANSWERED = entry("-", ("-1", "-1", "-1"), ("{{ status }}", "-"), _OWN_PAGE, "{{ trace|hex }}")

ALB = Renderer(
    name="aws.alb",
    title="Access log of an AWS Application Load Balancer",
    format="alb",
    templates={
        "service.request": Record(_ANSWERED, "root == 1 and protocol == 'http' and source"),
        "service.unanswered": Record(_UNANSWERED, "status > 0 and protocol == 'http' and source"),
    },
    witness="",
    lasts="duration",
    log_sources=(LogSource(product="aws", category="webserver", service="alb"),),
    fields={
        "c-ip": "client_ip",
        "src_ip": "client_ip",
        "cs-method": "method",
        "cs-host": "domain_name",
        "c-uri": "url",
        "cs-uri": "url",
        "cs-uri-stem": "path",
        "cs-uri-query": "query",
        "cs-version": "protocol",
        "cs-user-agent": "user_agent",
        "c-useragent": "user_agent",
        "sc-status": "elb_status_code",
        "sc-bytes": "sent_bytes",
    },
    entities={"source": "client_ip"},
    filters={
        "agent": agent,
        "listener": listener,
        "domain": domain,
        "before_id": before_id,
        "after_id": after_id,
        "priority": priority,
        "answered": answered,
        "region": names.region,
        "digits": names.hexadecimal,
        "own_uuid": names.uuid,
    },
)
