"""Flows and DNS transactions as Elastic's network packet capture sends them."""

from __future__ import annotations

from collections.abc import Mapping

from simulator import LogSource, Renderer
from simulator_network.cells import Cell
from simulator_network.connections import CONNECTIONS
from simulator_network.zeek import RESOLVER
from simulator_network.zeek_filters import SHARED


def _end(cells: Mapping[str, Cell], end: str, sizes: str = "") -> str:
    return f'{{{sizes}"ip":{{{{ {cells[f"id.{end}_h"].text}|json }}}},"port":{cells[f"id.{end}_p"].template}}}'


def _sizes(cells: Mapping[str, Cell], end: str) -> str:
    return f'"bytes":{cells[f"{end}_ip_bytes"].template},"packets":{cells[f"{end}_pkts"].template},'


def _opening(dataset: str) -> str:
    return (
        '{"@timestamp":"{{ time|iso }}","agent":{"name":"sensor","type":"packetbeat","version":"8.17.0"},'
        f'"data_stream":{{"dataset":"network_traffic.{dataset}","namespace":"default","type":"logs"}},'
        '"ecs":{"version":"8.17.0"},'
    )


def _network(cells: Mapping[str, Cell], protocol: str) -> str:
    source, destination = cells["local_orig"].text, cells["local_resp"].text
    direction = (
        f"'internal' if ({source}) and ({destination}) else 'outbound' if ({source}) else 'inbound' if ({destination})"
        " else 'external'"
    )
    family = f"'ipv6' if ':' in {cells['id.orig_h'].text} else 'ipv4'"
    return (
        f'"network":{{"direction":{{{{ ({direction})|json }}}},{protocol}'
        f'"transport":{{{{ ({cells["proto"].text})|json }}}},"type":{{{{ ({family})|json }}}}}},'
        f'"related":{{"ip":[{{{{ {cells["id.orig_h"].text}|json }}}},{{{{ {cells["id.resp_h"].text}|json }}}}]}}'
    )


def _flow(cells: Mapping[str, Cell]) -> str:
    service = cells["service"].text
    timed = cells["duration"].text == "duration"
    lasting = '"duration":{{ duration|nanoseconds }},"end":"{{ time|shift(duration)|iso }}",' if timed else ""
    return (
        _opening("flow")
        + f'"event":{{"action":"network_flow","category":["network"],"dataset":"network_traffic.flow",{lasting}'
        + '"kind":"event","start":"{{ time|iso }}","type":["connection"]},'
        + f'"source":{_end(cells, "orig", _sizes(cells, "orig"))},'
        + f'"destination":{_end(cells, "resp", _sizes(cells, "resp"))},'
        + _network(cells, f'{{% if ({service}) %}}"protocol":{{{{ ({service})|json }}}},{{% endif %}}')
        + "}"
    )


def _dns(cells: Mapping[str, Cell]) -> str:
    answers = (
        '"answers":[{"class":"IN","data":{{ answer|json }},"name":{{ query|json }},"ttl":{{ answer|time_to_live }},'
        '"type":{{ query_type|json }}}],'
    )
    resolved = '"resolved_ip":[{{ answer|json }}],'
    return (
        _opening("dns")
        + '"event":{"action":"dns_query","category":["network"],"dataset":"network_traffic.dns",'
        + '"duration":{{ duration|nanoseconds }},"end":"{{ time|shift(duration)|iso }}","kind":"event",'
        + "\"outcome\":{{ ('success' if rcode == 'NOERROR' else 'failure')|json }},"
        + '"start":"{{ time|iso }}","type":["connection","protocol"]},'
        + '"dns":{"header_flags":["RD"{% if answer %},"RA"{% endif %}],"id":{{ transaction }},"op_code":"QUERY",'
        + f"{{% if answer %}}{answers}{{% endif %}}"
        + '"question":{"class":"IN","name":{{ query|json }},"type":{{ query_type|json }}},'
        + f"{{% if answer and query_type in ('A', 'AAAA') %}}{resolved}{{% endif %}}"
        + '"response_code":{{ rcode|json }},"type":"answer"},'
        + f'"source":{_end(cells, "orig")},"destination":{_end(cells, "resp")},'
        + _network(cells, '"protocol":"dns",')
        + "}"
    )


_FIELDS = {
    "src_ip": "source.ip",
    "src_port": "source.port",
    "dst_ip": "destination.ip",
    "dst_port": "destination.port",
}
_DNS_FIELDS = {"query": "dns.question.name", "record_type": "dns.question.type", "answer": "dns.answers"}

NETWORK_ECS = Renderer(
    name="network.ecs",
    title="Flows and DNS transactions from packet capture, as ECS documents",
    format="ecs",
    templates={event: _flow(cells) for event, cells in CONNECTIONS.items() if event != "dns.query"}
    | {"dns.query": _dns(CONNECTIONS["dns.query"])},
    witness="",
    log_sources=(
        LogSource(category="dns", where={"event.dataset": ("network_traffic.dns",)}, fields=_DNS_FIELDS),
        LogSource(product="packetbeat"),
    ),
    fields=_FIELDS,
    entities={"source": "source.ip"},
    constants={"resolver": RESOLVER},
    filters=SHARED,
)
