"""The columns of Zeek's logs and their types, in the order of the default scripts of Zeek 8.0 (long-term support)."""

from __future__ import annotations

_CONNECTION = "ts:time uid:string id.orig_h:addr id.orig_p:port id.resp_h:addr id.resp_p:port "

_LOGS = {
    "conn": "proto:enum service:string duration:interval orig_bytes:count resp_bytes:count conn_state:string "
    "local_orig:bool local_resp:bool missed_bytes:count history:string orig_pkts:count orig_ip_bytes:count "
    "resp_pkts:count resp_ip_bytes:count tunnel_parents:set[string] ip_proto:count",
    "dns": "proto:enum trans_id:count rtt:interval query:string qclass:count qclass_name:string qtype:count "
    "qtype_name:string rcode:count rcode_name:string AA:bool TC:bool RD:bool RA:bool Z:count "
    "answers:vector[string] TTLs:vector[interval] rejected:bool",
    "http": "trans_depth:count method:string host:string uri:string referrer:string version:string "
    "user_agent:string origin:string request_body_len:count response_body_len:count status_code:count "
    "status_msg:string info_code:count info_msg:string tags:set[enum] username:string password:string "
    "proxied:set[string] orig_fuids:vector[string] orig_filenames:vector[string] orig_mime_types:vector[string] "
    "resp_fuids:vector[string] resp_filenames:vector[string] resp_mime_types:vector[string]",
    "ssl": "version:string cipher:string curve:string server_name:string resumed:bool last_alert:string "
    "next_protocol:string established:bool ssl_history:string cert_chain_fps:vector[string] "
    "client_cert_chain_fps:vector[string] sni_matches_cert:bool",
}

COLUMNS: dict[str, dict[str, str]] = {
    log: dict(column.split(":") for column in (_CONNECTION + columns).split()) for log, columns in _LOGS.items()
}
