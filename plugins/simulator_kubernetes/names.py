"""What things in a cluster are called: derived from what the world says, always the same for the same thing."""

from __future__ import annotations

import hashlib
import json as json_text

from simulator import Host

KUBERNETES = "v1.32.3"
COMMIT = "32cc146"
_SAFE = "bcdfghjklmnpqrstvwxz2456789"  # the letters and digits of Kubernetes' generated names: no words come of them
_NODES_IN_A_REGION = 6


def digest(*words: object) -> bytes:
    return hashlib.sha256("\0".join(str(word) for word in words).encode()).digest()


def uid(*words: object) -> str:
    """Return an object's uid: a version 4 UUID."""
    digits = digest("uid", *words).hex()
    return (
        f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{'89ab'[int(digits[16], 16) % 4]}{digits[17:20]}-{digits[20:32]}"
    )


def digits(word: object, count: int) -> str:
    """Return so many hexadecimal digits that belong to a word."""
    return digest("digits", word).hex()[:count]


def json(value: object) -> str:
    """Write JSON as Go's encoder does, which lets nothing through that HTML would take for its own."""
    text = json_text.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")


def given(text: str) -> str:
    """Return JSON that a playbook gives, in one line; ``ValueError`` where it is none."""
    try:
        return json(json_text.loads(text))
    except ValueError as error:
        raise ValueError(
            f"a playbook gives {text[:60]!r} for JSON, which it is not ({error}); quote names and texts"
        ) from error


def inside(value: object) -> str:
    """Write a piece of a longer JSON string."""
    return json("" if value is None else str(value))[1:-1]


def namespace(host: Host) -> str:
    return host.attributes.get("namespace") or "default"


def node(host: Host) -> str:
    """Return the node that a pod runs on: what the world says, or one of a few in its region."""
    region = host.attributes.get("region") or "cluster"
    return host.attributes.get("node") or f"{region}-worker-{digest('node', host.name)[0] % _NODES_IN_A_REGION + 1}"


def pod_uid(host: Host, version: str | None) -> str:
    """Return a pod's uid; a new version comes in a new pod."""
    return uid("pod", namespace(host), host.name, version)


def image(service: str, version: str | None) -> str:
    return f"registry.example/{service}:{version or 'latest'}"


def image_bytes(service: str) -> int:
    return 40_000_000 + int.from_bytes(digest("image", service)[:4], "big") % 260_000_000


def replica_set(service: str, version: str | None, host: Host) -> str:
    """Return the name of the replica set that runs a version: what the pods' names of the first one begin with."""
    pods = host.name.rpartition("-")[0]
    if version == host.attributes.get("version") and pods.startswith(f"{service}-"):
        return pods
    stamp = digest("pod template", service, version)
    return f"{service}-{''.join(_SAFE[byte % len(_SAFE)] for byte in stamp[:9])}"
