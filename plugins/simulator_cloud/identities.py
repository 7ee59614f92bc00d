"""``userIdentity``: who called, in the shape that CloudTrail has for each kind of caller."""

from __future__ import annotations

import json as json_text

from simulator import User
from simulator_cloud.names import json, unique_id


def caller(user: User | None, principal: str | None) -> str:
    """Return the name of an IAM user, or of a role's session."""
    return principal or (user.name if user else "automation")


def identity(
    kind: str, user: User | None, principal: str | None, role: str | None, account: str, access_key: str | None
) -> str:
    """Return the object as far as it does not differ from call to call, without its closing brace."""
    name = caller(user, principal)
    if kind == "AWSService":
        return '{"type":"AWSService"'
    if kind == "Root":
        members = {"type": kind, "principalId": account, "arn": f"arn:aws:iam::{account}:root", "accountId": account}
        return _opened(members | {"accessKeyId": access_key or unique_id("ASIA", account, "root")})
    if kind == "AWSAccount":
        return _opened({"type": kind, "principalId": unique_id("AIDA", account, name), "accountId": account})
    if kind == "AssumedRole":
        role = role or name
        arn = f"arn:aws:sts::{account}:assumed-role/{role}/{name}"
        members = {"type": kind, "principalId": f"{unique_id('AROA', account, role)}:{name}", "arn": arn}
        return _opened(
            members | {"accountId": account, "accessKeyId": access_key or unique_id("ASIA", account, role, name)}
        )
    members = {"type": kind, "principalId": unique_id("AIDA", account, name)}
    members |= {"arn": f"arn:aws:iam::{account}:user/{name}", "accountId": account}
    return _opened(members | {"accessKeyId": access_key or unique_id("AKIA", account, name), "userName": name})


def issuer(kind: str, user: User | None, principal: str | None, role: str | None, account: str) -> str:
    """Return the beginning of ``sessionContext``: the role that somebody assumed, where it was one."""
    if kind != "AssumedRole":
        return "{"
    role = role or caller(user, principal)
    members = {
        "type": "Role",
        "principalId": unique_id("AROA", account, role),
        "arn": f"arn:aws:iam::{account}:role/{role}",
        "accountId": account,
        "userName": role,
    }
    return f'{{"sessionIssuer":{json(members)},'


def signed_in(
    kind: str, user: User | None, principal: str | None, role: str | None, account: str, outcome: str, known: str
) -> str:
    """Return the whole object of a sign-in. Who failed is not named by more than what they typed."""
    name = caller(user, principal)
    if kind == "IAMUser" and (outcome != "Success" or known != "true"):
        typed = name if known == "true" else "HIDDEN_DUE_TO_SECURITY_REASONS"
        return json({"type": kind, "accountId": account, "accessKeyId": "", "userName": typed})
    members = json_text.loads(identity(kind, user, principal, role, account, None) + "}")
    members.pop("accessKeyId", None)  # nothing was signed
    return json(members)


def has_session(kind: str, access_key: str | None, console: str) -> bool:
    """Say whether temporary credentials were used."""
    return kind in ("AssumedRole", "Root") or console == "true" or (access_key or "").startswith("ASIA")


def _opened(members: dict[str, str]) -> str:
    return json(members)[:-1]
