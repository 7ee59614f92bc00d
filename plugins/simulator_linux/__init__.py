"""Linux: logins, sudo, su, cron and systemd, as auth.log, syslog, auditd and ECS documents tell them."""

from __future__ import annotations

from collections.abc import Iterable

from simulator import EventType, Format, Renderer, hookimpl


@hookimpl
def simulator_event_types() -> Iterable[EventType]:
    from simulator_linux.event_types import EVENT_TYPES

    return EVENT_TYPES


@hookimpl
def simulator_formats() -> Iterable[Format]:
    from simulator_linux.auditd_format import AuditdFormat

    return (AuditdFormat(),)


@hookimpl
def simulator_renderers() -> Iterable[Renderer]:
    from simulator_linux.auditd_renderer import AUDITD
    from simulator_linux.ecs_renderer import ECS
    from simulator_linux.syslog_renderers import AUTH_LOG, SYSLOG

    return (AUTH_LOG, SYSLOG, AUDITD, ECS)
