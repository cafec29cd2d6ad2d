"""`deltacloud-tck proxy`: between clients and an endpoint, which are both judged."""

from __future__ import annotations

import argparse
import contextlib
import ssl
import sys
from functools import partial
from pathlib import Path

from tck.checks.support.session import BadEndpoint, checked_url
from tck.commands import watch
from tck.commands.exits import UsageError
from tck.commands.listening import add_tls, allow_files, tls_context
from tck.commands.output import require_stdout
from tck.endpoint import disk
from tck.proxy.judging import Judges
from tck.proxy.running import Running
from tck.reference_server.http1 import Limits
from tck.report import FILES, console, transcript
from tck.report.recording import Recording

NAME = "proxy"
HELP = "Forward what clients ask an endpoint, unchanged, and judge both."
EXAMPLES = """\
examples:
  deltacloud-tck proxy --upstream http://host:3001/api
  deltacloud-tck proxy --upstream https://host/api --rewrite --report-dir reports/proxy
  deltacloud-tck proxy --upstream http://host:3001/api --record seen.har --side server

The first line of standard output is the URL for clients; then comes a line for each new finding.
Ctrl-C or SIGTERM ends it, with the verdict and the report. Credentials are passed on and never
written. Exit codes: 0 nothing wrong, 1 a MUST was violated, 2 usage, 3 nothing was examined.
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add = parser.add_argument
    add("--upstream", required=True, metavar="URL", help="the endpoint, e.g. http://host:3001/api")
    add(
        "--listen",
        type=_address,
        default=("127.0.0.1", 3002),
        metavar="HOST:PORT",
        help="where clients connect, port 0 for a free one (default 127.0.0.1:3002)",
    )
    add("--record", type=Path, metavar="FILE", help="write what passes into FILE (.jsonl or .har)")
    add("--report-dir", type=Path, metavar="DIR", help="write a report here at the end")
    add(
        "--side",
        choices=("server", "client", "both"),
        default="both",
        help="who is judged (default both)",
    )
    add(
        "--rewrite",
        action="store_true",
        help="make hrefs of the endpoint lead to the proxy, and ask it under its own name",
    )
    add("--ca-bundle", metavar="FILE", help="certificates (PEM) to trust at the endpoint")
    add("-v", "--verbose", action="store_true", help="also list what was not examined")
    add_tls(parser)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not (host and port.isascii() and port.isdigit() and int(port) < 1 << 16):
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return host.strip("[]"), int(port)


def run(options: argparse.Namespace) -> int:
    """Forward until interrupted; the exit code. Raises UsageError, Unwritable."""
    try:
        upstream = checked_url(options.upstream)
    except BadEndpoint as error:
        raise UsageError(str(error), error.code) from error
    if options.report_dir:
        disk.prepare(options.report_dir, FILES)
        transcript.clear(options.report_dir)
    subject = f"{upstream}, through a proxy"
    judges = Judges(subject, options.side, partial(print, flush=True), options.report_dir)
    with contextlib.ExitStack() as stack:
        record = stack.enter_context(watch.recording(options.record)) if options.record else None
        proxy = _listening(options, upstream, judges, record)
        print(proxy.url)
        require_stdout()
        proxy.serve()
    result = judges.result()
    for line in console.Console(sys.stdout.isatty(), options.verbose).lines(result):
        print(line)
    judges.write(result)
    return result.exit_code


def _listening(
    options: argparse.Namespace, upstream: str, judges: Judges, record: Recording | None
) -> Running:
    host, port = options.listen
    tls = tls_context(options, host)
    if options.ca_bundle is not None and not Path(options.ca_bundle).is_file():
        raise UsageError(f"--ca-bundle {options.ca_bundle}: no such file")
    limits = Limits(connections=min(Limits().connections, allow_files() // 4))
    try:
        return Running(
            upstream,
            judges,
            record,
            listen=options.listen,
            rewrite=options.rewrite,
            ca_bundle=options.ca_bundle,
            tls=tls,
            limits=limits,
        )
    except ssl.SSLError as error:
        raise UsageError(f"--ca-bundle {options.ca_bundle}: no certificates (PEM)") from error
    except (OSError, OverflowError, TypeError) as error:
        raise UsageError(f"cannot listen on {host}:{port}: {error}") from error
