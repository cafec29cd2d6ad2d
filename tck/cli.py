"""`deltacloud-tck`: the command line."""

from __future__ import annotations

import sys

from tck import signals

if __name__ == "__main__":  # `python -m tck.cli`; else `tck.__main__` has done that
    signals.begin()

import argparse
import traceback
from collections.abc import Sequence
from typing import NoReturn

from tck import __version__
from tck.commands import commands
from tck.commands.exits import KIT_ERROR, USAGE, UsageError, one_line
from tck.commands.output import Output
from tck.endpoint.console import redacted_console
from tck.endpoint.disk import BadPlace, Unwritable

_EPILOG = """\
examples:
  deltacloud-tck run                                   judge the embedded reference server
  deltacloud-tck run --endpoint http://host:3001/api   judge an endpoint
  deltacloud-tck validate traffic.jsonl capture.har    judge recorded exchanges
  deltacloud-tck serve --port 3001                     a reference server to develop against
  deltacloud-tck requirements explain DC-INS-024       what a requirement demands, and why

exit codes: 0 conformant · 1 not conformant · 2 usage · 3 nothing or too little examined ·
            4 error of the kit, or something could not be written · 5 resources left behind
            130 interrupted (Ctrl-C) · 143 ended by SIGTERM
"""


class _Parser(argparse.ArgumentParser):
    """An argument parser that reports an error in one line."""

    def error(self, message: str) -> NoReturn:
        """Exit with the code for bad usage."""
        self.exit(USAGE, f"{one_line(f'{self.prog}: {message}')}; see {self.prog} --help\n")


def parser(command_name: str | None = None) -> argparse.ArgumentParser:
    """The parser with one command, or with all if there is no such command."""
    top = _Parser(
        prog="deltacloud-tck",
        description="Technology Compatibility Kit for the Deltacloud REST API.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"deltacloud-tck {__version__}")
    subparsers = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in commands(command_name):
        sub = subparsers.add_parser(
            command.NAME,
            help=command.HELP,
            description=command.HELP,
            epilog=command.EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.arguments(sub)
        sub.set_defaults(run=command.run)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in `argv` (default: of this process); the exit code."""
    output = Output()
    try:
        with redacted_console():
            code = _run(sys.argv[1:] if argv is None else argv, signals_too=argv is None)
    except SystemExit as ended:  # of argparse
        code = int(ended.code or 0)
    if failure := output.failure:
        print(f"deltacloud-tck: {failure}", file=sys.stderr)
        code = KIT_ERROR
    if argv is None:
        signals.leave(code)
    return code


def _run(words: Sequence[str], *, signals_too: bool) -> int:
    arguments = parser(next(iter(words), None)).parse_args(words)
    if signals_too and arguments.command != "run":
        signals.handle(signals.unwind)
    try:
        return int(arguments.run(arguments))
    except UsageError as error:
        message, code = str(error), error.code
    except Unwritable as error:
        message, code = str(error), USAGE if isinstance(error, BadPlace) else KIT_ERROR
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return signals.exit_code(signals.received)
    except Exception:  # noqa: BLE001  (a defect of the kit: the 1 of Python would be a verdict)
        traceback.print_exc()
        return KIT_ERROR
    print(one_line(f"deltacloud-tck {arguments.command}: {message}"), file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
