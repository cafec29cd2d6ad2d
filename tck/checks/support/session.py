"""Starting a run: options, the first contact with the endpoint, and its capabilities.

This is beside the checks and not in `tck.run` because the proof (`tck.prove`) makes contact, too:
it may use what checks use, but not a run.
"""

from __future__ import annotations

import getpass
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import requests

from tck.endpoint import capabilities
from tck.endpoint.capabilities import Capabilities
from tck.endpoint.clouds import CloudProfile
from tck.endpoint.direct import Direct, Wsgi
from tck.endpoint.disturbance import Disturbed
from tck.endpoint.exchange import Exchange
from tck.endpoint.limits import Limits, ReportLimits
from tck.endpoint.redaction import GATE
from tck.endpoint.transport import Credentials, Transport, Unreachable
from tck.safety.budget import Budget, Prices

Profile = Literal["smoke", "standard", "thorough"]
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
OTHER_OF_THE_MOCK = Credentials("otheruser", "otherpassword")  # of the embedded server
PROFILES: tuple[Profile, ...] = ("smoke", "standard", "thorough")


class BadEndpoint(Exception):
    """The endpoint cannot be judged; the message says why and what to do.

    `code` is the exit code: 2 if the user's input is at fault, 3 if nothing could be examined.
    """

    def __init__(self, message: str, code: int) -> None:
        """`code`: the exit code."""
        super().__init__(message)
        self.code = code


class BrokenEntryPoint(BadEndpoint):
    """The entry point is there, and clients cannot read it: that is a finding."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for.

    `other`: a second user, of another account. `wire`: malformed requests may be sent. `persona`:
    of the embedded server, for which `endpoint` is None; `limits`: of one answer;
    `report_limits`: of what a report keeps; `max_blob_size`: bytes; `launch`: parameters of every
    launch (image_id, hwp_id, realm_id); `app`: the server, if it is
    called in this process.
    """

    endpoint: str | None = None
    persona: str = "mock"
    driver: str | None = None
    provider: str | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    other: Credentials | None = None
    profile: Profile = "standard"
    read_only: bool = False
    wire: bool = False
    report_dir: Path | None = None
    deviations: Path | None = None
    limits: Limits = field(default_factory=Limits)
    report_limits: ReportLimits = field(default_factory=ReportLimits)
    cloud: CloudProfile | None = None
    budget: Budget = field(default_factory=Budget)
    prices: Prices | None = None
    max_blob_size: int | None = None
    cleanup_seconds: float | None = None
    transition: float | None = None
    launch: Mapping[str, str] = field(default_factory=dict)
    app: Wsgi | None = field(default=None, repr=False)

    @property
    def outlives_run(self) -> bool:
        """True if what a run creates would outlive it, as everywhere but on an embedded mock."""
        return self.endpoint is not None or self.cloud is not None

    @property
    def quick(self) -> bool:
        """True for a smoke run of the embedded mock: a first look, in seconds.

        The server is called without HTTP, and no transcript is written, as it would certify
        nothing.
        """
        return self.profile == "smoke" and not self.outlives_run

    @property
    def sends_bytes(self) -> bool:
        """True if the wire is examined: if that was asked for, and where nobody else is near."""
        return (self.wire or not self.outlives_run) and not self.quick

    @property
    def retries(self) -> int:
        """How often in a row a request is repeated after an answer that says "not now"."""
        return self.cloud.retries if self.cloud else 3 if self.outlives_run else 0

    @property
    def credentials(self) -> Credentials | None:
        """User and password, None unless both were given."""
        if self.user is None or self.password is None:
            return None
        return Credentials(self.user, self.password)


def checked_url(url: str) -> str:
    """The endpoint's URL as it is sent, without a trailing slash. Raises BadEndpoint."""
    if "@" in url:  # first of all: no other message may quote it
        raise BadEndpoint(
            "credentials do not belong in the URL: use --user and DELTACLOUD_TCK_PASSWORD", 2
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadEndpoint(f"{url}: not a URL ({error})", 2) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadEndpoint(f"{url}: not an http URL; it should look like http://host:3001/api", 2)
    if port == 0:
        raise BadEndpoint(f"{url}: port 0 cannot be connected to", 2)
    if "?" in url or "#" in url:
        raise BadEndpoint(f"{url}: the URL of an endpoint has no query and no fragment", 2)
    if " " in url or not url.isprintable():
        raise BadEndpoint(f"{url}: not a URL (it has blanks, or characters that do not show)", 2)
    return _prepared(url).rstrip("/")


def _prepared(url: str) -> str:
    """The URL as the HTTP library writes it, with the host in ASCII. Raises BadEndpoint."""
    try:
        prepared = str(requests.Request("GET", url).prepare().url)
    except requests.exceptions.RequestException as error:
        raise BadEndpoint(f"{url}: not a URL ({error})", 2) from error
    host = urlsplit(prepared).hostname or ""
    if not (_HOST.fullmatch(host) or ":" in host):
        raise BadEndpoint(f"{url}: not a URL (no host has the name {host})", 2)
    return prepared


def credentials(
    endpoint: str | None, user: str | None, password: str | None
) -> tuple[str | None, str | None]:
    """User and password: as passed, from the environment, or the password from a prompt.

    `DELTACLOUD_TCK_USER` and `DELTACLOUD_TCK_PASSWORD` hold them.
    """
    user = user or os.environ.get("DELTACLOUD_TCK_USER")
    if password:
        print("warning: --password can be read by others in the list of processes", file=sys.stderr)
        return user, password
    password = os.environ.get("DELTACLOUD_TCK_PASSWORD")
    if endpoint and user and password is None and sys.stdin.isatty():
        password = getpass.getpass(f"Password of {user} at {endpoint}: ")
    return user, password


def other_credentials(endpoint: str | None, user: str | None) -> tuple[str, str] | None:
    """Those of the second user: as passed, from the environment, the password from a prompt.

    `DELTACLOUD_TCK_OTHER_USER` and `DELTACLOUD_TCK_OTHER_PASSWORD` hold them. Raises BadEndpoint if
    there is a user without a password.
    """
    user = user or os.environ.get("DELTACLOUD_TCK_OTHER_USER")
    if not user:
        return None
    password = os.environ.get("DELTACLOUD_TCK_OTHER_PASSWORD")
    if password is None and endpoint and sys.stdin.isatty():
        password = getpass.getpass(f"Password of {user} at {endpoint}: ")
    if not password:
        raise BadEndpoint("--other-user needs DELTACLOUD_TCK_OTHER_PASSWORD", 2)
    return user, password


def connect(options: Options, base: str, prefix: str, *, other: bool = False) -> Transport:
    """The transport to an endpoint, with driver and provider selected.

    `other`: as the second user; ids of its exchanges begin otherwise.
    """
    if other and options.other:
        named = replace(options, user=options.other.user, password=options.other.password)
        transport = connect(named, base, f"{prefix}o")
        transport.is_other = True
        return transport
    headers = {}
    if options.driver:
        headers["X-Deltacloud-Driver"] = options.driver
    if options.provider:
        headers["X-Deltacloud-Provider"] = options.provider
    if options.app is not None:
        return Direct(base, options.credentials, options.app, headers, prefix)
    limits = options.limits.with_room_for(options.max_blob_size or 0)
    return Transport(
        base, options.credentials, headers, limits, prefix=prefix, retries=options.retries
    )


def discover(transport: Transport) -> Capabilities:
    """Capabilities of the endpoint, once it has accepted the credentials.

    Raises BadEndpoint, or BrokenEntryPoint, with a message that says what is wrong.
    """
    x = _get(transport, "")
    if x.failure:
        raise BadEndpoint(f"{transport.base}: {x.failure}", 3)
    if x.status == 401:
        raise BadEndpoint(_credentials_message(transport), 2)
    declared = capabilities.read(x)
    if x.beyond:
        raise BadEndpoint(f"{transport.base}: {x.beyond}; --limit NAME=VALUE raises it", 3)
    if declared is None and (problem := capabilities.why_unreadable(x)):
        raise BrokenEntryPoint(f"{transport.base}: the entry point cannot be read: {problem}", 1)
    if declared is None:
        raise BadEndpoint(_no_api_message(transport, x), 3)
    proof = _get(transport, "?force_auth=true")
    if proof.status == 401:
        raise BadEndpoint(_credentials_message(transport), 2)
    transport.alias = capabilities.name_of_itself(x)
    return declared


def _get(transport: Transport, target: str) -> Exchange:
    try:
        return transport.send("GET", target, headers={"Accept": "application/xml"})
    except Unreachable as error:
        raise BadEndpoint(f"{transport.base}: cannot connect ({error})", 3) from error
    except Disturbed as disturbed:
        raise BadEndpoint(f"{transport.base}: {disturbed}", 3) from disturbed


def _credentials_message(transport: Transport) -> str:
    if transport.credentials is None:
        problem = "the endpoint requires credentials"
    else:
        problem = f"the endpoint refuses user {transport.credentials.user!r} with this password"
    prefix = "DELTACLOUD_TCK_OTHER" if transport.is_other else "DELTACLOUD_TCK"
    return f"{transport.base}: {problem}; set {prefix}_USER and {prefix}_PASSWORD"


def _no_api_message(transport: Transport, x: Exchange) -> str:
    title = re.search(rb"<title>\s*([^<]{1,5000})", x.body, re.IGNORECASE)
    what = f"{x.status} with {x.media_type or 'no media type'}"
    if title:
        what += f", a page titled {GATE.cut(title[1].decode('utf-8', 'replace').strip(), 60)!r}"
    return (
        f"{transport.base}: not a Deltacloud entry point (got {what}); the URL usually ends in /api"
    )
