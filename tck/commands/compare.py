"""`deltacloud-tck compare`: what differs between two results."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from tck.commands.exits import CONFORMANT, NOT_CONFORMANT, UsageError
from tck.endpoint import disk, input_file
from tck.report import comparison_text, json_report
from tck.report.comparison import compare
from tck.report.result import Result

NAME = "compare"
HELP = "Compare two results: what fails now, what is fixed, what takes longer."
EXAMPLES = """\
examples:
  deltacloud-tck compare yesterday today          folders of reports, or their results.json
  deltacloud-tck compare a b --markdown diff.md --html diff.html
  deltacloud-tck compare ours theirs --side-by-side    a table of two implementations

Exit codes: 0 nothing became worse, 1 a requirement newly fails, fails differently or is no longer
examined, 2 usage; with --side-by-side always 0.
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add = parser.add_argument
    add("before", type=Path, metavar="A", help="results.json, or the folder that has it")
    add("after", type=Path, metavar="B", help="the same for the later or other result")
    add("--side-by-side", action="store_true", help="a table of two implementations")
    add("--markdown", type=Path, metavar="FILE", help="also write it as Markdown")
    add("--html", type=Path, metavar="FILE", help="also write it as HTML")


def run(options: argparse.Namespace) -> int:
    """Compare; the exit code. Raises UsageError, Unwritable."""
    comparison = compare(_result(options.before), _result(options.after))
    for line in comparison_text.lines(comparison, options.side_by_side):
        print(line)
    for path, render in (
        (options.markdown, comparison_text.markdown),
        (options.html, comparison_text.html),
    ):
        if path:
            disk.write_as_told(path, render(comparison, options.side_by_side).encode())
    return NOT_CONFORMANT if comparison.worse and not options.side_by_side else CONFORMANT


def _result(path: Path) -> Result:
    file = path / "results.json" if os.path.isdir(path) else path
    try:
        return json_report.read(input_file.content(file))
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error
    except json_report.BadResults as error:
        raise UsageError(f"{file}: not a results.json of this kit ({error})") from error
