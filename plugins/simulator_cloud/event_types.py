"""What is asked of a cloud's own API, and who signs in to its console."""

from __future__ import annotations

from simulator import EventType, Field

_WHO = (
    Field("user", "user", help="who it was; none where principal says it"),
    Field("account", "text", "111122223333", inherits="account", help="documentation's: 111122223333, 444455556666, …"),
    Field("region", "text", "eu-west-1", inherits="region"),
    Field("source", "endpoint", help="where it came from; none: a service of the cloud"),
    Field("user_agent", "text", inherits="user_agent", help="the command line's, or a browser's, if none"),
    Field("mfa", "text", "false", inherits="mfa", help="true or false: signed in with a second factor"),
    Field("event", "identifier", width=16, inherits="", help="of the record"),
)

EVENT_TYPES = (
    EventType(
        "cloud.api_call",
        "A cloud's API was called",
        (
            *_WHO,
            Field("identity", "text", "IAMUser", inherits="identity", help="AssumedRole, Root, AWSService, AWSAccount"),
            Field("principal", "text", inherits="principal", help="the IAM user or role session, if not the user"),
            Field("role", "text", inherits="role", help="of AssumedRole: the role's name"),
            Field("access_key", "text", inherits="access_key", help="id of the key; one of theirs if none"),
            Field("invoked_by", "text", help="the service that called for them: cloudformation.amazonaws.com"),
            Field("session_age", "duration", {"lognormal": {"p50": "25m", "p99": "8h", "max": "12h"}}),
            Field("console", "text", "false", help="true: the console called for somebody who is signed in to it"),
            Field("event_source", "text", required=True, help="ec2.amazonaws.com"),
            Field("event_name", "text", required=True, help="RunInstances"),
            Field("read_only", "text", help="true or false; by the call's name if none"),
            Field("error_code", "text", help="AccessDenied, Client.UnauthorizedOperation; none when it went well"),
            Field("error_message", "text"),
            Field("request", "text", help="requestParameters, as JSON"),
            Field("response", "text", help="responseElements, as JSON"),
            Field("additional", "text", help="additionalEventData, as JSON"),
            Field("resources", "text", help="what it was about, as JSON: a list"),
            Field("data", "text", "false", help="true: a data event, such as GetObject"),
            Field("request_id", "identifier", width=16, inherits=""),
        ),
    ),
    EventType(
        "cloud.console_login",
        "Somebody signed in to a cloud's console, or tried to",
        (
            *_WHO,
            Field("identity", "text", "IAMUser", inherits="identity", help="IAMUser, Root or AssumedRole"),
            Field("principal", "text", inherits="principal", help="name of the IAM user, if not the user's"),
            Field("role", "text", inherits="role", help="of AssumedRole: the role's name"),
            Field("outcome", "text", "Success", help="Success or Failure"),
            Field("known", "text", "true", help="false: there is nobody of that name"),
        ),
    ),
)  # fmt: skip
