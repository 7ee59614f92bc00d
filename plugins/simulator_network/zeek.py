"""Zeek's conn, dns, http and ssl logs, as JSON and as tab-separated values."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from simulator import LogSource, Outsider, Record, Renderer
from simulator_network import zeek_filters
from simulator_network.cells import Cell
from simulator_network.zeek_cells import CELLS, WHEN
from simulator_network.zeek_columns import COLUMNS

RESOLVER = Outsider("resolver", "192.0.2.53", fqdn="resolver.example")
"""Who is asked where an event names no server."""

_AS_JSON = {
    "time": "{{ %s|epoch(6) }}",
    "interval": "{{ (%s)|seconds(6) }}",
    "count": "{{ %s }}",
    "port": "{{ %s }}",
    "bool": "{%% if %s %%}true{%% else %%}false{%% endif %%}",
    "string": "{{ (%s)|json }}",
    "vector[string]": "{{ (%s)|array }}",
    "vector[interval]": "[{{ %s }}.0]",
}
_AS_TABS = _AS_JSON | {
    "bool": "{%% if %s %%}T{%% else %%}F{%% endif %%}",
    "string": "{{ (%s)|text }}",
    "vector[interval]": "{{ %s }}.000000",
}
_LIKE = {"addr": "string", "enum": "string", "set[string]": "vector[string]", "set[enum]": "vector[string]"}


def _json_value(kind: str, cell: Cell) -> str:
    if not cell.raw:
        return _AS_JSON[kind] % cell.text
    quote = {"string": '"%s"', "vector[string]": '["%s"]'}.get(kind, "%s")
    return quote % cell.text


def _json_record(log: str, cells: Mapping[str, Cell]) -> str:
    """Write the set columns in their order; the unset ones are left out, as Zeek's JSON writer does."""
    members = ""
    for column, kind in COLUMNS[log].items():
        if column in cells:
            cell = cells[column]
            member = f'{"," if members else ""}"{column}":{_json_value(_LIKE.get(kind, kind), cell)}'
            members += f"{{% if {cell.when} %}}{member}{{% endif %}}" if cell.when else member
    return "{" + members + "}"


def _tab_record(log: str, cells: Mapping[str, Cell]) -> str:
    values = []
    for column, kind in COLUMNS[log].items():
        if column not in cells:
            values.append("-")
            continue
        cell = cells[column]
        value = cell.text if cell.raw else _AS_TABS[_LIKE.get(kind, kind)] % cell.text
        values.append(f"{{% if {cell.when} %}}{value}{{% else %}}-{{% endif %}}" if cell.when else value)
    return "\t".join(values)


_SOURCES: Mapping[str, tuple[LogSource, ...]] = MappingProxyType(
    {
        "conn": (LogSource(product="zeek", service="conn"),),
        "dns": (
            LogSource(product="zeek", service="dns"),
            LogSource(category="dns", fields={"record_type": "qtype_name", "answer": "answers"}),
        ),
        "http": (LogSource(product="zeek", service="http"),),
        "ssl": (LogSource(product="zeek", service="ssl"),),
    }
)
_FIELDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "conn": {},
        "dns": {},
        "http": {
            "c-uri": "uri",
            "cs-uri": "uri",
            "cs-host": "host",
            "cs-method": "method",
            "c-useragent": "user_agent",
            "cs-user-agent": "user_agent",
            "cs-referer": "referrer",
            "sc-status": "status_code",
        },
        "ssl": {},
    }
)
_TITLES = {"conn": "connections", "dns": "DNS questions and answers", "http": "HTTP requests", "ssl": "TLS handshakes"}


def _renderer(log: str, *, tabs: bool) -> Renderer:
    written = _tab_record if tabs else _json_record
    return Renderer(
        name=f"{'zeek_tsv' if tabs else 'zeek'}.{log}",
        title=f"Zeek {log}.log: {_TITLES[log]}, as {'tab-separated values' if tabs else 'JSON'}",
        format=f"zeek_tsv_{log}" if tabs else "zeek_json",
        templates={
            event: Record(written(log, cells), WHEN.get((log, event), "")) for event, cells in CELLS[log].items()
        },
        witness="",
        lasts="duration",
        log_sources=_SOURCES[log],
        fields=_FIELDS[log],
        entities={"source": "id.orig_h"},
        constants={"resolver": RESOLVER},
        filters=zeek_filters.TABS if tabs else zeek_filters.JSON,
    )


RENDERERS = (*(_renderer(log, tabs=False) for log in COLUMNS), *(_renderer(log, tabs=True) for log in COLUMNS))
