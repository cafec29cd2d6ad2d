"""`deltacloud-tck verify`: examine a signed submission."""

from __future__ import annotations

import argparse
import datetime
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tck.commands.exits import CONFORMANT, NOT_CONFORMANT, UsageError
from tck.report.wording import visible

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from tck.certification.submission import Certificate, FindKey

NAME = "verify"
HELP = "Verify a signed submission without trusting its signer."
EXAMPLES = """\
examples:
  deltacloud-tck verify submission --key vendor.pub.pem     the key came from the vendor
  deltacloud-tck verify submission --keys trusted.toml      keys that were pinned before

Verified are the signature, every file, that all parts of the result follow from each other, and,
by judging it again, that the transcript supports the result. The certificate lists every level
with its standing; it certifies those that are met, or met in part.
Exit codes: 0 certified, 1 refused, 2 usage.
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("submission", type=Path, metavar="DIR")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--key", type=Path, metavar="FILE", help="the signer's public key (PEM)")
    which.add_argument("--keys", type=Path, metavar="FILE", help="list of pinned keys (TOML)")


def run(options: argparse.Namespace) -> int:
    """Verify; the exit code."""
    from tck.certification import keys, submission  # noqa: PLC0415  (cryptography loads slowly)

    try:
        find_key = _only(options.key) if options.key else _pinned(options.keys)
    except keys.BadKey as error:
        raise UsageError(str(error)) from error
    if not os.path.isdir(options.submission):
        raise UsageError(f"{options.submission} is not a folder")
    try:
        certificate = submission.verify(options.submission, find_key)
    except submission.Refused as refused:
        print("refused:")
        for reason in refused.reasons:
            print(visible(f"  {reason}"))
        return NOT_CONFORMANT
    for line in lines(certificate):
        print(visible(line))
    return CONFORMANT


def _only(path: Path) -> FindKey:
    from tck.certification import keys  # noqa: PLC0415

    key = keys.public(path)
    return lambda _id, _day: (f"the key given ({keys.key_id(key)[:16]})", key)


def _pinned(path: Path) -> FindKey:
    from tck.certification import keys  # noqa: PLC0415

    pinned = keys.trusted(path)

    def find(id_: str, day: datetime.date) -> tuple[str, Ed25519PublicKey]:
        if id_ not in pinned:
            raise keys.BadKey(f"key {id_[:16]} is not among the pinned ones")
        entry = pinned[id_]
        if not entry.valid_on(day):
            raise keys.BadKey(f"key {id_[:16]} of {entry.owner} is not valid on {day}")
        return entry.owner, entry.key

    return find


def lines(certificate: Certificate) -> Iterator[str]:
    """A certificate as text: every level with its standing, then what was judged and signed."""
    result, claim = certificate.result, certificate.claim
    declared = result.capabilities
    yield f"certified: {claim.product} by {claim.vendor}"
    for level in result.levels:
        remark = f": {level.reason}" if level.reason else ""
        yield f"  {level.title:<14}{level.standing}{remark}"
    if result.side == "client":
        yield f"client: {result.subject}, run in {len(result.scenarios)} scenarios"
    else:
        yield f"endpoint: {result.subject}, driver {declared and declared.driver}"
    yield (
        f"requirement set {result.set_version}; run {result.run_id} of "
        f"{result.started:%Y-%m-%d}, {result.requests} exchanges, judged again"
    )
    yield f"signed {claim.signed} by {certificate.signer}"
    yield from (f"note: {remark}" for remark in certificate.remarks)
