"""`deltacloud-tck sign`: make a submission from a report, signed with the vendor's key."""

from __future__ import annotations

import argparse
import datetime
import os
from pathlib import Path

from tck.commands.exits import CONFORMANT, NOT_CONFORMANT, UsageError

NAME = "sign"
HELP = "Sign the report of a run: a folder that others can verify."
EXAMPLES = """\
examples:
  deltacloud-tck sign --new-key vendor.pem        makes vendor.pem (keep it) and vendor.pub.pem
  deltacloud-tck sign reports --key vendor.pem --vendor "Example Ltd" --product "Cloud 3" \\
      --contact tck@example.org --out submission

`sign` refuses what `verify` would refuse. DELTACLOUD_TCK_KEY_PASSWORD holds the password of the
key, if it has one.
Exit codes: 0 signed, 1 nothing to certify, 2 usage.
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add = parser.add_argument
    add("report", nargs="?", type=Path, metavar="DIR", help="folder of the report of a run")
    add("--new-key", type=Path, metavar="FILE", help="make a pair of keys and exit")
    add("--key", type=Path, metavar="FILE", help="the private key (PEM, Ed25519)")
    add("--vendor", metavar="NAME", help="who signs")
    add("--product", metavar="NAME", help="what was judged, with its version")
    add("--contact", metavar="ADDRESS", default="", help="whom to ask")
    add("--out", type=Path, default=Path("submission"), metavar="DIR", help="default submission")


def run(options: argparse.Namespace) -> int:
    """Sign; the exit code."""
    from tck.certification import keys, submission  # noqa: PLC0415  (cryptography loads slowly)
    from tck.certification.statement import Claim  # noqa: PLC0415

    password = os.environ.get("DELTACLOUD_TCK_KEY_PASSWORD", "").encode() or None
    try:
        if options.new_key:
            public = keys.make(options.new_key, password)
            print(f"{options.new_key}: the private key; keep it to yourself")
            print(f"{public}: the public key; give it to those who verify")
            return CONFORMANT
        for name in ("report", "key", "vendor", "product"):
            if not getattr(options, name):
                raise UsageError("needs a report, --key, --vendor and --product")
        for name in ("vendor", "product", "contact"):
            if not getattr(options, name).isprintable():
                raise UsageError(f"--{name} has characters that do not show")
        if os.path.lexists(options.out):
            raise UsageError(f"{options.out} exists; a submission goes into a new folder")
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        claim = Claim(options.vendor, options.product, options.contact, now)
        submission.sign(options.report, options.out, keys.private(options.key, password), claim)
    except keys.BadKey as error:
        raise UsageError(str(error)) from error
    except submission.Refused as refused:
        print("not signed:")
        for reason in refused.reasons:
            print(f"  {reason}")
        return NOT_CONFORMANT
    print(f"signed: {options.out}")
    return CONFORMANT
