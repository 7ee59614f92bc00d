"""Lambda: what the platform writes into a function's log group for each invocation.

Since August 2025 the phase that starts an environment is billed like the rest. The trace id is X-Ray's way of
writing the W3C one. In the log group it stands on a second line of the same message; collectors, and this file,
have one line for a message.
"""

from __future__ import annotations

from simulator import Host, LogSource, Record, Renderer
from simulator_cloud import names

RUNTIME = "nodejs:22.v46"
_TIME = "'%Y-%m-%dT%H:%M:%S.%3fZ'"
_FUNCTION = "protocol == 'function'"
_TIMED_OUT = "(status == 504 or error in ('timeout', 'deadline_exceeded'))"
_NO_MEMORY = "error in ('oom', 'OOMKilled', 'out_of_memory')"
_REQUEST = (
    "{{ (span|hex)[:8] }}-{{ (span|hex)[8:12] }}-4{{ (trace|hex)[13:16] }}-a{{ (trace|hex)[17:20] }}"
    "-{{ (span|hex)[12:] }}{{ (trace|hex)[20:28] }}"
)
_OVER = "duration"


def environment(host: Host, version: str | None) -> str:
    """Return the id of an execution environment, as the name of its log stream ends with."""
    return names.digest("environment", host.name, version).hex()[:32]


def memory(host: Host) -> int:
    """Return a function's memory in MB."""
    given = host.attributes.get("memory_mb", "")
    return int(given) if given.isdigit() else 512


def peak(host: Host, version: str | None) -> int:
    """Return the most memory that an environment used, in MB."""
    return memory(host) * (30 + names.digest("peak", host.name, version)[0] % 25) // 100


def runtime(region: str | None) -> str:
    region = names.region(region)
    return f"arn:aws:lambda:{region}::runtime:{names.hexadecimal(RUNTIME, 64, 'runtime')}"


def _line(message: str, when: str, at: str = "0") -> Record:
    return Record(
        "/aws/lambda/{{ service }} {{ time|strftime('%Y/%m/%d') }}/[$LATEST]{{ host|environment(version) }}"
        f" {{{{ time|shift({at})|strftime({_TIME}) }}}} {message}",
        f"{when} and {_FUNCTION}",
    )


_INVOKED = (
    _line(f"INIT_START Runtime Version: {RUNTIME}\tRuntime Version ARN: {{{{ region|runtime }}}}", "cold == 1"),
    _line(f"START RequestId: {_REQUEST} Version: $LATEST", "true", "cold_duration"),
    _line(
        f"{{{{ time|shift({_OVER})|strftime({_TIME}) }}}} {_REQUEST} Task timed out after"
        " {{ (duration - cold_duration)|seconds(2) }} seconds",
        _TIMED_OUT,
        _OVER,
    ),
    _line(
        f"{{{{ time|shift({_OVER})|strftime({_TIME}) }}}}\t{_REQUEST}\tERROR\tInvoke Error \t"
        '{"errorType":"Error","errorMessage":"{{ error|inside }}","stack":["Error: {{ error|inside }}"'
        ',"    at Runtime.handler (file:///var/task/index.mjs:41:11)"]}',
        f"failed == 1 and not ({_TIMED_OUT}) and not ({_NO_MEMORY})",
        _OVER,
    ),
    _line(f"END RequestId: {_REQUEST}", "true", _OVER),
    _line(
        f"REPORT RequestId: {_REQUEST}\tDuration: {{{{ ((duration - cold_duration) * 1000)|seconds(2) }}}} ms"
        "\tBilled Duration: {{ (duration + 999999) // 1000000 }} ms\tMemory Size: {{ host|memory }} MB"
        f"\tMax Memory Used: {{% if {_NO_MEMORY} %}}{{{{ host|memory }}}}"
        "{% else %}{{ host|peak(version) }}{% endif %} MB"
        "{% if cold == 1 %}\tInit Duration: {{ (cold_duration * 1000)|seconds(2) }} ms{% endif %}"
        f"{{% if {_TIMED_OUT} %}}\tStatus: timeout"
        f"{{% elif {_NO_MEMORY} %}}\tStatus: error\tError Type: Runtime.OutOfMemory{{% endif %}}"
        "\t\tXRAY TraceId: 1-{{ (trace|hex)[:8] }}-{{ (trace|hex)[8:] }}\tSegmentId: {{ span|hex }}\tSampled: true",
        "true",
        _OVER,
    ),
)

LAMBDA = Renderer(
    name="aws.lambda",
    title="Log groups of AWS Lambda functions: START, END and REPORT lines",
    format="lambda",
    templates={"service.request": _INVOKED},
    lasts="duration",
    log_sources=(LogSource(product="aws", service="lambda"),),
    entities={"service": "function"},
    filters={
        "environment": environment,
        "memory": memory,
        "peak": peak,
        "runtime": runtime,
        "inside": names.inside,
    },
)
