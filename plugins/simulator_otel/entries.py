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


def _request(*more: Attribute) -> tuple[Attribute, ...]:
    return (
        Attribute("http.route", "route"),
        Attribute("http.request.method", "method"),
        Attribute("http.response.status_code", "status", "status", "int"),
        *more,
    )


_ERROR_TYPE = Attribute("error.type", "error or '_OTHER'")
_EXCEPTION = (
    Attribute("exception.type", "error|exception"),
    Attribute("exception.message", "{{ method|word }} {{ route|word }}: {{ (error or 'failed')|word }}"),
)
_POD = "{{ host.name|word }}"
_ORCHESTRATOR = "k8s.io/controller"

ENTRIES = (
    Entry("service.request", INFO, f"{{{{ method|word }}}} {{{{ route|word }}}} {{{{ status }}}} in {_TOOK}",
          _request(Attribute("http.response.body.size", "bytes", kind="int")),
          when=f"root and not ({_FAILED})", time=_LATER),
    Entry("service.request", ERROR,
          f"{{{{ method|word }}}} {{{{ route|word }}}} failed after {_TOOK}: {{{{ (error or 'unknown error')|word }}}}",
          _request(_ERROR_TYPE, *_EXCEPTION), when=_FAILED, time=_LATER),
    Entry("service.request", WARN, f"slow request: {{{{ method|word }}}} {{{{ route|word }}}} took {_TOOK}",
          _request(), when=f"duration > {_SLOW} and not ({_FAILED})", time=_LATER),
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
