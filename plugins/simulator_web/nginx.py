"""nginx: its access log in the combined format, and its error log."""

from __future__ import annotations

import re
import zlib

from simulator import Counter, LogSource, Record, Renderer

BODILESS = "method == 'HEAD' or status in (204, 304)"
_UNSAFE = re.compile(r'["\\]|[^\x20-\x7e]')


def logged(text: str | None) -> str:
    """Write a variable as ``log_format`` does by default: quotes, backslashes and all but plain ASCII as ``\\x22``."""
    if not text:
        return "-"
    return _UNSAFE.sub(lambda sign: "".join(f"\\x{byte:02X}" for byte in sign[0].encode()), text)


def sent(text: str) -> str:
    """Write a piece of the request line, which may be empty."""
    return logged(text) if text else ""


def worker(host: str) -> int:
    """Return the process id of the host's worker: one, the same for the whole run."""
    return 600 + zlib.crc32(host.encode()) % 29000


_REQUEST = "{{ method }} {{ path|sent }}{% if query %}?{{ query|sent }}{% endif %} {{ protocol }}"
_UNESCAPED = "{{ method }} {{ path }}{% if query %}?{{ query }}{% endif %} {{ protocol }}"  # so is it in the error log

_ACCESS = (
    "{{ source.ip }} - {{ user|logged }} [{{ time|strftime('%d/%b/%Y:%H:%M:%S +0000') }}] "
    f'"{_REQUEST}" {{{{ status }}}} {{% if {BODILESS} %}}0{{% else %}}{{{{ bytes }}}}{{% endif %}}'
    ' "{{ referrer|logged }}" "{{ user_agent|logged }}"'
)
_ERROR = (
    "{{ time|strftime('%Y/%m/%d %H:%M:%S') }} [error] {{ host.name|worker }}#{{ host.name|worker }}: *{{ number }}"
    " {{ error }}, client: {{ source.ip }}, server: {{ virtual_host or host.fqdn }}"
    f', request: "{_UNESCAPED}", host: "{{{{ virtual_host or host.fqdn }}}}"'
    "{% if referrer and referrer != '-' %}, referrer: \"{{ referrer }}\"{% endif %}"
)

ACCESS = Renderer(
    name="nginx.access",
    title="nginx access log in the combined format",
    format="combined",
    templates={"http.request": _ACCESS},
    log_sources=(LogSource(product="nginx", category="webserver", service="access"),),
    fields={
        "c-ip": "remote_addr",
        "src_ip": "remote_addr",
        "cs-username": "remote_user",
        "cs-method": "method",
        "c-uri": "uri",
        "cs-uri": "uri",
        "cs-uri-stem": "path",
        "cs-uri-query": "query",
        "cs-version": "protocol",
        "sc-status": "status",
        "sc-bytes": "bytes",
        "cs-referer": "referrer",
        "cs-referrer": "referrer",
        "cs-user-agent": "user_agent",
        "c-useragent": "user_agent",
    },
    entities={"source": "remote_addr"},
    filters={"logged": logged, "sent": sent},
)

ERROR = Renderer(
    name="nginx.error",
    title="nginx error log: the requests that something was wrong with",
    format="nginx_error",
    templates={"http.request": Record(_ERROR, "error")},
    log_sources=(LogSource(product="nginx", service="error"), LogSource(service="nginx")),
    fields={
        "c-ip": "client",
        "src_ip": "client",
        "cs-method": "method",
        "cs-host": "host",
        "c-uri": "uri",
        "cs-uri": "uri",
        "cs-uri-stem": "path",
        "cs-uri-query": "query",
        "cs-referer": "referrer",
    },
    entities={"source": "client"},
    counters={"number": Counter(per="host", start=20000, step=9)},
    filters={"worker": worker},
)
