"""`deltacloud-tck proxy`: between clients and an endpoint, which are both judged."""

from __future__ import annotations

import argparse
import ssl
import sys
from functools import partial
from pathlib import Path

from tck.checks.support.session import BadEndpoint, checked_url
from tck.commands import watch
from tck.commands.exits import KIT_ERROR, UsageError
from tck.commands.listening import add_tls, allow_files, tls_context
from tck.commands.output import require_stdout
from tck.endpoint import disk
from tck.endpoint.disk import Unwritable
from tck.proxy.elsewhere import Elsewhere
from tck.proxy.judging import Judges, Watching
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
    record = watch.new_recording(options.record) if options.record else None
    concluding = Concluding(options, upstream, record)
    elsewhere = Elsewhere(concluding.judging, concluding.conclude)
    try:
        proxy = _listening(options, upstream, elsewhere)
        print(proxy.url)
        require_stdout()
    except BaseException:
        elsewhere.abandon()
        raise
    proxy.serve()
    return elsewhere.exit_code


class Concluding:
    """What the process that judges does: at its beginning, and once nothing more comes."""

    def __init__(
        self, options: argparse.Namespace, upstream: str, record: Recording | None
    ) -> None:
        """`record`: where what passes is written, opened before."""
        self._options, self._upstream, self._record = options, upstream, record

    def judging(self) -> Watching:
        """Judges, with their findings on standard output."""
        subject = f"{self._upstream}, through a proxy"
        options = self._options
        tell = partial(print, flush=True)
        self._judges = Judges(subject, options.side, tell, options.report_dir)
        return Watching(self._judges, self._record)

    def conclude(self) -> int:
        """Print the verdict and write the report; the exit code."""
        try:
            if self._record is not None:
                self._record.close()
                print("\n".join(self._record.told()), file=sys.stderr)
            result = self._judges.result()
            for line in console.Console(sys.stdout.isatty(), self._options.verbose).lines(result):
                print(line)
            self._judges.write(result)
        except Unwritable as error:
            print(f"deltacloud-tck proxy: {error}", file=sys.stderr)
            return KIT_ERROR
        return result.exit_code


def _listening(options: argparse.Namespace, upstream: str, judging: Elsewhere) -> Running:
    host, port = options.listen
    tls = tls_context(options, host)
    if options.ca_bundle is not None and not Path(options.ca_bundle).is_file():
        raise UsageError(f"--ca-bundle {options.ca_bundle}: no such file")
    limits = Limits(connections=min(Limits().connections, allow_files() // 4))
    try:
        return Running(
            upstream,
            judging,
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
