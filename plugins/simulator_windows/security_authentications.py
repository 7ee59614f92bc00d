"""What domain controllers write of Kerberos and NTLM in the Security log. Fields are Windows's own, in its order."""

from __future__ import annotations

from typing import Any

from simulator_windows.json_templates import number
from simulator_windows.winlogbeat import NO_GUID, Event, guid

_START, _AUTHENTICATION = ("start",), ("authentication",)
_MAPPED_IP = "{% if ':' in source.ip %}{{ source.ip }}{% else %}::ffff:{{ source.ip }}{% endif %}"
_SOURCE = {"ip": "{{ source.ip }}", "port": number("source_port")}
_RESULT = "status == '0x0'"
_OUTCOME = f"{{{{ 'success' if {_RESULT} else 'failure' }}}}"
_KEYWORDS = f"{{{{ 'Audit Success' if {_RESULT} else 'Audit Failure' }}}}"


def _kerberos_user() -> dict[str, Any]:
    return {
        "related": {"ip": ["{{ source.ip }}"], "user": ["{{ user|account|escaped }}"]},
        "source": _SOURCE,
        "user": {"domain": "{{ host|realm }}", "id": "{{ user|sid }}", "name": "{{ user|account|escaped }}"},
    }


_TGT = Event(
    "4768",
    "A Kerberos authentication ticket (TGT) was requested.",
    {
        "TargetUserName": "{{ user|account|escaped }}",
        "TargetDomainName": "{{ host|realm }}",
        "TargetSid": f"{{{{ user|sid if {_RESULT} else 'S-1-0-0' }}}}",
        "ServiceName": f"krbtgt{{% if not ({_RESULT}) %}}/{{{{ host|realm }}}}{{% endif %}}",
        "ServiceSid": f"{{% if {_RESULT} %}}{{{{ user|domain_sid }}}}-502{{% else %}}S-1-0-0{{% endif %}}",
        "TicketOptions": "{{ options }}",
        "Status": "{{ status }}",
        "TicketEncryptionType": f"{{{{ encryption if {_RESULT} else '0xffffffff' }}}}",
        "PreAuthType": f"{{{{ preauthentication if {_RESULT} else '-' }}}}",
        "IpAddress": _MAPPED_IP,
        "IpPort": "{{ source_port }}",
    },
    "Kerberos Authentication Service",
    "kerberos-authentication-ticket-requested",
    _AUTHENTICATION,
    _START,
    outcome=_OUTCOME,
    keywords=_KEYWORDS,
    ecs={**_kerberos_user(), "service": {"name": "krbtgt"}},
)

_SERVICE_NAME = "{% if service %}{{ service|escaped }}{% else %}{{ (server or host)|netbios }}${% endif %}"
_TICKET = Event(
    "4769",
    "A Kerberos service ticket was requested.",
    {
        "TargetUserName": "{{ user|account|escaped }}@{{ host|realm }}",
        "TargetDomainName": "{{ host|realm }}",
        "ServiceName": _SERVICE_NAME,
        "ServiceSid": (
            "{% if service %}{{ user|domain_sid }}-{{ service|group_rid }}"
            "{% else %}{{ (server or host).sid or 'S-1-0-0' }}{% endif %}"
        ),
        "TicketOptions": "{{ options }}",
        "TicketEncryptionType": f"{{{{ encryption if {_RESULT} else '0xffffffff' }}}}",
        "IpAddress": _MAPPED_IP,
        "IpPort": "{{ source_port }}",
        "Status": "{{ status }}",
        "LogonGuid": f"{{% if {_RESULT} %}}{guid('logon_guid')}{{% else %}}{NO_GUID}{{% endif %}}",
        "TransmittedServices": "-",
    },
    "Kerberos Service Ticket Operations",
    "kerberos-service-ticket-requested",
    _AUTHENTICATION,
    _START,
    outcome=_OUTCOME,
    keywords=_KEYWORDS,
    ecs={**_kerberos_user(), "service": {"name": _SERVICE_NAME}},
)

_PREAUTHENTICATION = Event(
    "4771",
    "Kerberos pre-authentication failed.",
    {
        "TargetUserName": "{{ user|account|escaped }}",
        "TargetSid": "{{ user|sid }}",
        "ServiceName": "krbtgt/{{ host|realm }}",
        "TicketOptions": "0x40810010",
        "Status": "{{ status }}",
        "PreAuthType": "{{ 2 if status == '0x18' else 0 }}",
        "IpAddress": _MAPPED_IP,
        "IpPort": "{{ source_port }}",
    },
    "Kerberos Authentication Service",
    "kerberos-preauth-failed",
    _AUTHENTICATION,
    _START,
    outcome="failure",
    keywords="Audit Failure",
    ecs={**_kerberos_user(), "service": {"name": "krbtgt/{{ host|realm }}"}},
)

_NTLM = Event(
    "4776",
    "The computer attempted to validate the credentials for an account.",
    {
        "PackageName": "MICROSOFT_AUTHENTICATION_PACKAGE_V1_0",
        "TargetUserName": "{{ user|account|escaped }}",
        "Workstation": (
            "{% if workstation %}{{ workstation|escaped }}{% else %}{{ (source or host)|netbios }}{% endif %}"
        ),
        "Status": "{{ status }}",
    },
    "Credential Validation",
    "credential-validated",
    _AUTHENTICATION,
    _START,
    outcome=_OUTCOME,
    keywords=_KEYWORDS,
    ecs={
        "related": {"user": ["{{ user|account|escaped }}"]},
        "user": {"name": "{{ user|account|escaped }}"},
    },
)

AUTHENTICATION_EVENTS = {
    "kerberos.tgt_requested": _TGT,
    "kerberos.service_requested": _TICKET,
    "kerberos.preauthentication_failed": _PREAUTHENTICATION,
    "ntlm.validated": _NTLM,
}
