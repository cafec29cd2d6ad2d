"""DSSE: signatures over a payload and its type (Dead Simple Signing Envelope 1.0).

DSSE signs the payload, not the file around it. So that no byte of that file can change unnoticed
(white space, unused bits of base64), an envelope is written in one form only, and any other form
is refused.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tck.certification.keys import key_id

PAYLOAD_TYPE = "application/vnd.in-toto+json"


class Forged(Exception):
    """An envelope is not what its key signed; the message says how it differs."""


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """The bytes that are signed: type and payload, each with its length."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def seal(payload: bytes, key: Ed25519PrivateKey) -> bytes:
    """The envelope around a payload, signed with the key."""
    signature = key.sign(pre_authentication_encoding(PAYLOAD_TYPE, payload))
    return _written(payload, signature, key_id(key.public_key()))


def _written(payload: bytes, signature: bytes, keyid: str) -> bytes:
    value = {
        "payloadType": PAYLOAD_TYPE,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": keyid, "sig": base64.b64encode(signature).decode()}],
    }
    return json.dumps(value, indent=1).encode() + b"\n"


def signer(envelope: bytes) -> str:
    """The id of the key that an envelope says it was signed with. Raises Forged."""
    return _read(envelope)[2]


def unseal(envelope: bytes, key: Ed25519PublicKey) -> bytes:
    """The payload, if this key signed it. Raises Forged."""
    payload, signature, keyid = _read(envelope)
    if keyid != key_id(key):
        raise Forged(f"signed with key {keyid[:16]}, not with {key_id(key)[:16]}")
    try:
        key.verify(signature, pre_authentication_encoding(PAYLOAD_TYPE, payload))
    except InvalidSignature as error:
        raise Forged(
            "the signature does not match the statement: one of them was altered"
        ) from error
    return payload


def _read(envelope: bytes) -> tuple[bytes, bytes, str]:
    """Payload, signature and key id."""
    try:
        value: Any = json.loads(envelope)
        [signed] = value["signatures"]
        payload = base64.b64decode(value["payload"], validate=True)
        signature = base64.b64decode(signed["sig"], validate=True)
        keyid = signed["keyid"]
        again = _written(payload, signature, str(keyid))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Forged("the envelope was altered, or is not one") from error
    if again != envelope:
        raise Forged("the envelope was altered: it is not in the form in which it was written")
    return payload, signature, keyid
