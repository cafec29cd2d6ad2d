"""Ed25519 keys of vendors: making them, reading them, and the list of those that are trusted."""

from __future__ import annotations

import datetime
import hashlib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


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

    The private key is encrypted if a password is given. Raises BadKey if a file exists already.
    """
    public = private.with_suffix(".pub.pem")
    key = Ed25519PrivateKey.generate()
    protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        protection = serialization.BestAvailableEncryption(password)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection
    )
    try:
        descriptor = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
        with public.open("xb") as file:
            file.write(public_pem(key.public_key()))
    except OSError as error:
        raise BadKey(f"{error.filename}: {error.strerror}") from error
    return public


def public_pem(key: Ed25519PublicKey) -> bytes:
    """A public key as PEM."""
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def private(path: Path, password: bytes | None = None) -> Ed25519PrivateKey:
    """The private key of a PEM file. Raises BadKey."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password)
    except OSError as error:
        raise BadKey(f"{path}: {error.strerror}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadKey(f"{path}: not a private key that can be read ({error})") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKey(f"{path}: not an Ed25519 key")
    return key


def public(path: Path) -> Ed25519PublicKey:
    """The public key of a PEM file. Raises BadKey."""
    try:
        return _public(path.read_bytes(), str(path))
    except OSError as error:
        raise BadKey(f"{path}: {error.strerror}") from error


def _public(pem: bytes, where: str) -> Ed25519PublicKey:
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadKey(f"{where}: not a public key that can be read ({error})") from error
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
        entries = tomllib.loads(path.read_text("utf-8"))["keys"]
        keys = [_trusted(entry, f"{path}: key {n}") for n, entry in enumerate(entries, 1)]
    except OSError as error:
        raise BadKey(f"{path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadKey(f"{path}: not a list of keys ({error!r})") from error
    return {key_id(entry.key): entry for entry in keys}


def _trusted(entry: Mapping[str, Any], where: str) -> TrustedKey:
    for name in ("since", "until"):
        if name in entry and type(entry[name]) is not datetime.date:
            raise BadKey(f"{where}: {name} must be a date")
    key = _public(entry["public_key"].encode(), where)
    return TrustedKey(str(entry["owner"]), key, entry["since"], entry.get("until"))
