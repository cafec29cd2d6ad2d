"""`deltacloud-tck validate`: judge recorded exchanges or single documents."""

from __future__ import annotations

import argparse
import datetime
import sys
from collections import Counter
from pathlib import Path

from tck import requirements
from tck.commands.exits import UsageError
from tck.endpoint import capabilities, disk, files
from tck.endpoint.redaction import Redactor
from tck.report import FILES, console, json_report, proof, write
from tck.report.deviations import BadDeviations, Deviations, load
from tck.report.ledger import Judge, Ledger
from tck.report.result import of_exchanges
from tck.rules import judge
from tck.rules.agreement import Agreement
from tck.rules.clients import ClientJudge

NAME = "validate"
HELP = "Judge recorded exchanges (JSON Lines, HAR) or single XML or JSON documents."
EXAMPLES = """\
examples:
  deltacloud-tck validate traffic.jsonl
  deltacloud-tck validate capture.har --base /deltacloud/api
  deltacloud-tck validate instance.xml
  deltacloud-tck validate traffic.jsonl --side client            judge who asked
  deltacloud-tck validate traffic.jsonl --deviations known.yaml --json results.json
  deltacloud-tck validate traffic.jsonl --report-dir reports     a report in every form
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument(
        "--base", default="/api", metavar="PATH", help="where the API is mounted (default /api)"
    )
    parser.add_argument(
        "--side",
        choices=("server", "client", "both"),
        default="server",
        help="who is judged: the endpoint that answered (default), the client that asked, or both",
    )
    parser.add_argument(
        "--deviations", type=Path, metavar="FILE", help="accepted deviations (YAML)"
    )
    parser.add_argument("--report-dir", type=Path, metavar="DIR", help="also write a report")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the result as JSON")
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="also list what was not examined"
    )


def run(options: argparse.Namespace) -> int:
    """Judge the files; the exit code. Raises UsageError, Unwritable."""
    if options.report_dir:
        disk.prepare(options.report_dir, FILES)
    try:
        deviations = load(options.deviations) if options.deviations else Deviations()
    except BadDeviations as error:
        raise UsageError(str(error)) from error
    ledger = Ledger(deviations, Redactor(), judges=_judges(options.side))
    read, skipped = 0, Counter[str]()
    declared: capabilities.Capabilities | None = None
    started = datetime.datetime.now(datetime.UTC)
    try:
        for path in options.files:
            for exchange in files.read(path, options.base.rstrip("/")):
                read += 1
                if exchange.disturbance:
                    skipped[exchange.disturbance] += 1
                    continue
                ledger.observe(exchange)
                if declared is None and exchange.api_path == "":
                    declared = capabilities.read(exchange)
    except files.UnreadableFile as error:
        raise UsageError(str(error)) from error
    result = of_exchanges(
        ledger,
        requirements.load(options.side),
        declared,
        started,
        subject=", ".join(path.name for path in options.files),
        proof=proof.read(options.report_dir, options.side),
        side=options.side,
    )
    for line in console.Console(sys.stdout.isatty(), options.verbose).lines(result):
        print(line)
    for reason, count in skipped.most_common(10):
        print(f"{count} of {read} exchanges not judged: {reason}")
    if options.json:
        disk.write_as_told(options.json, json_report.content(result))
    if options.report_dir:
        write.write(result, options.report_dir)
    return result.exit_code


def _judges(side: str) -> list[Judge]:
    server: list[Judge] = [judge, Agreement().judge]
    judges: dict[str, list[Judge]] = {"server": server, "client": [ClientJudge().judge]}
    return judges.get(side) or judges["server"] + judges["client"]
