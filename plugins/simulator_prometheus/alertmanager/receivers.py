"""Receivers: who they are, whether they tell of what is over, and what their settings must have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulator import Place
from simulator_prometheus.go_values import Struct
from simulator_prometheus.go_yaml import Entries, Faults, Node, Text

_TELLS_OF_THE_END: Mapping[str, bool] = {
    "webhook": True, "email": False, "pagerduty": True, "slack": False, "opsgenie": True, "wechat": False,
    "pushover": True, "victorops": True, "sns": True, "telegram": True, "webex": True, "discord": True,
    "msteams": True, "msteamsv2": True, "jira": True, "rocketchat": False,
}  # fmt: skip
_SETTINGS: Mapping[str, str] = {
    "webhook": "url url_file max_alerts timeout http_config",
    "email": "to from hello smarthost auth_username auth_password auth_password_file auth_secret auth_identity headers "
    "html text require_tls tls_config",
    "pagerduty": "service_key service_key_file routing_key routing_key_file url client client_url description details "
    "images links source severity class component group http_config",
    "slack": "api_url api_url_file channel username color title title_link pretext text fields short_fields footer "
    "fallback callback_id icon_emoji icon_url image_url thumb_url link_names mrkdwn_in actions http_config",
}
_GLOBAL = (
    "resolve_timeout http_config jira_api_url smtp_from smtp_hello smtp_smarthost smtp_auth_username "
    "smtp_auth_password smtp_auth_password_file smtp_auth_secret smtp_auth_identity smtp_require_tls smtp_tls_config "
    "slack_api_url slack_api_url_file pagerduty_url opsgenie_api_url opsgenie_api_key opsgenie_api_key_file "
    "wechat_api_url wechat_api_secret wechat_api_corp_id victorops_api_url victorops_api_key victorops_api_key_file "
    "telegram_api_url webex_api_url rocketchat_api_url rocketchat_token rocketchat_token_file rocketchat_token_id "
    "rocketchat_token_id_file"
)
_NEEDED: Mapping[str, tuple[tuple[str, ...], str]] = {
    "webhook": (("url", "url_file"), ""),
    "email": (("to",), ""),
    "pagerduty": (("service_key", "service_key_file", "routing_key", "routing_key_file"), ""),
    "slack": (("api_url", "api_url_file"), "slack_"),
    "opsgenie": (("api_key", "api_key_file"), "opsgenie_"),
    "victorops": (("api_key", "api_key_file"), "victorops_"),
    "telegram": (("bot_token", "bot_token_file"), ""),
    "sns": (("target_arn", "phone_number", "topic_arn"), ""),
}


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody who is told. One without any way to be told (``reaches``) is where alerts are dropped."""

    name: str
    reaches: bool
    tells_end: bool  # send_resolved


def global_of(node: Node | None, faults: Faults, place: Place) -> Struct:
    struct = Struct(node, faults, "global", tuple(_GLOBAL.split()), place)
    struct.duration("resolve_timeout")
    for name in ("slack_api_url", "opsgenie_api_key", "victorops_api_key", "smtp_auth_password"):
        if struct.node(name) is not None and struct.node(f"{name}_file") is not None:
            faults.add(struct.place_of(name), f"either {name} or {name}_file can be set, not both")
    return struct


def receiver_of(node: Node, settings: Struct, faults: Faults) -> Receiver:
    known = ("name", *(f"{kind}_configs" for kind in _TELLS_OF_THE_END))
    struct = Struct(node, faults, "a receiver", known, node.place)
    name = struct.text("name")
    if not name:
        faults.add(struct.place, "a receiver needs a name; write name: …")
    tells = [
        _integration(kind, each, usual, settings, faults)
        for kind, usual in _TELLS_OF_THE_END.items()
        for each in struct.items(f"{kind}_configs")
    ]
    return Receiver(name, bool(tells), any(tells))


def _integration(kind: str, node: Node, usual: bool, settings: Struct, faults: Faults) -> bool:
    """Check one way to be told; return whether it tells of the end of alerts."""
    what = f"{kind}_configs"
    if not isinstance(node, Entries):
        null = isinstance(node, Text) and node.is_null
        faults.add(node.place, f"an entry of {what} has to be a mapping{', not nothing' if null else ''}")
        return False
    own = _SETTINGS.get(kind)
    keys = tuple(own.split()) if own else tuple(key.text for key, _ in node.entries)
    struct = Struct(node, faults, f"an entry of {what}", (*keys, "send_resolved"), node.place)
    needed, prefix = _NEEDED.get(kind, ((), ""))
    given = [name for name in needed if struct.node(name) is not None]
    if needed and not given and not (prefix and any(settings.node(prefix + name) is not None for name in needed)):
        faults.add(struct.place, f"an entry of {what} needs {' or '.join(needed)}")
    for name in needed:
        if name in given and f"{name}_file" in given:
            faults.add(struct.place_of(name), f"either {name} or {name}_file can be set, not both")
    if kind == "email":
        for name in ("smarthost", "from"):
            if struct.node(name) is None and settings.node(f"smtp_{name}") is None:
                faults.add(struct.place, f"an e-mail needs {name}, or smtp_{name} under global")
    return struct.truth("send_resolved") if struct.node("send_resolved") is not None else usual
