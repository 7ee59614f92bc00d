"""How an Event object of core/v1 is written: by a component with the old recorder, or with that of events.k8s.io.

The order of the members is that of the Go structures. ``revision`` is a counter of the renderer.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator import Record
from simulator_kubernetes.templates import fresh_uid

_SECONDS = "'%Y-%m-%dT%H:%M:%SZ'"


@dataclass(frozen=True, slots=True)
class About:
    """The object that an event is about; values are Jinja2 expressions."""

    kind: str
    name: str
    uid: str
    namespace: str = "host|namespace"
    api_version: str = "v1"
    part: str = ""  # a template: of which part of it
    home: str = ""  # the namespace of the event, where the object has none


POD = About("Pod", "host.name", "host|pod_uid(version)")
CONTAINER = About(
    "Pod", "host.name", "host|pod_uid(version)", part="spec.containers{{ '{' }}{{ service|inside }}{{ '}' }}"
)
NODE = About("Node", "host|node", "host|node", namespace="", home="'default'")
DEPLOYMENT = About("Deployment", "service", "service|uid(host|namespace)", api_version="apps/v1")
AUTOSCALER = About(
    "HorizontalPodAutoscaler", "service", "'hpa'|uid(service, host|namespace)", api_version="autoscaling/v2"
)


def event(
    about: About,
    component: str,
    reason: str,
    message: str,
    when: str = "",
    after: str = "0",
    *,
    warning: bool = False,
    on_node: bool = True,
) -> Record:
    """Return a record. ``message`` is a template of what stands inside a JSON string, ``after`` is in nanoseconds.

    ``on_node`` says that the component is one of the node's own, and is named with it.
    """
    at = f"(time|shift({after}))"
    node = "{{ host|node }}" if on_node else ""
    source = f'{{"component":"{component}"' + (f',"host":"{node}"' if node else "") + "}"
    moment = f'"{{{{ {at}|strftime({_SECONDS}) }}}}"'
    return Record(
        f"{{{_metadata(about, at, reason)},{_involved(about)}"
        f',"reason":"{reason}","message":"{message}","source":{source}'
        f',"firstTimestamp":{moment},"lastTimestamp":{moment},"count":1,"type":"{_kind(warning)}","eventTime":null'
        f',"reportingComponent":"{component}","reportingInstance":"{node}"}}',
        when,
    )


def scheduled(reason: str, message: str, action: str, when: str, after: str, *, warning: bool = False) -> Record:
    """Return a record as the scheduler writes it, which uses the newer recorder."""
    at = f"(time|shift({after}))"
    return Record(
        f"{{{_metadata(POD, at, reason)},{_involved(POD)}"
        f',"reason":"{reason}","message":"{message}","source":{{}}'
        f',"firstTimestamp":null,"lastTimestamp":null,"type":"{_kind(warning)}"'
        f',"eventTime":"{{{{ {at}|strftime(\'%Y-%m-%dT%H:%M:%S.%6fZ\') }}}}"'
        f',"action":"{action}","reportingComponent":"default-scheduler"'
        ',"reportingInstance":"default-scheduler-control-plane-1"}',
        when,
    )


def _kind(warning: bool) -> str:
    return "Warning" if warning else "Normal"


def _metadata(about: About, at: str, reason: str) -> str:
    own = fresh_uid(f"{about.kind} {reason} {at}", "host.name")
    return (
        '"kind":"Event","apiVersion":"v1"'
        f',"metadata":{{"name":"{{{{ {about.name}|inside }}}}.{{{{ ({at}|hexint)[2:] }}}}"'
        f',"namespace":"{{{{ {about.home or about.namespace} }}}}","uid":"{own}"'
        f',"resourceVersion":"{{{{ revision }}}}","creationTimestamp":"{{{{ {at}|strftime({_SECONDS}) }}}}"}}'
    )


def _involved(about: About) -> str:
    namespace = f'"namespace":"{{{{ {about.namespace} }}}}",' if about.namespace else ""
    part = f',"fieldPath":"{about.part}"' if about.part else ""
    return (
        f'"involvedObject":{{"kind":"{about.kind}",{namespace}"name":"{{{{ {about.name}|inside }}}}"'
        f',"uid":"{{{{ {about.uid} }}}}","apiVersion":"{about.api_version}"'
        f',"resourceVersion":"{{{{ revision - 2 }}}}"{part}}}'
    )
