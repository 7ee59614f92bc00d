"""The events of a cluster, as exporters write them: what scheduler, kubelet and controllers say of pods and nodes."""

from __future__ import annotations

from simulator import Counter, LogSource, Record, Renderer
from simulator_kubernetes import names
from simulator_kubernetes.happenings import (
    AUTOSCALER,
    CONTAINER,
    DEPLOYMENT,
    NODE,
    POD,
    event,
    scheduled,
)

_POD = "kind != 'function'"
_NEW = f"{_POD} and reason in ('Started', 'RolledOut', 'RolledBack', 'ScaledUp')"
_AGAIN = f"{_POD} and reason == 'Restarted'"
_IMAGE = "{{ service|image(version)|inside }}"

_PULLING = "0 - startup + startup // 20"
# Go leaves out zeros at the end of a duration, so there is none: the last digit is 1 to 9
_MILLISECONDS = "(startup // 3000000 // 10 * 10 + startup // 3000000 % 9 + 1)"
_PULLED = f"{_PULLING} + {_MILLISECONDS} * 1000000"
_TAKEN = (
    f"{{% if {_MILLISECONDS} < 1000 %}}{{{{ {_MILLISECONDS} }}}}ms"
    f"{{% else %}}{{{{ ({_MILLISECONDS} * 1000000)|seconds(3) }}}}s{{% endif %}}"
)
_CREATED = "0 - startup // 2"
_RUNNING = "0 - startup // 2 + startup // 40"

_SCARCE = "0/6 nodes are available: 6 Insufficient cpu. preemption: 0/6 nodes are available: " + (
    "6 No preemption victims found for incoming pod."
)
_WAITED = 60_000_000_000  # a pod that takes so long had to wait for a node

_STARTED: tuple[Record, ...] = (
    scheduled(
        "FailedScheduling", _SCARCE, "Scheduling", f"{_POD} and reason == 'ScaledUp' and startup > {_WAITED}",
        "0 - startup", warning=True,
    ),
    scheduled(
        "Scheduled", "Successfully assigned {{ host|namespace }}/{{ host.name }} to {{ host|node }}", "Binding", _NEW,
        "0 - startup + startup // 100",
    ),
    event(CONTAINER, "kubelet", "Pulling", f'Pulling image \\"{_IMAGE}\\"', _NEW, _PULLING),
    event(
        CONTAINER, "kubelet", "Pulled",
        f'Successfully pulled image \\"{_IMAGE}\\" in {_TAKEN} ({_TAKEN} including waiting).'
        " Image size: {{ service|image_bytes }} bytes.",
        _NEW, _PULLED,
    ),
    event(
        CONTAINER, "kubelet", "Pulled", f'Container image \\"{_IMAGE}\\" already present on machine', _AGAIN, _PULLED
    ),
    event(CONTAINER, "kubelet", "Created", "Created container: {{ service|inside }}", _POD, _CREATED),
    event(CONTAINER, "kubelet", "Started", "Started container {{ service|inside }}", _POD, _RUNNING),
)  # fmt: skip

_UNIT = "{{ host.name }}_{{ host|namespace }}({{ host|pod_uid(version) }})"
_CRASHED = f"{_POD} and reason in ('Error', 'OOMKilled')"
_PROBED = f"{_POD} and reason == 'Error' and exit_code == 137"
_KILLED = (
    "Memory cgroup out of memory: Killed process {{ time % 30000 + 2000 }} ({{ service|inside }})"
    " total-vm:{{ time % 700000 + 1500000 }}kB, anon-rss:{{ time % 90000 + 440000 }}kB"
    ", file-rss:{{ time % 9000 + 11000 }}kB, shmem-rss:0kB, UID:1000 pgtables:{{ time % 500 * 4 + 1200 }}kB"
    " oom_score_adj:{{ 900 + time % 90 }}"
)

_STOPPED: tuple[Record, ...] = (
    event(
        CONTAINER, "kubelet", "Unhealthy",
        'Liveness probe failed: Get \\"http://{{ host.ip }}:8080/healthz\\": context deadline exceeded'
        " (Client.Timeout exceeded while awaiting headers)",
        _PROBED, "-31000000000", warning=True,
    ),
    event(
        CONTAINER, "kubelet", "Killing", "Container {{ service|inside }} failed liveness probe, will be restarted",
        _PROBED, "-30500000000",
    ),
    event(
        CONTAINER, "kubelet", "Killing", "Stopping container {{ service|inside }}",
        f"{_POD} and reason in ('Completed', 'ScaledDown', 'RolledOut', 'RolledBack')",
    ),
    event(NODE, "kernel-monitor", "OOMKilling", _KILLED, f"{_POD} and reason == 'OOMKilled'", warning=True),
    event(
        CONTAINER, "kubelet", "BackOff",
        f"Back-off restarting failed container {{{{ service|inside }}}} in pod {_UNIT}",
        f"{_CRASHED} and restarts >= 1", "2100000000", warning=True,
    ),
    event(
        NODE, "kubelet", "EvictionThresholdMet", "Attempting to reclaim memory",
        f"{_POD} and reason == 'Evicted'", "-1200000000", warning=True,
    ),
    event(
        POD, "kubelet", "Evicted",
        "The node was low on resource: memory. Threshold quantity: 100Mi, available: {{ time % 60000 + 30000 }}Ki."
        " Container {{ service|inside }} was using {{ time % 300000 + 500000 }}Ki, request is 256Mi, has larger"
        " consumption of memory. ",
        f"{_POD} and reason == 'Evicted'", "-400000000", warning=True,
    ),
    event(
        CONTAINER, "kubelet", "Killing", "Stopping container {{ service|inside }}", f"{_POD} and reason == 'Evicted'"
    ),
    event(
        NODE, "node-controller", "NodeNotReady", "Node {{ host|node }} status is now: NodeNotReady",
        f"{_POD} and reason == 'NodeLost'", "40000000000", on_node=False,
    ),
    event(
        POD, "node-controller", "NodeNotReady", "Node is not ready", f"{_POD} and reason == 'NodeLost'", "40030000000",
        warning=True, on_node=False,
    ),
)  # fmt: skip

_IN_A_POD = "host.attributes.get('kind') != 'function'"


def _scaling(direction: str, version: str, before: str, after: str, when: str, later: str) -> Record:
    return event(
        DEPLOYMENT, "deployment-controller", "ScalingReplicaSet",
        f"Scaled {direction} replica set {{{{ service|replica_set({version}, host)|inside }}}}"
        f" from {before} to {after}",
        f"{_IN_A_POD} and {when}", later, on_node=False,
    )  # fmt: skip


_DEPLOYED: tuple[Record, ...] = (
    _scaling("up", "version", "0", "{{ instances }}", "instances > 0", "45000000"),
    _scaling("down", "previous", "{{ of }}", "{{ of - instances }}", "previous and instances > 0", "210000000"),
)
_CURRENT = "host.attributes.get('version')"
_SCALED: tuple[Record, ...] = (
    event(
        AUTOSCALER, "horizontal-pod-autoscaler", "SuccessfulRescale",
        "New size: {{ after }}; reason: {{ reason|inside }}", _IN_A_POD, "12000000", on_node=False,
    ),
    _scaling("up", _CURRENT, "{{ before }}", "{{ after }}", "after > before", "38000000"),
    _scaling("down", _CURRENT, "{{ before }}", "{{ after }}", "after < before", "38000000"),
)  # fmt: skip

EVENTS = Renderer(
    name="kubernetes.events",
    title="Events of a cluster: pods scheduled, started, killed, scaled",
    format="kubernetes_event",
    templates={
        "instance.started": _STARTED,
        "instance.stopped": _STOPPED,
        "service.deployed": _DEPLOYED,
        "service.scaled": _SCALED,
    },
    witness="",
    log_sources=(LogSource(product="kubernetes", category="application", service="events"),),
    entities={"host": "involvedObject.name", "service": "involvedObject.name"},
    counters={"revision": Counter(start=8_000_000, step=40)},
    filters={
        "namespace": names.namespace,
        "node": names.node,
        "pod_uid": names.pod_uid,
        "uid": names.uid,
        "digits": names.digits,
        "image": names.image,
        "image_bytes": names.image_bytes,
        "replica_set": names.replica_set,
        "inside": names.inside,
    },
)
