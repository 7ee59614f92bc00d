"""What containers write: each service's own lines, JSON, as the container runtime keeps them.

A line for each request that begins a trace, and for each one that failed or was slow, wherever it was;
for calls that failed; for starting and stopping. It is written when the request is over.
"""

from __future__ import annotations

from collections.abc import Mapping

from simulator import LogSource, Record, Renderer
from simulator_kubernetes.names import inside

SLOW = 1_000_000_000  # nanoseconds
_TIME = "%Y-%m-%dT%H:%M:%S.%9fZ"
_POD = "protocol != 'function'"
_TRACED = ',"trace_id":"{{ trace|hex }}","span_id":"{{ span|hex }}"'
_ASKED = ',"method":"{{ method|inside }}","route":"{{ route|inside }}","status":{{ status }}'
_TOOK = ',"duration_ms":{{ (duration * 1000)|seconds(3) }}'
_ERROR = ',"error":"{{ error|inside }}"'


def _line(stream: str, level: str, message: str, more: str, when: str, after: str = "0") -> Record:
    at = f"time|shift({after})" if after != "0" else "time"
    return Record(
        f"{{{{ {at}|strftime('{_TIME}') }}}} {stream} F "
        f'{{"level":"{level}","msg":"{message}","service":"{{{{ service|inside }}}}"'
        f',"version":"{{{{ version|inside }}}}","pod":"{{{{ host.name }}}}"{more}}}',
        when,
    )


_REQUESTS = (
    _line(
        "stdout", "info", "request completed", _TRACED + _ASKED + _TOOK,
        f"root == 1 and failed == 0 and duration < {SLOW} and {_POD}", "duration",
    ),
    _line(
        "stderr", "warn", "slow request", _TRACED + _ASKED + _TOOK,
        f"failed == 0 and duration >= {SLOW} and {_POD}", "duration",
    ),
    _line(
        "stderr", "error", "request failed", _TRACED + _ASKED + _TOOK + _ERROR, f"failed == 1 and {_POD}", "duration"
    ),
)  # fmt: skip
_CALLS = (
    _line(
        "stderr", "warn", "call failed",
        _TRACED + ',"peer":"{{ peer|inside }}"' + _ASKED + _TOOK + _ERROR + ',"attempt":{{ attempt }}',
        "failed == 1 and host.attributes.get('kind') != 'function'", "duration",
    ),
)  # fmt: skip
_STARTS = (
    _line("stdout", "info", "starting", ',"restarts":{{ restarts }}', "kind != 'function'", "0 - startup // 2"),
    _line(
        "stdout",
        "info",
        "ready",
        ',"startup_ms":{{ (startup * 1000)|seconds(0) }},"address":"{{ host.ip }}"',
        "kind != 'function'",
    ),
)
# who is killed says nothing, nor does who loses the node
_STOPS = (
    _line(
        "stdout", "info", "signal received, shutting down", ',"signal":"SIGTERM"',
        "kind != 'function' and reason in ('Completed', 'ScaledDown', 'Evicted', 'RolledOut', 'RolledBack')",
    ),
    _line(
        "stderr", "fatal", "terminated by an unhandled error", ',"exit_code":{{ exit_code }}',
        "kind != 'function' and reason == 'Error' and exit_code not in (137, 143)",
    ),
)  # fmt: skip
_LINES: Mapping[str, tuple[Record, ...]] = {
    "service.request": _REQUESTS,
    "service.call": _CALLS,
    "instance.started": _STARTS,
    "instance.stopped": _STOPS,
}

CONTAINER_LOG = Renderer(
    name="kubernetes.container_log",
    title="Containers' output in the CRI format: the services' own log lines",
    format="cri",
    templates=dict(_LINES),
    lasts="duration",
    log_sources=(LogSource(product="kubernetes", category="application", service="container"),),
    entities={"service": "service", "host": "pod"},
    filters={"inside": inside},
)
