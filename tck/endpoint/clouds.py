"""clouds.toml: clouds by name, with limits and preferences, and references to secrets.

Secrets are never in the file itself:

    [nightly]
    endpoint = "https://cloud.example.org/api"  # without it the embedded server bridges
    driver = "ec2"                              # with this driver
    provider = "eu-west-1"
    user = { env = "NIGHTLY_USER" }
    password = { env = "NIGHTLY_PASSWORD" }     # or { file = "PATH" }, { keyring = "SERVICE/USER" }
    other_user = { env = "NIGHTLY_OTHER" }      # of another account, to see that they are apart
    other_password = { env = "NIGHTLY_OTHER_PASSWORD" }
    image = "ami-1"                             # preferred; also profile and realm
    max_live = 2                                # also max_cost, max_seconds, max_requests, rate
    transition = 600                            # longest time of one state transition, seconds
    retries = 3                                 # of requests answered 429, 503 or not at all
    settles = 2.5                               # seconds until a write shows everywhere
    exclusive = true                            # nobody else creates anything during a run
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from tck.endpoint import input_file
from tck.endpoint.members import is_amount

_SECRETS = ("user", "password", "other_user", "other_password")
_NUMBERS = {"max_live": int, "max_cost": float, "max_seconds": float, "max_requests": int}
_NUMBERS |= {"rate": float, "transition": float, "retries": int, "settles": float}


class BadClouds(Exception):
    """clouds.toml is wrong, or holds a secret, or others can read a secret; the message says."""


class NoCredentials(Exception):
    """A cloud's secrets are missing; the message says what to set."""


@dataclass(frozen=True, slots=True)
class CloudProfile:
    """One entry of clouds.toml; its secrets are still references (`secrets` looks them up).

    `max_cost` is in the currency of the price list; `max_seconds`, `transition` and `settles` are
    seconds, `rate` is requests per second. None: no limit, or no preference.
    """

    name: str
    user: Mapping[str, str]
    password: Mapping[str, str] = field(repr=False)
    other_user: Mapping[str, str] | None = None
    other_password: Mapping[str, str] | None = field(default=None, repr=False)
    endpoint: str | None = None
    driver: str | None = None
    provider: str | None = None
    image: str | None = None
    profile: str | None = None
    realm: str | None = None
    max_live: int | None = None
    max_cost: float | None = None
    max_seconds: float | None = None
    max_requests: int | None = None
    rate: float | None = None
    transition: float | None = None
    retries: int = 3
    settles: float = 0.0
    exclusive: bool = False

    def secrets(self) -> tuple[str, str]:
        """User and password. Raises NoCredentials or BadClouds."""
        return _secret(self.name, "user", self.user), _secret(self.name, "password", self.password)

    def other_secrets(self) -> tuple[str, str] | None:
        """Those of the second user, if the entry has one. Raises NoCredentials or BadClouds."""
        if self.other_user is None or self.other_password is None:
            return None
        named = {"other_user": self.other_user, "other_password": self.other_password}
        user, password = (_secret(self.name, what, where) for what, where in named.items())
        return user, password


def search_path() -> tuple[Path, ...]:
    """Where clouds.toml may be: $DELTACLOUD_TCK_CLOUDS, this folder, the user's configuration."""
    named = os.environ.get("DELTACLOUD_TCK_CLOUDS")
    config = os.environ.get("XDG_CONFIG_HOME", "~/.config")
    usual = Path("clouds.toml"), Path(os.path.expanduser(config)) / "deltacloud-tck" / "clouds.toml"
    return (Path(named), *usual) if named else usual


def load(name: str, path: Path | None = None) -> CloudProfile:
    """The cloud of that name in `path`, or in the first file found. Raises BadClouds."""
    file = path or next((p for p in search_path() if p.exists()), None)
    if file is None:
        looked = ", ".join(map(str, search_path()))
        raise BadClouds(f"no clouds.toml (looked for {looked}); --clouds FILE names one")
    try:
        entries = input_file.toml(file)
    except OSError as error:
        raise BadClouds(f"{file}: {error.strerror}") from error
    entry = entries.get(name)
    if not isinstance(entry, Mapping):
        names = ", ".join(entries) or "none"
        raise BadClouds(f"{file}: there is no cloud {name!r}; there are: {names}")
    return _profile(f"{file}: [{name}]", name, entry)


def _profile(where: str, name: str, entry: Mapping[str, Any]) -> CloudProfile:
    members = {f.name for f in fields(CloudProfile)} - {"name"}
    if unknown := sorted(entry.keys() - members):
        raise BadClouds(f"{where} has unknown members: {', '.join(unknown)}")
    for needed in ("user", "password"):
        if needed not in entry:
            raise BadClouds(f"{where} lacks {needed}")
    if not {"endpoint", "driver"} & entry.keys():
        raise BadClouds(f"{where} needs an endpoint, or a driver for the embedded server")
    if len({"other_user", "other_password"} & entry.keys()) == 1:
        raise BadClouds(f"{where}: other_user and other_password belong together")
    for secret in (name for name in _SECRETS if name in entry):
        if not _is_reference(entry[secret]):
            raise BadClouds(
                f'{where}: {secret} must be a reference such as {{ env = "NAME" }}, '
                '{ file = "PATH" } or { keyring = "SERVICE/USER" }: '
                "secrets do not belong in this file"
            )
    for key, value in entry.items():
        _check(where, key, value)
    return CloudProfile(name=name, **entry)


def _is_reference(value: object) -> bool:
    """True for a table with one member that says where a secret is."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return False
    [(kind, place)] = value.items()
    return kind in ("env", "file", "keyring") and isinstance(place, str) and bool(place)


def _check(where: str, key: str, value: object) -> None:
    if kind := _NUMBERS.get(key):
        if not is_amount(value) or (kind is int and not isinstance(value, int)):
            raise BadClouds(f"{where}: {key} must be a {'whole ' * (kind is int)}number from 0")
    elif key == "exclusive":
        if not isinstance(value, bool):
            raise BadClouds(f"{where}: exclusive must be true or false")
    elif key not in _SECRETS and not isinstance(value, str):
        raise BadClouds(f"{where}: {key} must be a string")


def _secret(cloud: str, what: str, reference: Mapping[str, str]) -> str:
    if variable := reference.get("env"):
        if not (value := os.environ.get(variable)):
            raise NoCredentials(f"cloud {cloud}: set {variable} to its {what}")
        return value
    if file := reference.get("file"):
        return _from_file(cloud, what, Path(os.path.expanduser(file)))  # `~nobody` stays as it is
    return _from_keyring(cloud, what, reference.get("keyring", ""))


def _from_file(cloud: str, what: str, path: Path) -> str:
    try:
        mode = path.stat().st_mode
        text = input_file.text(path).strip()
    except (OSError, ValueError) as error:  # no path has a null byte
        raise NoCredentials(
            f"cloud {cloud}: {what} should be in {path} ({getattr(error, 'strerror', error)})"
        ) from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise BadClouds(f"{path} can be read by others: chmod 600 {path}")
    return text


def _from_keyring(cloud: str, what: str, entry: str) -> str:
    try:
        import keyring  # noqa: PLC0415  (optional)
    except ImportError as error:
        raise NoCredentials(
            f"cloud {cloud}: its {what} is in a keyring: pip install keyring"
        ) from error
    service, _, user = entry.partition("/")
    value: str | None = keyring.get_password(service, user)
    if not value:
        raise NoCredentials(f"cloud {cloud}: the keyring has no {entry} for its {what}")
    return value
