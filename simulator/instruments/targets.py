"""Where Feint's own telemetry goes: an OTLP/HTTP address, what the environment says, or a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from simulator.errors import UsageError, cannot_write
from simulator.instruments.otlp_json import metrics_line, spans_line

if TYPE_CHECKING:
    import requests

_SECONDS = 2.0
_FORMS = "give http://HOST:PORT of a receiver of OTLP over HTTP, env, or a file that ends in .ndjson"
_SENT = frozenset({"content-type", "content-encoding", "content-length", "user-agent", "host"})


@dataclass(slots=True)
class Outcomes:
    """How the exports of one signal went; ``status`` is the last answer over HTTP."""

    taken: int = 0
    failed: int = 0
    status: int = 0


class Watched:
    """An exporter whose outcomes are counted. It is asked for all else that an exporter has."""

    def __init__(self, exporter: Any, outcomes: Outcomes) -> None:
        self._exporter, self._outcomes = exporter, outcomes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._exporter, name)

    def export(self, *arguments: Any, **settings: Any) -> Any:
        self._outcomes.status = 0
        self._outcomes.failed += 1  # until it is known better: it may never come back
        result = self._exporter.export(*arguments, **settings)
        if result.name == "SUCCESS" and self._outcomes.status < 300:  # a redirect is not followed, and takes nothing
            self._outcomes.failed -= 1
            self._outcomes.taken += 1
        return result


@dataclass(frozen=True, slots=True)
class Exporters:
    """The way out for both signals."""

    where: str
    metrics: Watched
    spans: Watched
    outcomes: tuple[Outcomes, Outcomes]
    by_environment: bool = False

    def complaint(self, *, late: bool) -> str | None:
        """Return a sentence if not all was taken. One that takes only metrics (404 for traces) is no fault."""
        metrics, spans = self.outcomes
        without_traces = metrics.taken and not metrics.failed and not spans.taken and spans.status == 404
        failed = metrics.failed + (0 if without_traces else spans.failed)
        if not failed and not late:
            return None
        status = next((each.status for each in self.outcomes if each.status >= 300), 0)
        why = f"it answers {status}" if status else "it does not answer" if metrics.failed else "it is slow"
        return (
            f"telemetry: {self.where} did not take all of Feint's own telemetry: {why} "
            f"({failed} of {failed + metrics.taken + spans.taken} exports failed); the run is not touched by that"
        )


def exporters_for(target: str) -> Exporters:
    """Return the exporters for what ``--telemetry`` says, or UsageError."""
    if target == "env":
        return _over_http("the address in the environment", None)
    if "://" in target:
        return _over_http(target, _checked(target))
    path = Path(target)
    if path.suffix != ".ndjson":
        raise UsageError(f"--telemetry: {target!r} is neither an address nor a file of telemetry; {_FORMS}")
    return _to_file(path)


def _checked(target: str) -> str:
    try:
        parts = urlsplit(target)
        there = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        there = False
    if not there:
        raise UsageError(f"--telemetry: {target!r} is no address; {_FORMS}")
    if parts.username is not None or parts.query or parts.fragment:
        raise UsageError(
            "--telemetry: the address has more than host, port and path; "
            "set OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_HEADERS and give --telemetry env"
        )
    return target.rstrip("/")


def _over_http(where: str, base: str | None) -> Exporters:
    """Return exporters to an address; None: what the environment says, with its headers, certificates and proxies."""
    try:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ModuleNotFoundError as error:
        raise UsageError(
            "--telemetry: to send it, pip install 'feint[otlp]'; a file that ends in .ndjson needs nothing more"
        ) from error
    outcomes = Outcomes(), Outcomes()
    metrics, spans = (_session(each, bare=base is not None) for each in outcomes)
    paths = (f"{base}/v1/metrics", f"{base}/v1/traces") if base else (None, None)
    timeout = _SECONDS if base else None
    return Exporters(
        where,
        Watched(OTLPMetricExporter(paths[0], session=metrics, timeout=timeout), outcomes[0]),
        Watched(OTLPSpanExporter(paths[1], session=spans, timeout=timeout), outcomes[1]),
        outcomes,
        by_environment=base is None,
    )


def _session(outcomes: Outcomes, *, bare: bool) -> requests.Session:
    """Return a session that notes how it was answered; a bare one goes to its address alone, and tells no secrets."""
    import requests

    def note(response: requests.Response, **_: object) -> None:
        outcomes.status = response.status_code

    def without_secrets(request: requests.PreparedRequest) -> requests.PreparedRequest:
        for name in [name for name in request.headers if name.lower() not in _SENT]:
            del request.headers[name]  # OTEL_EXPORTER_OTLP_HEADERS is meant for somebody else
        return request

    session = requests.Session()
    session.hooks["response"] = [note]
    if bare:
        session.trust_env = False  # no proxy, no .netrc
        session.auth = without_secrets
    return session


def _to_file(path: Path) -> Exporters:
    try:
        path.open("ab").close()
    except OSError as error:
        raise cannot_write(path, error) from error
    from opentelemetry.sdk.metrics.export import MetricExportResult
    from opentelemetry.sdk.trace.export import SpanExportResult

    outcomes, lock = (Outcomes(), Outcomes()), Lock()
    metrics = FileExporter(path, lock, metrics_line, MetricExportResult.SUCCESS, MetricExportResult.FAILURE)
    spans = FileExporter(path, lock, spans_line, SpanExportResult.SUCCESS, SpanExportResult.FAILURE)
    return Exporters(str(path), Watched(metrics, outcomes[0]), Watched(spans, outcomes[1]), outcomes)


@dataclass(frozen=True)
class FileExporter:
    """Appends each export to a file as one line of OTLP/JSON: what the SDK asks of an exporter, for either signal."""

    path: Path
    lock: Lock
    line: Callable[[Any], bytes]
    success: Any
    failure: Any
    _preferred_temporality: None = field(default=None)
    _preferred_aggregation: None = field(default=None)

    def export(self, what: Any, **_: object) -> Any:
        try:
            with self.lock, self.path.open("ab") as file:
                file.write(self.line(what))
        except OSError:
            return self.failure
        return self.success

    def shutdown(self, **_: object) -> None:
        """Nothing is open."""

    def force_flush(self, **_: object) -> bool:
        return True
