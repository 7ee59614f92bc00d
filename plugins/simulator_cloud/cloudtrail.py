"""CloudTrail: management and data events, and sign-ins to the console, as records of version 1.11."""

from __future__ import annotations

from simulator import LogSource, Renderer
from simulator_cloud import identities, names

VERSION = "1.11"
_SECONDS = "'%Y-%m-%dT%H:%M:%SZ'"
_READING = ("Get", "List", "Describe", "Head", "Lookup", "BatchGet", "Search", "Select", "Query", "Scan", "Preview")
_GLOBAL = {
    "iam": "us-east-1",
    "route53": "us-east-1",
    "organizations": "us-east-1",
    "cloudfront": "us-east-1",
}
_COMMAND_LINE = (
    "aws-cli/2.22.35 md/awscrt#0.23.4 ua/2.0 os/linux#6.8.0-52-generic md/arch#x86_64 lang/python#3.12.6"
    " md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe md/prompt#off md/command#{command}"
)
_BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/132.0.0.0 Safari/537.36"
)


def reads(read_only: str | None, event_name: str) -> str:
    """Say whether a call changes nothing: as it was told, or by its name."""
    return read_only or str(event_name.startswith(_READING)).lower()


def agent(user_agent: str | None, event_source: str, event_name: str) -> str:
    """Return the user agent: that of the command line if none is given."""
    words = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in event_name).lstrip("-")
    return user_agent or _COMMAND_LINE.format(command=f"{event_source.partition('.')[0]}.{words}")


def where(region: str | None, event_source: str) -> str:
    """Return the region that a call is recorded in: services that are not of one are recorded in Virginia."""
    return _GLOBAL.get(event_source.partition(".")[0], "") or names.region(region)


def header(region: str | None, event_source: str) -> str:
    """Return the name of the service's address."""
    service = event_source.partition(".")[0]
    regional = service in ("iam", "route53", "organizations", "cloudfront")
    return f"{service}.amazonaws.com" if regional else f"{service}.{names.region(region)}.amazonaws.com"


_SESSION = (
    ',"sessionContext":{{ identity|issuer(user, principal, role, account) }}'
    f'"attributes":{{"creationDate":"{{{{ time|shift(0 - session_age)|strftime({_SECONDS}) }}}}"'
    ',"mfaAuthenticated":"{{ mfa }}"}}'
)
_CALLER = (
    "{{ identity|identity(user, principal, role, account, access_key) }}"
    f"{{% if identity|has_session(access_key, console) %}}{_SESSION}{{% endif %}}"
    '{% if invoked_by %},"invokedBy":{{ invoked_by|json }}'
    "{% elif identity == 'AWSService' %},\"invokedBy\":{{ (principal or event_source)|json }}{% endif %}}"
)
_FROM_INSIDE = "(invoked_by or principal or event_source)|json"
_TLS = '"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":'

_CALL = (
    f'{{"eventVersion":"{VERSION}","userIdentity":{_CALLER}'
    f',"eventTime":"{{{{ time|strftime({_SECONDS}) }}}}","eventSource":{{{{ event_source|json }}}}'
    ',"eventName":{{ event_name|json }},"awsRegion":"{{ region|where(event_source) }}"'
    f',"sourceIPAddress":{{% if source and not invoked_by %}}{{{{ source.ip|json }}}}'
    f"{{% else %}}{{{{ {_FROM_INSIDE} }}}}{{% endif %}}"
    ',"userAgent":{% if source and not invoked_by %}{{ user_agent|agent(event_source, event_name)|json }}'
    f"{{% else %}}{{{{ {_FROM_INSIDE} }}}}{{% endif %}}"
    '{% if error_code %},"errorCode":{{ error_code|json }}{% endif %}'
    '{% if error_message %},"errorMessage":{{ error_message|json }}{% endif %}'
    ',"requestParameters":{% if request %}{{ request|given }}{% else %}null{% endif %}'
    ',"responseElements":{% if response and not error_code %}{{ response|given }}{% else %}null{% endif %}'
    '{% if additional %},"additionalEventData":{{ additional|given }}{% endif %}'
    f',"requestID":"{names.version_4("request_id")}","eventID":"{names.version_4("event")}"'
    ',"readOnly":{{ read_only|reads(event_name) }}'
    '{% if resources %},"resources":{{ resources|given }}{% endif %}'
    ',"eventType":"AwsApiCall","managementEvent":{% if data == "true" %}false{% else %}true{% endif %}'
    ',"recipientAccountId":"{{ account }}","eventCategory":"{% if data == "true" %}Data{% else %}Management{% endif %}"'
    f"{{% if source and not invoked_by %}},{_TLS}{{{{ region|header(event_source)|json }}}}}}{{% endif %}}"
    '{% if console == "true" %},"sessionCredentialFromConsole":"true"{% endif %}}'
)

_FAILURE = "'Failed authentication' if known == 'true' else 'No username found in supplied account'"
_SIGN_IN_REGION = "{% if identity == 'Root' %}us-east-1{% else %}{{ region|region }}{% endif %}"
_LOGIN = (
    f'{{"eventVersion":"{VERSION}","userIdentity":'
    "{{ identity|signed_in(user, principal, role, account, outcome, known) }}"
    f',"eventTime":"{{{{ time|strftime({_SECONDS}) }}}}","eventSource":"signin.amazonaws.com"'
    f',"eventName":"ConsoleLogin","awsRegion":"{_SIGN_IN_REGION}"'
    ',"sourceIPAddress":{% if source %}{{ source.ip|json }}{% else %}"AWS Internal"{% endif %}'
    ',"userAgent":{{ (user_agent or browser)|json }}'
    f'{{% if outcome != \'Success\' %}},"errorMessage":"{{{{ {_FAILURE} }}}}"{{% endif %}}'
    ',"requestParameters":null,"responseElements":{"ConsoleLogin":{{ outcome|json }}}'
    ',"additionalEventData":{"LoginTo":"https://console.aws.amazon.com/console/home?hashArgs=%23&isauthcode=true'
    '&state=hashArgsFromTB_{{ region|region }}_{{ (event|hex)[:16] }}","MobileVersion":"No"'
    ",\"MFAUsed\":\"{{ 'Yes' if mfa == 'true' else 'No' }}\"}"
    f',"eventID":"{names.version_4("event")}","readOnly":false,"eventType":"AwsConsoleSignIn","managementEvent":true'
    ',"recipientAccountId":"{{ account }}","eventCategory":"Management"'
    f',{_TLS}"{_SIGN_IN_REGION}.signin.aws.amazon.com"}}}}'
)

CLOUDTRAIL = Renderer(
    name="aws.cloudtrail",
    title="AWS CloudTrail: calls of the API and sign-ins to the console",
    format="cloudtrail",
    templates={"cloud.api_call": _CALL, "cloud.console_login": _LOGIN},
    witness="",
    log_sources=(LogSource(product="aws", service="cloudtrail"),),
    entities={"user": "userIdentity.userName", "source": "sourceIPAddress"},
    constants={"browser": _BROWSER},
    filters={
        "identity": identities.identity,
        "issuer": identities.issuer,
        "signed_in": identities.signed_in,
        "has_session": identities.has_session,
        "given": names.given,
        "reads": reads,
        "agent": agent,
        "where": where,
        "header": header,
        "region": names.region,
    },
)
