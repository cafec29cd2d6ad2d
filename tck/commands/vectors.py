"""`deltacloud-tck vectors`: what clients should send and read, for tests in any language."""

from __future__ import annotations

import argparse
from pathlib import Path

from tck.commands.exits import UsageError

NAME = "vectors"
HELP = "Write requests, responses with their values, and workflows, for tests of clients."
EXAMPLES = """\
examples:
  deltacloud-tck vectors --out vectors                      a JSON file for each operation
  deltacloud-tck vectors --out vectors --recording my.jsonl with answers of a real endpoint, too

docs/vectors.md says how a client is tested with them; vectors/arazzo.json has the workflows.
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add = parser.add_argument
    add("--out", type=Path, required=True, metavar="DIR", help="where to write them")
    add(
        "--recording",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="also make response cases of the right answers in these recordings",
    )


def run(options: argparse.Namespace) -> int:
    """Write the vectors; the exit code. Raises UsageError, Unwritable."""
    from tck.endpoint.files import UnreadableFile  # noqa: PLC0415  (all of this is slow to load)
    from tck.vectors import writing  # noqa: PLC0415

    try:
        requests, responses = writing.write(options.out, options.recording)
    except UnreadableFile as error:
        raise UsageError(str(error)) from error
    print(f"{requests} request cases and {responses} response cases in {options.out}")
    return 0
