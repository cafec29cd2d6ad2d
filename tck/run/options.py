"""The options of a run, for both entry points: pytest and `deltacloud-tck run`.

What they are parsed into, `Options`, is in `tck.checks.support.session`, which says why.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tck.checks.support.session import (
    OTHER_OF_THE_MOCK,
    PROFILES,
    BadEndpoint,
    Options,
    checked_url,
    credentials,
    other_credentials,
)
from tck.endpoint import clouds
from tck.endpoint.clouds import BadClouds, CloudProfile, NoCredentials
from tck.endpoint.limits import NAMES, Limits, ReportLimits
from tck.endpoint.redaction import GATE
from tck.endpoint.transport import Credentials
from tck.safety.budget import BadPrices, Budget, load_prices


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0")
    return int(text)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return value


def _name(text: str) -> str:
    if not text:  # perhaps a variable of a script that is not set
        raise argparse.ArgumentTypeError("it is empty")
    return text


def _limit(text: str) -> str:
    try:
        Limits().changed([text])
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


# By flag: keyword arguments of `add_argument` of argparse, and of `addoption` of pytest.
OPTIONS: dict[str, dict[str, Any]] = {
    "--endpoint": {
        "metavar": "URL",
        "type": _name,
        "help": "judge this endpoint, e.g. http://host:3001/api",
    },
    "--cloud": {"metavar": "NAME", "type": _name, "help": "judge a cloud of clouds.toml"},
    "--clouds": {"metavar": "FILE", "type": Path, "help": "path of clouds.toml"},
    "--require-cloud": {
        "action": "store_true",
        "help": "treat missing credentials as an error (exit 2), instead of skipping the run",
    },
    "--persona": {
        "metavar": "NAME",
        "type": _name,
        "help": "shape of the embedded server (default mock)",
    },
    "--driver": {"metavar": "D", "type": _name, "help": "select a driver (X-Deltacloud-Driver)"},
    "--provider": {
        "metavar": "P",
        "type": _name,
        "help": "select a provider (X-Deltacloud-Provider)",
    },
    "--user": {
        "metavar": "U",
        "help": "user; also DELTACLOUD_TCK_USER. "
        "The password comes from DELTACLOUD_TCK_PASSWORD or a prompt",
    },
    "--other-user": {
        "metavar": "NAME",
        "help": "a second user, of another account than the first: what one makes the other must "
        "neither see, use, change nor destroy. Also DELTACLOUD_TCK_OTHER_USER. "
        "The password comes from DELTACLOUD_TCK_OTHER_PASSWORD or a prompt. "
        "Not for two users of one account: they rightly see the same",
    },
    "--password": {"metavar": "P", "help": "password, for the mock only: it shows in ps"},
    "--profile": {
        "choices": PROFILES,
        "default": "standard",
        "help": "how much to try: smoke (one case of each check, one generated example, nothing "
        "at once), standard (default), thorough",
    },
    "--read-only": {"action": "store_true", "help": "send no request that changes anything"},
    "--wire": {
        "action": "store_true",
        "help": "also send malformed requests, each on a connection of its own: GETs with two "
        "lengths, bad chunks and the like. Firewalls may take offence; on by default for the "
        "embedded server",
    },
    "--report-dir": {"metavar": "DIR", "type": Path, "help": "write the report's files here"},
    "--deviations": {"metavar": "FILE", "type": Path, "help": "accepted deviations (YAML)"},
    "--endpoint-timeout": {
        "metavar": "SECONDS",
        "type": _positive,
        "default": 60.0,
        "help": "longest time for one answer, in all (default 60)",
    },
    "--limit": {
        "metavar": "NAME=VALUE",
        "type": _limit,
        "action": "append",
        "help": "how much of an answer is taken in, and of it kept in a report: "
        f"{', '.join(NAMES)} (docs/limits.md)",
    },
    "--max-requests": {
        "metavar": "N",
        "type": _whole,
        "help": "end the run after N requests",
    },
    "--max-seconds": {"metavar": "S", "type": _positive, "help": "end the run after S seconds"},
    "--cleanup-seconds": {
        "metavar": "S",
        "type": _positive,
        "help": "longest time for removing what the run created, on top of --max-seconds "
        "(default 120 on mocks, 600 elsewhere)",
    },
    "--check-requests": {
        "metavar": "N",
        "type": _whole,
        "default": 20_000,
        "help": "end a check after N requests (default 20000)",
    },
    "--check-seconds": {
        "metavar": "S",
        "type": _positive,
        "help": "end a check after S seconds (default 600 on mocks, 7200 elsewhere)",
    },
    "--transition": {
        "metavar": "SECONDS",
        "type": _positive,
        "help": "longest wait for one change, such as an instance coming up "
        "(default 15 on mocks, 300 elsewhere)",
    },
    "--image": {
        "metavar": "ID",
        "type": _name,
        "help": "launch this image",
    },
    "--profile-id": {"metavar": "ID", "type": _name, "help": "launch with this hardware profile"},
    "--realm": {"metavar": "ID", "type": _name, "help": "launch in this realm"},
    "--max-live": {"metavar": "N", "type": _whole, "help": "at most N instances at once"},
    "--max-cost": {
        "metavar": "X",
        "type": _positive,
        "help": "end the run before it costs more",
    },
    "--max-blob-size": {
        "metavar": "BYTES",
        "type": _whole,
        "help": "largest blob to store (default 111 KiB on mocks, 2 MiB elsewhere)",
    },
    "--prices": {"metavar": "FILE", "type": Path, "help": "price table for --max-cost (TOML)"},
    "--rate": {"metavar": "R", "type": _positive, "help": "at most R requests per second"},
}
# With any of these and no paths, pytest runs the kit's checks.
MEANT_FOR_THE_KIT = (
    "endpoint",
    "cloud",
    "persona",
    "driver",
    "provider",
    "read_only",
    "report_dir",
    "deviations",
)


def own_flag(flag: str) -> str:
    """The name of an option in pytest that no other plugin has: `--deltacloud-endpoint`."""
    return f"--deltacloud-{flag.removeprefix('--')}"


def own_name(name: str) -> str:
    """The name under which pytest keeps an option of the kit (`max_cost`)."""
    return f"deltacloud_{name}"


class Skipped(Exception):
    """There is nothing to judge here, and that is no error; the message says why."""


def build(get: Callable[[str], Any], secrets: tuple[str | None, ...] | None = None) -> Options:
    """What the user asked for, checked.

    `get` returns an option by its name (`max_cost`); `secrets`: user and password, and those of the
    second user, in a worker of xdist, which must not ask for them. From here on they are hidden in
    what is written or printed.
    Raises BadEndpoint, or Skipped.
    """
    try:
        cloud = clouds.load(get("cloud"), get("clouds")) if get("cloud") else None
        table = load_prices(get("prices"))
        user, password, *pair = secrets or (*_credentials(get, cloud), *_other(get, cloud))
    except (BadClouds, BadPrices) as error:
        raise BadEndpoint(str(error), 2) from error
    except NoCredentials as error:
        if get("require_cloud"):
            raise BadEndpoint(str(error), 2) from error
        raise Skipped(f"skipped: {error}") from error
    GATE.keep_credentials(user, password)
    other = _distinct(user, *pair)
    endpoint = get("endpoint")
    if cloud and cloud.endpoint and not endpoint:
        endpoint = _of_cloud(cloud)
    driver = get("driver") or (cloud.driver if cloud else None)
    options = Options(
        endpoint=checked_url(endpoint) if endpoint else None,
        cloud=cloud,
        persona=get("persona") or (driver if cloud and not endpoint else None) or "mock",
        driver=driver,
        provider=get("provider") or (cloud.provider if cloud else None),
        user=user,
        password=password,
        other=other,
        profile=get("profile"),
        read_only=get("read_only"),
        wire=get("wire"),
        report_dir=get("report_dir"),
        deviations=get("deviations"),
        limits=replace(Limits().changed(get("limit") or ()), seconds=get("endpoint_timeout")),
        report_limits=ReportLimits().changed(get("limit") or ()),
        budget=_budget(get, cloud),
        prices=table,
        max_blob_size=get("max_blob_size"),
        cleanup_seconds=get("cleanup_seconds"),
        transition=get("transition"),
        launch=_launch(get, cloud),
    )
    # the embedded mock has two accounts, so that what is about them is examined
    return options if options.outlives_run or other else replace(options, other=OTHER_OF_THE_MOCK)


def _launch(get: Callable[[str], Any], cloud: CloudProfile | None) -> dict[str, str]:
    """Parameters of every launch, from the command line, else from clouds.toml."""
    named = {
        "image_id": get("image") or (cloud and cloud.image),
        "hwp_id": get("profile_id") or (cloud and cloud.profile),
        "realm_id": get("realm") or (cloud and cloud.realm),
    }
    return {name: value for name, value in named.items() if value}


def _of_cloud(cloud: CloudProfile) -> str:
    try:
        return checked_url(cloud.endpoint or "")
    except BadEndpoint as error:
        raise BadEndpoint(f"cloud {cloud.name}: {error}", error.code) from error


def _credentials(
    get: Callable[[str], Any], cloud: CloudProfile | None
) -> tuple[str | None, str | None]:
    if cloud and not get("user"):
        return cloud.secrets()
    endpoint = checked_url(get("endpoint")) if get("endpoint") else None
    return credentials(endpoint, get("user"), get("password"))


def _other(get: Callable[[str], Any], cloud: CloudProfile | None) -> tuple[str, str] | tuple[()]:
    """User and password of the second user, if there is one."""
    if cloud and not get("other_user") and (pair := cloud.other_secrets()):
        return pair
    return other_credentials(get("endpoint"), get("other_user")) or ()


def _distinct(
    user: str | None, other: str | None = None, password: str | None = None
) -> Credentials | None:
    """The second user, if there is one; its password is hidden from here on, too."""
    if other is None or password is None:
        return None
    GATE.keep_credentials(other, password)
    if other == user:
        raise BadEndpoint(f"--other-user must be another than {user}, and of another account", 2)
    return Credentials(other, password)


def _budget(get: Callable[[str], Any], cloud: CloudProfile | None) -> Budget:
    def limit(name: str) -> Any:
        value = get(name)
        return value if value is not None else getattr(cloud, name, None)

    return Budget(
        requests=limit("max_requests"),
        seconds=limit("max_seconds"),
        live=limit("max_live"),
        cost=limit("max_cost"),
        rate=limit("rate"),
        check_requests=get("check_requests"),
        check_seconds=get("check_seconds"),
    )
