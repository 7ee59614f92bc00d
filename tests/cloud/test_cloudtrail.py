"""CloudTrail's records."""

# ruff: noqa: E501 - tables of records and patterns, a line each

import json
import re

import pytest

from simulator import TemplateError
from simulator_cloud.cloudtrail import CLOUDTRAIL
from simulator_cloud.formats import CloudTrailRecord
from tests.cloud.rules import hits, rules_of, selections
from tests.plugins.rendering import ALICE, ATTACKER, TAG, fields_of, rendered_records

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
CALL = {"event_source": "ec2.amazonaws.com", "event_name": "RunInstances", "source": ATTACKER, "user": ALICE}
ACCOUNT = "111122223333"
ORDER = (
    "eventVersion", "userIdentity", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress",
    "userAgent", "errorCode", "errorMessage", "requestParameters", "responseElements", "additionalEventData",
    "requestID", "eventID", "readOnly", "resources", "eventType", "managementEvent", "recipientAccountId",
    "eventCategory", "tlsDetails", "sessionCredentialFromConsole", "feint",
)  # fmt: skip


def record(event="cloud.api_call", **values):
    (line,) = rendered_records(
        CLOUDTRAIL, CloudTrailRecord(), event, (CALL if event == "cloud.api_call" else {}) | values
    )
    assert CloudTrailRecord().is_tagged(CloudTrailRecord().layout.parse(line), TAG)
    return json.loads(line)


def test_a_call_is_a_record_with_the_members_that_cloudtrail_gives_it_in_their_order():
    found = record(
        request='{"instanceType":"p4d.24xlarge"}', response='{"reservationId":"r-0"}', additional='{"x":1}',
        resources='[{"ARN":"arn:aws:ec2:eu-west-1:111122223333:instance/i-0"}]', console="true",
    )  # fmt: skip

    assert list(found) == [name for name in ORDER if name in found]
    assert set(ORDER) - set(found) == {"errorCode", "errorMessage"}
    assert re.fullmatch(UUID, found["eventID"])
    assert re.fullmatch(UUID, found["requestID"])
    assert found["eventVersion"] == "1.11"
    assert found["eventTime"] == "2026-03-02T08:00:01Z"
    assert (found["awsRegion"], found["sourceIPAddress"]) == ("eu-west-1", "203.0.113.66")
    assert found["userAgent"].startswith("aws-cli/2.")
    assert found["userAgent"].endswith("md/command#ec2.run-instances")
    assert found["requestParameters"] == {"instanceType": "p4d.24xlarge"}
    assert (found["readOnly"], found["managementEvent"], found["eventCategory"]) == (False, True, "Management")
    assert (found["eventType"], found["recipientAccountId"]) == ("AwsApiCall", ACCOUNT)
    assert found["tlsDetails"] == {
        "tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256",
        "clientProvidedHostHeader": "ec2.eu-west-1.amazonaws.com",
    }  # fmt: skip


def test_an_iam_user_is_named_with_a_long_lived_key_and_no_session():
    who = record()["userIdentity"]

    assert list(who) == ["type", "principalId", "arn", "accountId", "accessKeyId", "userName"]
    assert who["arn"] == f"arn:aws:iam::{ACCOUNT}:user/alice"
    assert re.fullmatch(r"AIDA[A-Z2-7]{10}EXAMPLE", who["principalId"])
    assert re.fullmatch(r"AKIA[A-Z2-7]{9}EXAMPLE", who["accessKeyId"])


def test_an_assumed_role_says_which_role_and_since_when():
    who = record(identity="AssumedRole", role="deploy", principal="ci", session_age="25m", mfa="true")["userIdentity"]
    role = who["principalId"].removesuffix(":ci")

    assert list(who) == ["type", "principalId", "arn", "accountId", "accessKeyId", "sessionContext"]
    assert who["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/ci"
    assert re.fullmatch(r"AROA[A-Z2-7]{10}EXAMPLE", role)
    assert who["accessKeyId"].startswith("ASIA")
    assert who["sessionContext"] == {
        "sessionIssuer": {
            "type": "Role", "principalId": role, "arn": f"arn:aws:iam::{ACCOUNT}:role/deploy", "accountId": ACCOUNT,
            "userName": "deploy",
        },
        "attributes": {"creationDate": "2026-03-02T07:35:01Z", "mfaAuthenticated": "true"},
    }  # fmt: skip


def test_the_root_user_has_the_account_for_a_principal():
    who = record(identity="Root")["userIdentity"]

    assert (who["principalId"], who["arn"]) == (ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root")
    assert list(who["sessionContext"]) == ["attributes"]
    assert "userName" not in who


def test_a_service_of_the_cloud_calls_under_its_own_name():
    found = record(identity="AWSService", principal="autoscaling.amazonaws.com", source=None, user=None)

    assert found["userIdentity"] == {"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"}
    assert found["sourceIPAddress"] == found["userAgent"] == "autoscaling.amazonaws.com"
    assert "tlsDetails" not in found


def test_a_call_on_somebodys_behalf_says_who_made_it():
    found = record(invoked_by="cloudformation.amazonaws.com")

    assert found["userIdentity"]["userName"] == "alice"
    assert found["userIdentity"]["invokedBy"] == found["sourceIPAddress"] == "cloudformation.amazonaws.com"


def test_what_a_playbook_gives_as_json_is_json_in_one_line():
    assert record(request='{\n  "a": [1,\n 2]}\n')["requestParameters"] == {"a": [1, 2]}
    with pytest.raises(TemplateError, match=r"a playbook gives '\{a: 1\}' for JSON, which it is not"):
        record(request="{a: 1}")


def test_what_was_refused_has_an_error_and_no_response():
    found = record(error_code="AccessDenied", error_message="not authorized", response='{"x":1}')

    assert (found["errorCode"], found["errorMessage"]) == ("AccessDenied", "not authorized")
    assert found["responseElements"] is None


@pytest.mark.parametrize(
    ("name", "reading"), [("DescribeInstances", True), ("GetCallerIdentity", True), ("CreateUser", False)]
)
def test_calls_that_only_read_say_so(name, reading):
    assert record(event_name=name)["readOnly"] is reading


def test_services_without_a_region_are_recorded_in_virginia():
    assert record(event_source="iam.amazonaws.com")["awsRegion"] == "us-east-1"
    assert record(region="main")["awsRegion"] == "eu-west-1"


def test_a_sign_in_tells_whether_a_second_factor_was_used():
    found = record("cloud.console_login", user=ALICE, source=ATTACKER, mfa="true")

    assert (found["eventName"], found["eventType"]) == ("ConsoleLogin", "AwsConsoleSignIn")
    assert found["responseElements"] == {"ConsoleLogin": "Success"}
    assert found["additionalEventData"]["MFAUsed"] == "Yes"
    assert list(found["userIdentity"]) == ["type", "principalId", "arn", "accountId", "userName"]
    assert "requestID" not in found
    assert "errorMessage" not in found


def test_a_failed_sign_in_does_not_repeat_a_name_that_is_none():
    known = record("cloud.console_login", user=ALICE, source=ATTACKER, outcome="Failure")
    unknown = record("cloud.console_login", principal="hunter2", source=ATTACKER, outcome="Failure", known="false")

    assert known["errorMessage"] == "Failed authentication"
    assert known["userIdentity"] == {"type": "IAMUser", "accountId": ACCOUNT, "accessKeyId": "", "userName": "alice"}
    assert unknown["errorMessage"] == "No username found in supplied account"
    assert unknown["userIdentity"]["userName"] == "HIDDEN_DUE_TO_SECURITY_REASONS"


def test_taking_the_tag_out_leaves_a_record():
    (fields,) = fields_of(CLOUDTRAIL, CloudTrailRecord(), "cloud.api_call", CALL)

    assert not any(name.startswith("feint") for name in fields)
    assert set(CLOUDTRAIL.entities.values()) <= set(fields)


OTHERS = {  # rules that a source and a name alone do not meet
    "aws_guardduty_detector": {"event_source": "guardduty.amazonaws.com", "event_name": "UpdateDetector", "request": '{"enable":false}'},
    "keys": {"event_source": "iam.amazonaws.com", "event_name": "CreateAccessKey"},
    "s3 browser": {"event_source": "iam.amazonaws.com", "event_name": "CreateUser", "user_agent": "[S3 Browser 9.5.5 https://s3browser.com]"},
    "s3 browser login": {"event_source": "iam.amazonaws.com", "event_name": "CreateLoginProfile", "user_agent": "[S3 Browser 9.5.5 https://s3browser.com]"},
    "trufflehog": {"event_source": "sts.amazonaws.com", "event_name": "GetCallerIdentity", "user_agent": "TruffleHog"},
    "public": {"event_source": "rds.amazonaws.com", "event_name": "RestoreDBInstanceFromDBSnapshot", "response": '{"publiclyAccessible":true}'},
    "password": {"event_source": "rds.amazonaws.com", "event_name": "ModifyDBInstance", "response": '{"pendingModifiedValues":{"masterUserPassword":"****"}}'},
    "user data": {"event_source": "ec2.amazonaws.com", "event_name": "ModifyInstanceAttribute", "request": '{"attribute":"userData"}'},
    "layer": {"event_source": "lambda.amazonaws.com", "event_name": "UpdateFunctionConfiguration20150331v2", "request": '{"layers":["arn:aws:lambda:eu-west-1:111122223333:layer:x:1"]}'},
    "root": {"event_source": "s3.amazonaws.com", "event_name": "ListBuckets", "identity": "Root"},
    "role": {"event_source": "s3.amazonaws.com", "event_name": "ListBuckets", "identity": "AssumedRole", "role": "x"},
    "instance": {"event_source": "s3.amazonaws.com", "event_name": "ListBuckets", "identity": "AssumedRole", "role": "aws:ec2-instance", "principal": "i-0"},
}  # fmt: skip
UNMET = {  # they read a whole object as text, a field in a list, or one that CloudTrail does not have
    "AWS IAM S3Browser Templated S3 Bucket Policy Creation", "AWS S3 Bucket Versioning Disable",
    "AWS ECS Task Definition That Queries The Credential Endpoint", "AWS SAML Provider Deletion Activity",
}  # fmt: skip


def met(rule):
    """Return a call that the plain part of a rule is met by, or None."""
    for first in selections(rule):
        if "eventName" in first:
            source = first.get("eventSource", "ec2.amazonaws.com")
            return CALL | {"event_source": source, "event_name": first["eventName"]}
    return None


def test_every_real_rule_for_cloudtrail_runs_and_finds_the_call_it_is_about(tmp_path):
    rules = rules_of("aws")
    calls = [call for _, rule in rules.values() if (call := met(rule)) and call["event_name"] != "ConsoleLogin"]
    rows = [("cloud.api_call", call) for call in [*calls, *(CALL | other for other in OTHERS.values())]]
    rows += [
        ("cloud.console_login", {"user": ALICE, "source": ATTACKER, "outcome": how}) for how in ("Success", "Failure")
    ]

    found = hits(tmp_path, CLOUDTRAIL, CloudTrailRecord(), rows, [path for path, _ in rules.values()])

    assert {title: status for title, (status, _) in found.items() if status != "ran"} == {}
    assert {title for title, (_, number) in found.items() if not number} <= UNMET
    assert len(found) >= 50
