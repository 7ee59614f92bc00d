"""Requests as Filebeat's nginx module makes them of the access log."""

from __future__ import annotations

import json

from simulator import LogSource, Renderer
from simulator_web.nginx import BODILESS


def inside_quotes(text: str) -> str:
    """Write a piece of a longer JSON string."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


# The access log knows whole seconds, and so does what is made of it.
_DOCUMENT = """
{"@timestamp":"{{ time|strftime('%Y-%m-%dT%H:%M:%S.000Z') }}",
"agent":{"name":{{ host.name|json }},"type":"filebeat","version":"8.17.0"},
"data_stream":{"dataset":"nginx.access","namespace":"default","type":"logs"},
"destination":{"domain":{{ (virtual_host or host.fqdn)|json }},"port":{{ port }}},
"ecs":{"version":"8.17.0"},
"event":{"category":["web"],"dataset":"nginx.access","kind":"event","module":"nginx",
"outcome":"{{ 'success' if status < 400 else 'failure' }}","timezone":"+00:00","type":["access"]},
"host":{"hostname":{{ host.name|json }},"ip":[{{ host.ip|json }}],"name":{{ host.name|json }}},
"http":{"request":{"method":{{ method|json }}
{% if referrer and referrer != '-' %},"referrer":{{ referrer|json }}{% endif %}},
"response":{"body":{"bytes":{% if bodiless %}0{% else %}{{ bytes }}{% endif %}},"status_code":{{ status }}},
"version":{{ protocol|replace('HTTP/', '')|json }}},
"log":{"file":{"path":"/var/log/nginx/access.log"}},
"nginx":{"access":{"remote_ip_list":[{{ source.ip|json }}]}},
"related":{"ip":[{{ source.ip|json }}]{% if user and user != '-' %},"user":[{{ user|json }}]{% endif %}},
"source":{"address":{{ source.ip|json }},"ip":{{ source.ip|json }}},
"url":{"domain":{{ (virtual_host or host.fqdn)|json }},
"original":"{{ path|inside_quotes }}{% if query %}?{{ query|inside_quotes }}{% endif %}",
"path":{{ path|json }}{% if query %},"query":{{ query|json }}{% endif %}}
{% if user and user != '-' %},"user":{"name":{{ user|json }}}{% endif %}
{% if user_agent and user_agent != '-' %},"user_agent":{"original":{{ user_agent|json }}}{% endif %}}
"""

ECS = Renderer(
    name="web.ecs",
    title="nginx access log as ECS documents, as Filebeat's nginx module makes them",
    format="ecs",
    templates={"http.request": _DOCUMENT.replace("bodiless", BODILESS).replace("\n", "")},
    log_sources=(LogSource(product="nginx", category="webserver", service="access"),),
    fields={
        "c-ip": "source.ip",
        "src_ip": "source.ip",
        "cs-username": "user.name",
        "cs-method": "http.request.method",
        "cs-host": "url.domain",
        "c-uri": "url.original",
        "cs-uri": "url.original",
        "cs-uri-stem": "url.path",
        "cs-uri-query": "url.query",
        "cs-version": "http.version",
        "sc-status": "http.response.status_code",
        "sc-bytes": "http.response.body.bytes",
        "cs-referer": "http.request.referrer",
        "cs-referrer": "http.request.referrer",
        "cs-user-agent": "user_agent.original",
        "c-useragent": "user_agent.original",
    },
    entities={"source": "source.ip", "host": "host.name"},
    filters={"inside_quotes": inside_quotes},
)
