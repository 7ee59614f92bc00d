"""What services log of their requests and calls, and what is logged of their instances and versions."""

from __future__ import annotations

from dataclasses import dataclass

from simulator_otel.values import Attribute

INFO, WARN, ERROR = (9, "INFO"), (13, "WARN"), (17, "ERROR")
_SLOW = 1_000_000_000  # nanoseconds
_FAILED = "failed and (protocol not in ('http', 'function') or status >= 500 or not status)"
_TOOK = "{{ duration|milliseconds }} ms"
_LATER = "time + duration"  # a request is logged when it is over


@dataclass(frozen=True, slots=True)
class Entry:
    """A log record: of which events it is, and what it says. ``event_name`` makes it an event of OpenTelemetry's.

    ``traced``: it was written within a span, whose ids it has.
    """

    event: str
    severity: tuple[int, str]
    body: str
    attributes: tuple[Attribute, ...]
    when: str = ""
    time: str = "time"
    event_name: str = ""
    scope: str = "app"
    traced: bool = True


@dataclass(frozen=True, slots=True)
class _Protocol:
    """How requests of a protocol are logged: of which events, what they answered, and under which names."""

    when: str
    answer: str
    attributes: tuple[Attribute, ...]


_PROTOCOLS = (
    _Protocol(
        "protocol in ('http', 'function')",
        "{{ status }} ",
        (
            Attribute("http.route", "route"),
            Attribute("http.request.method", "method"),
            Attribute("http.response.status_code", "status", "status", "int"),
        ),
    ),
    _Protocol("protocol == 'grpc'", "", (Attribute("rpc.system.name", "'grpc'"), Attribute("rpc.method", "route"))),
    _Protocol(
        "protocol == 'messaging'",
        "",
        (Attribute("messaging.destination.name", "route"), Attribute("messaging.operation.name", "method")),
    ),
)
_ERROR_TYPE = Attribute("error.type", "error or '_OTHER'")
_EXCEPTION = (
    Attribute("exception.type", "error|exception"),
    Attribute("exception.message", "{{ method|word }} {{ route|word }}: {{ (error or 'failed')|word }}"),
)
_POD = "{{ host.name|word }}"
_ORCHESTRATOR = "k8s.io/controller"

_ASKED = "{{ method|word }} {{ route|word }}"


def _requests(protocol: _Protocol) -> tuple[Entry, ...]:
    """Return what is logged of requests: each that came from outside, each that failed, each that was slow."""
    of = protocol.when
    size = Attribute("http.response.body.size", "bytes", kind="int")
    return (
        Entry("service.request", INFO, f"{_ASKED} {protocol.answer}in {_TOOK}",
              (*protocol.attributes, *((size,) if protocol.answer else ())),
              when=f"{of} and root and not ({_FAILED})", time=_LATER),
        Entry("service.request", ERROR, f"{_ASKED} failed after {_TOOK}: {{{{ (error or 'unknown error')|word }}}}",
              (*protocol.attributes, _ERROR_TYPE, *_EXCEPTION), when=f"{of} and {_FAILED}", time=_LATER),
        Entry("service.request", WARN, f"slow request: {_ASKED} took {_TOOK}", protocol.attributes,
              when=f"{of} and duration > {_SLOW} and not ({_FAILED})", time=_LATER),
    )  # fmt: skip


ENTRIES = (
    *(entry for protocol in _PROTOCOLS for entry in _requests(protocol)),
    Entry("service.request", INFO, "cold start: ready after {{ cold_duration|milliseconds }} ms",
          (Attribute("faas.coldstart", "cold", kind="bool"),), when="cold", time="time + cold_duration"),
    Entry("service.call", WARN,
          f"{{{{ method|word }}}} {{{{ route|word }}}} at {{{{ peer|word }}}} failed after {_TOOK},"
          " attempt {{ attempt }}: {{ (error or 'unknown error')|word }}",
          (Attribute("service.peer.name", "peer"), Attribute("error.type", "error or '_OTHER'"),
           Attribute("http.request.resend_count", "attempt - 1", "attempt > 1", "int")),
          when="failed", time=_LATER),
    Entry("instance.started", INFO, f"{_POD} started: {{{{ reason|word }}}}",
          (Attribute("k8s.event.reason", "reason"), Attribute("k8s.container.restart_count", "restarts", "", "int")),
          event_name="k8s.pod.started", scope=_ORCHESTRATOR, traced=False),
    Entry("instance.stopped", INFO, f"{_POD} stopped: {{{{ reason|word }}}}",
          (Attribute("k8s.container.status.last_terminated_reason", "reason"),
           Attribute("process.exit.code", "exit_code", "", "int")),
          when="reason in ('Completed', 'ScaledDown')", event_name="k8s.pod.stopped", scope=_ORCHESTRATOR,
          traced=False),
    Entry("instance.stopped", ERROR, f"{_POD} stopped: {{{{ reason|word }}}}, exit code {{{{ exit_code }}}}",
          (Attribute("k8s.container.status.last_terminated_reason", "reason"),
           Attribute("process.exit.code", "exit_code", "", "int")),
          when="reason not in ('Completed', 'ScaledDown')", event_name="k8s.pod.stopped", scope=_ORCHESTRATOR,
          traced=False),
    Entry("service.deployed", INFO,
          "{{ reason|word }} of {{ service|word }} {{ version|word }} on {{ instances }} of {{ of }} instances",
          (Attribute("deployment.name", "service"), Attribute("deployment.status", "'succeeded'"),
           Attribute("deployment.id", "{{ service|word }}-{{ version|word }}"),
           Attribute("user.name", "user.name", when="user")),
          event_name="deployment.finished", scope=_ORCHESTRATOR, traced=False),
    Entry("service.scaled", INFO,
          "{{ service|word }} scaled from {{ before }} to {{ after }}: {{ reason|word }}",
          (Attribute("k8s.event.reason", "'SuccessfulRescale'"), Attribute("k8s.hpa.current_pods", "before", "", "int"),
           Attribute("k8s.hpa.desired_pods", "after", "", "int")),
          event_name="k8s.hpa.scaled", scope=_ORCHESTRATOR, traced=False),
)  # fmt: skip


def exception(error: str | None) -> str:
    """Return the name that an exception of a kind of error would have: ``pool_timeout`` is a PoolTimeoutError."""
    if not error or error.isdigit():
        return "HttpServerError"
    return "".join(word.capitalize() for word in error.lower().split("_")).removesuffix("Error") + "Error"
