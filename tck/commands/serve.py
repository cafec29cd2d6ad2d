"""`deltacloud-tck serve`: the reference server on a port."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from types import FrameType

from tck.commands.exits import UsageError
from tck.reference_server.app import create_app
from tck.reference_server.serving import Server

NAME = "serve"
HELP = "Run the reference server: a Deltacloud endpoint to develop clients against."
EXAMPLES = """\
examples:
  deltacloud-tck serve                       http://127.0.0.1:3001/api, user mockuser
  deltacloud-tck serve --port 0              a free port; the first line says which
  deltacloud-tck serve --persona ec2         the collections, features and states of ec2
  deltacloud-tck serve --transition-time 5   PENDING and STOPPING last five seconds

The first line of standard output is the base URL. Stop it with Ctrl-C.
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    add("--port", type=int, default=3001, help="port, 0 for a free one (default 3001)")
    add("--driver", "--persona", dest="driver", default="mock", metavar="NAME", help="default mock")
    add("--provider", metavar="P", help="provider in force where a request names none")
    add("--user", default="mockuser", help="user that the server knows (default mockuser)")
    add("--password", default="mockpassword", help="that user's password (default mockpassword)")
    add(
        "--transition-time",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="how long PENDING and STOPPING last (default 0)",
    )
    add(
        "--transition-polls",
        type=int,
        default=0,
        metavar="N",
        help="and how many requests must have seen them",
    )
    add("--log", action="store_true", help="one line a request on standard error")


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted."""
    try:
        app = create_app(
            options.driver,
            options.provider,
            user=options.user,
            password=options.password,
            transition_time=options.transition_time,
            transition_polls=options.transition_polls,
        )
    except (LookupError, ValueError) as error:
        raise UsageError(str(error)) from error
    log = sys.stderr if options.log else None
    server = Server(app, options.host, options.port, log=log)
    try:
        server.bind()
    except (OSError, OverflowError) as error:
        raise UsageError(f"cannot listen on {options.host}:{options.port}: {error}") from error
    print(server.url, flush=True)
    signal.signal(signal.SIGTERM, _interrupt)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
    return 0


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
