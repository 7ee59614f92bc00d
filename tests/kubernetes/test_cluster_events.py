"""The events of a cluster."""

# ruff: noqa: E501 - tables of records, a line each

import json
import re
from datetime import datetime

import jsonschema
import pytest

from simulator import Host
from simulator_kubernetes.cluster_events import EVENTS
from simulator_kubernetes.formats import EventFormat
from tests.kubernetes.cluster import POD, closed, texts
from tests.plugins.rendering import TAG, fields_of, rendered_records

STARTED = {"host": POD, "service": "cart", "version": "1.4.0", "reason": "RolledOut", "startup": "8s"}
STOPPED = {"host": POD, "service": "cart", "version": "1.4.0"}
UID = {"type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"}
SECOND = {"type": ["string", "null"], "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
# Event of core/v1, after the reference of the API.
EVENT = closed(
    {
        "kind": {"const": "Event"}, "apiVersion": {"const": "v1"},
        "metadata": closed(
            {**texts("name", "namespace"), "uid": UID, "resourceVersion": {"pattern": r"^\d+$"}, "creationTimestamp": SECOND, "annotations": {"additionalProperties": {"type": "string"}}},
            "name", "namespace", "uid", "resourceVersion", "creationTimestamp",
        ),
        "involvedObject": closed(texts("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"), "kind", "name", "apiVersion"),
        **texts("reason", "message"), "source": closed(texts("component", "host")),
        "firstTimestamp": SECOND, "lastTimestamp": SECOND, "count": {"type": "integer", "minimum": 1},
        "type": {"enum": ["Normal", "Warning"]},
        "eventTime": {"type": ["string", "null"], "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"},
        **texts("action", "reportingComponent", "reportingInstance"),
    },
    "kind", "apiVersion", "metadata", "involvedObject", "reason", "message", "source", "type", "eventTime", "reportingComponent", "reportingInstance",
)  # fmt: skip


def told(event, values):
    """Return the events that something leaves, checked against the API's structure."""
    found = []
    for line in rendered_records(EVENTS, EventFormat(), event, values):
        assert EventFormat().is_tagged(EventFormat().layout.parse(line), TAG)
        found.append(json.loads(line))
        jsonschema.validate(found[-1], EVENT)
        assert list(found[-1]) == [name for name in EVENT["properties"] if name in found[-1]]
    return found


def reasons(event, values):
    return [each["reason"] for each in told(event, values)]


def test_a_new_pod_is_scheduled_its_image_pulled_and_its_container_started():
    found = told("instance.started", STARTED)

    assert [each["reason"] for each in found] == ["Scheduled", "Pulling", "Pulled", "Created", "Started"]
    assert found[0]["message"].startswith("Successfully assigned shop/cart-7c9f-2 to cluster-worker-")
    node = found[0]["message"].split()[-1]
    assert {each["source"]["host"] for each in found[1:]} == {node}
    assert found[1]["message"] == 'Pulling image "registry.example/cart:1.4.0"'
    assert re.fullmatch(
        r'Successfully pulled image "registry\.example/cart:1\.4\.0" in (\d+ms|\d+\.\d{2}[1-9]s) \(\1 including waiting\)\. Image size: \d{8,9} bytes\.',
        found[2]["message"],
    )
    assert found[3]["involvedObject"]["fieldPath"] == "spec.containers{cart}"


@pytest.mark.parametrize("startup", ["1.4s", "8s", "59s", "170s"])
def test_a_pod_comes_up_in_order_and_is_ready_last(startup):
    found = told("instance.started", STARTED | {"startup": startup})
    moments = [int(each["metadata"]["name"].rpartition(".")[2], 16) for each in found]
    seconds = [datetime.fromisoformat(each["metadata"]["creationTimestamp"]).timestamp() for each in found]

    assert moments == sorted(moments)
    assert seconds == [moment // 10**9 for moment in moments]
    assert moments[-1] < 1_772_438_401_123_456_789


def test_the_time_an_image_took_is_the_time_between_its_events():
    _, pulling, pulled, *_ = told("instance.started", STARTED)
    began, ended = (int(each["metadata"]["name"].rpartition(".")[2], 16) for each in (pulling, pulled))
    took = re.search(r"in ([\d.]+)(ms|s) ", pulled["message"])

    assert ended - began == round(float(took[1]) * (10**9 if took[2] == "s" else 10**6))


def test_a_restarted_container_has_its_image_already():
    assert reasons("instance.started", STARTED | {"reason": "Restarted"}) == ["Pulled", "Created", "Started"]


def test_a_pod_that_waits_for_a_node_could_not_be_scheduled_at_first():
    found = told("instance.started", STARTED | {"reason": "ScaledUp", "startup": "95s"})

    assert found[0]["reason"] == "FailedScheduling"
    assert found[0]["type"] == "Warning"
    assert found[1]["reason"] == "Scheduled"


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({"reason": "Completed"}, ["Killing"]),
        ({"reason": "ScaledDown"}, ["Killing"]),
        ({"reason": "Error", "exit_code": 1}, []),
        ({"reason": "Error", "exit_code": 1, "restarts": 3}, ["BackOff"]),
        ({"reason": "Error", "exit_code": 137}, ["Unhealthy", "Killing"]),
        ({"reason": "OOMKilled", "exit_code": 137}, ["OOMKilling"]),
        ({"reason": "OOMKilled", "exit_code": 137, "restarts": 1}, ["OOMKilling", "BackOff"]),
        ({"reason": "Evicted"}, ["EvictionThresholdMet", "Evicted", "Killing"]),
        ({"reason": "NodeLost"}, ["NodeNotReady", "NodeNotReady"]),
    ],
)
def test_how_a_container_ends_decides_what_is_told(values, wanted):
    assert reasons("instance.stopped", STOPPED | values) == wanted


def test_the_kernel_says_of_the_node_whom_it_killed():
    (found,) = told("instance.stopped", STOPPED | {"reason": "OOMKilled", "exit_code": 137})

    assert found["involvedObject"]["kind"] == "Node"
    assert found["metadata"]["namespace"] == "default"
    assert re.match(
        r"Memory cgroup out of memory: Killed process \d+ \(cart\) total-vm:\d+kB, anon-rss:\d+kB", found["message"]
    )


def test_a_rollout_scales_one_replica_set_up_and_the_other_down():
    up, down = told(
        "service.deployed",
        {"host": POD, "service": "cart", "version": "1.5.0", "previous": "1.4.0", "instances": 1, "of": 4},
    )

    assert re.fullmatch(r"Scaled up replica set cart-[b-z2-9]{9} from 0 to 1", up["message"])
    assert down["message"] == "Scaled down replica set cart-7c9f from 4 to 3"  # as its pods' names say
    assert (up["involvedObject"]["kind"], up["involvedObject"]["apiVersion"]) == ("Deployment", "apps/v1")


def test_the_autoscaler_says_the_new_size_and_why():
    rescaled, scaled = told("service.scaled", {"host": POD, "service": "cart", "before": 2, "after": 5})

    assert rescaled["reason"] == "SuccessfulRescale"
    assert rescaled["message"] == "New size: 5; reason: cpu resource utilization (percentage of request) above target"
    assert rescaled["involvedObject"]["apiVersion"] == "autoscaling/v2"
    assert scaled["message"].endswith("from 2 to 5")


def test_no_two_events_share_a_uid_or_a_name():
    hosts = [Host(f"cart-7c9f-{n}", f"10.40.1.{n}", "linux", "", attributes={"service": "cart"}) for n in range(9)]
    found = [each for host in hosts for each in told("instance.started", STARTED | {"host": host})]

    assert len({each["metadata"]["uid"] for each in found}) == len(found) == 45
    assert len({each["metadata"]["name"] for each in found}) == 45
    assert len({each["involvedObject"]["uid"] for each in found}) == 9


def test_odd_names_do_not_tear_a_record_apart():
    odd = {"service": 'c"a\\rt', "version": '"1"'}

    assert told("instance.started", STARTED | odd)[3]["message"] == 'Created container: c"a\\rt'
    assert told("service.deployed", {"host": POD, **odd})


def test_functions_have_no_pods():
    assert told("instance.started", STARTED | {"kind": "function"}) == []
    assert told("instance.stopped", STOPPED | {"kind": "function"}) == []


def test_taking_the_tag_out_leaves_an_event():
    for fields in fields_of(EVENTS, EventFormat(), "instance.started", STARTED):
        assert not any("annotations" in name for name in fields)
        assert set(EVENTS.entities.values()) <= set(fields)
