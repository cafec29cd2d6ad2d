"""`deltacloud-tck client`: runs a client against servers that differ, and judges it."""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tck.commands.exits import TOO_LITTLE, UsageError
from tck.endpoint import disk
from tck.report import FILES

if TYPE_CHECKING:
    from tck.scenarios.scenario import Scenario

NAME = "client"
HELP = "Run a client against servers that differ and disturb it, and judge what it sends."
EXAMPLES = """\
examples:
  deltacloud-tck client -- ./client.py {url}                    in the plain scenario
  deltacloud-tck client --scenario all -- ./client.py {url}     in all of them
  deltacloud-tck client --scenario busy lost-create -- python3 -m my.client --url {url}
  deltacloud-tck client --persona full ec2 -- deltacloudc -u {user} -p {password} instances
  deltacloud-tck client --list                                  what scenarios there are

The command is run once for each scenario, with {url}, {user}, {password}, {host} and {port} filled
in, and with DELTACLOUD_URL, DELTACLOUD_USER and DELTACLOUD_PASSWORD (and API_URL, API_USER,
API_PASSWORD) in its environment. Exit code 0 means that it did its work. See docs/clients.md.

Exit codes: 0 the client is right · 1 it is not · 2 usage · 3 it sent nothing.
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add = parser.add_argument
    add(
        "--scenario",
        nargs="+",
        metavar="NAME",
        help="scenarios, or `all` (default: plain); persona-NAME and variant-NAME are some, too",
    )
    add("--persona", nargs="+", metavar="NAME", help="run the scenarios for each of these personas")
    add("--user", default="mockuser", help="user that the server knows (default mockuser)")
    add("--password", default="mockpassword", help="that user's password (default mockpassword)")
    add(
        "--timeout",
        type=_seconds,
        default=60.0,
        metavar="SECONDS",
        help="for each run of the client (default 60)",
    )
    add(
        "--report-dir",
        type=Path,
        default=Path("reports/client"),
        metavar="DIR",
        help="where the report goes, with what the client printed (default reports/client)",
    )
    add("-v", "--verbose", action="store_true", help="also list what was not examined")
    add("--list", action="store_true", help="list the scenarios, and exit")
    add("command_line", nargs="*", metavar="COMMAND", help="the client's command, after --")


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds up to a day")
    return value


def run(options: argparse.Namespace) -> int:
    """Run the client, print and write the result; the exit code. Raises UsageError, Unwritable."""
    # what judges and what is judged are loaded only when they are needed
    from tck.reference_server.drivers import registry  # noqa: PLC0415
    from tck.report import console, transcript, write  # noqa: PLC0415
    from tck.report.scenarios import table  # noqa: PLC0415
    from tck.scenarios.process import NotStarted  # noqa: PLC0415
    from tck.scenarios.running import OUTPUT, Trials  # noqa: PLC0415

    if options.list:
        return _list()
    if not options.command_line:
        raise UsageError("no command: deltacloud-tck client [options] -- COMMAND {url}")
    chosen = _chosen(options.scenario or ["plain"])
    for name in options.persona or ():
        if name not in registry.personas():
            raise UsageError(f"no persona {name!r}; there are {', '.join(registry.personas())}")
    folder = options.report_dir
    disk.prepare(folder, [*FILES, *(f"{OUTPUT}/{scenario.name}.txt" for scenario in chosen)])
    transcript.clear(folder)
    trials = Trials(
        options.command_line,
        personas=options.persona or ["mock"],
        user=options.user,
        password=options.password,
        seconds=options.timeout,
        folder=folder,
    )
    try:
        for outcome in trials.run_all(chosen):
            print(*table([outcome]), file=sys.stderr, flush=True)
    except NotStarted as error:
        raise UsageError(f"the client cannot be started: {error}") from error
    except KeyboardInterrupt:
        write.write(trials.result("interrupted"), folder)
        raise
    result = trials.result()
    print()
    for line in console.Console(sys.stdout.isatty(), options.verbose).lines(result):
        print(line)
    write.write(result, folder)
    print(f"report in {folder}")
    return result.exit_code if result.requests else TOO_LITTLE


def _list() -> int:
    from tck.scenarios.scenario import everything, scenarios  # noqa: PLC0415

    for name in everything():
        one = scenarios()[name]
        may = "; it may give up" if one.may_give_up else ""
        print(f"{name:<40} {one.text}")
        print(f"{'':<40} a right client {one.right}{may}")
    print("and persona-NAME and variant-NAME for the others of `serve --list-variants`")
    return 0


def _chosen(names: list[str]) -> list[Scenario]:
    from tck.scenarios.scenario import everything, scenarios  # noqa: PLC0415

    known = scenarios()
    chosen = [n for name in names for n in (everything() if name == "all" else [name])]
    for name in chosen:
        if name not in known:
            close = ", ".join(difflib.get_close_matches(name, known))
            hint = f"; did you mean {close}?" if close else "; see --list"
            raise UsageError(f"no scenario {name!r}{hint}")
    return [known[name] for name in dict.fromkeys(chosen)]
