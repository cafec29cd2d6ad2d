"""Ed25519 keys of vendors: making them, reading them, and the list of those that are trusted."""

from __future__ import annotations

import datetime
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tck.endpoint import disk, input_file
from tck.endpoint.members import member

_LARGEST = 64 << 10  # bytes of a file with a key


class BadKey(Exception):
    """A key cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A key that is known to be its owner's, valid from `since` to `until` (both included)."""

    owner: str
    key: Ed25519PublicKey
    since: datetime.date
    until: datetime.date | None = None

    def valid_on(self, day: datetime.date) -> bool:
        """True if a signature of that day counts."""
        return self.since <= day and (self.until is None or day <= self.until)


def key_id(key: Ed25519PublicKey) -> str:
    """SHA-256 of the key's SubjectPublicKeyInfo (DER), in hexadecimal."""
    spki = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(spki).hexdigest()


def make(private: Path, password: bytes | None = None) -> Path:
    """Make a pair of keys and return the path of the public one.

    The private key is encrypted if a password is given. Raises BadKey if a file exists already,
    Unwritable.
    """
    public = private.with_suffix(".pub.pem")
    key = Ed25519PrivateKey.generate()
    protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        protection = serialization.BestAvailableEncryption(password)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection
    )
    for path in (private, public):
        if os.path.lexists(path):
            raise BadKey(f"{path}: File exists")
    disk.write(private, pem)
    disk.write(public, public_pem(key.public_key()), disk.PUBLIC)
    return public


def public_pem(key: Ed25519PublicKey) -> bytes:
    """A public key as PEM."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def private(path: Path, password: bytes | None = None) -> Ed25519PrivateKey:
    """The private key of a PEM file. Raises BadKey."""
    try:
        key = serialization.load_pem_private_key(input_file.content(path, _LARGEST), password)
    except OSError as error:
        raise BadKey(f"{path}: {error.strerror}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        hint = "; is DELTACLOUD_TCK_KEY_PASSWORD right?" if "assword" in str(error) else ""
        raise BadKey(f"{path}: not a private key (PEM) that can be read{hint}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKey(f"{path}: not an Ed25519 key")
    return key


def public(path: Path) -> Ed25519PublicKey:
    """The public key of a PEM file. Raises BadKey."""
    try:
        return _public(input_file.content(path, _LARGEST), str(path))
    except OSError as error:
        raise BadKey(f"{path}: {error.strerror}") from error


def _public(pem: bytes, where: str) -> Ed25519PublicKey:
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadKey(f"{where}: not a public key (PEM) that can be read") from error
    if not isinstance(key, Ed25519PublicKey):
        raise BadKey(f"{where}: not an Ed25519 key")
    return key


def trusted(path: Path) -> Mapping[str, TrustedKey]:
    """The keys in a file of pinned keys, by key id. Raises BadKey.

    [[keys]]
    owner = "Example Cloud Ltd"
    since = 2026-12-01
    until = 2028-12-01           # optional: the last day, planned or because the key was lost
    public_key = "..."           # PEM
    """
    try:
        entries = member(input_file.toml(path), "keys", list)
    except OSError as error:
        raise BadKey(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise BadKey(f"{path}: not a list of keys ({error})") from error
    keys = [_trusted(entry, f"{path}: key {n}") for n, entry in enumerate(entries, 1)]
    return {key_id(entry.key): entry for entry in keys}


def _trusted(entry: Any, where: str) -> TrustedKey:
    try:
        owner, pem = member(entry, "owner", str), member(entry, "public_key", str)
    except ValueError as error:
        raise BadKey(f"{where}: {error}") from error
    since, until = entry.get("since"), entry.get("until")
    for name, day in (("since", since), ("until", until)):
        # to Python a datetime is a date, but the two cannot be compared
        if type(day) is not datetime.date and not (name == "until" and day is None):
            raise BadKey(f"{where}: {name} must be a date such as 2026-12-01")
    return TrustedKey(owner, _public(pem.encode(), where), since, until)
