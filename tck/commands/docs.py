"""`deltacloud-tck docs`: write the API reference as a site."""

from __future__ import annotations

import argparse
from pathlib import Path

NAME = "docs"
HELP = "Write the API reference as a site of static pages."
EXAMPLES = """\
examples:
  deltacloud-tck docs --out site       then open site/index.html; no server or network needed
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write it")


def run(options: argparse.Namespace) -> int:
    """Write the site; the exit code. Raises Unwritable."""
    from tck.apidocs import pages  # noqa: PLC0415  (slow: it makes every example)

    pages.write(options.out)
    print(f"{options.out / 'index.html'}")
    return 0
