"""`deltacloud-tck serve`: the reference server on a port, or an altered one.

This module alone brings faults and variants (tck.prove) to the server, which knows nothing of
them.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tck.commands.exits import UsageError
from tck.commands.listening import add_tls, allow_files, tls_context
from tck.commands.output import require_stdout
from tck.reference_server.app import create_app
from tck.reference_server.http1 import Limits
from tck.reference_server.serving import Server
from tck.schemas.operations import API

if TYPE_CHECKING:
    from tck.commands.control import ControlledServer
    from tck.endpoint.exchange import Exchange
    from tck.prove.altered.alteration import Alteration
    from tck.prove.faults.fault import Fault
    from tck.prove.variants.variant import Variant

NAME = "serve"
HELP = "Run the reference server: a Deltacloud endpoint to develop clients against."
EXAMPLES = """\
examples:
  deltacloud-tck serve                       http://127.0.0.1:3001/api, user mockuser
  deltacloud-tck serve --port 0              a free port; the first line says which
  deltacloud-tck serve --persona ec2         the collections, features and states of ec2
  deltacloud-tck serve --transition-time 5   PENDING and STOPPING last five seconds
  deltacloud-tck serve --other-user you      a second account: you, with the password otherpassword
  deltacloud-tck serve --storage cloud.db    objects and blobs that outlive the server
  deltacloud-tck serve --tls-self-signed cert.pem   https, with a certificate to trust
  deltacloud-tck serve --record seen.jsonl   write down every request and answer
  deltacloud-tck serve --audit reports/audit judge the clients that use it (docs/clients.md)
  deltacloud-tck serve --control-port 3002   change it while it runs (docs/control.md)
  deltacloud-tck serve --fault href-relative a server that is wrong in one way
  deltacloud-tck serve --variant xml-in-other-order  a server that is unusual, and right

The first line of standard output is the base URL. Stop it with Ctrl-C.
"""


# Options that are those of create_app.
_APP = (
    "driver",
    "provider",
    "user",
    "password",
    "transition_time",
    "transition_polls",
    "trust_forwarded",
    "storage",
    "blob_limit",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    add("--port", type=_count, default=3001, help="port, 0 for a free one (default 3001)")
    add("--driver", "--persona", dest="driver", metavar="NAME", help="default mock")
    add("--provider", metavar="P", help="provider in force where a request names none")
    _users(parser)
    add(
        "--transition-time",
        type=_seconds,
        metavar="SECONDS",
        help="how long PENDING and STOPPING last (default 0)",
    )
    add(
        "--transition-polls",
        type=_count,
        metavar="N",
        help="and how many requests must have shown them",
    )
    add(
        "--trust-forwarded",
        action="store_true",
        help="make hrefs of X-Forwarded-Host, -Proto and -Port, for use behind a proxy",
    )
    add(
        "--storage",
        type=Path,
        metavar="FILE",
        help="keep everything in this file (default: memory)",
    )
    add(
        "--blob-limit",
        type=_count,
        metavar="BYTES",
        help="the most bytes of a blob (default 1 GiB in memory, no limit in a file)",
    )
    _watching_arguments(parser)
    altered = parser.add_mutually_exclusive_group()
    altered.add_argument("--fault", metavar="NAME", help="be wrong in this way")
    altered.add_argument("--variant", metavar="NAME", help="be right in this other way")
    altered.add_argument("--list-faults", action="store_true", help="list all faults, and exit")
    altered.add_argument("--list-variants", action="store_true", help="list all variants, and exit")


def _users(parser: argparse.ArgumentParser) -> None:
    """Who may use the server."""
    add = parser.add_argument
    add("--user", default="mockuser", help="user that the server knows (default mockuser)")
    add("--password", default="mockpassword", help="that user's password (default mockpassword)")
    add("--other-user", metavar="NAME", help="a second user, whose account is another")
    add(
        "--other-password",
        default="otherpassword",
        metavar="PASSWORD",
        help="that user's password (default otherpassword)",
    )


def _watching_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add_tls(parser)
    add(
        "--record",
        type=Path,
        metavar="FILE",
        help="write what was asked and answered into FILE (.jsonl or .har), without secrets",
    )
    add(
        "--audit",
        type=Path,
        metavar="DIR",
        help="judge the clients: a line for each finding, and a report in DIR at the end",
    )
    add(
        "--control-port",
        type=_count,
        metavar="PORT",
        help="have faults, disturbances, time, state and the audit under /_tck/ on another port, "
        "of 127.0.0.1 only, 0 for a free one; the second line says which",
    )
    add("--log", action="store_true", help="one line for each request on standard error")


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0")
    return int(text)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0")
    return value


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted. Raises UsageError, Unwritable."""
    if options.list_faults or options.list_variants:
        return _list(options)
    altered = _altered(options)
    settings = {name: value for name in _APP if (value := getattr(options, name)) is not None}
    if options.other_user:
        settings["other"] = (options.other_user, options.other_password)
    log = sys.stderr if options.log else None
    limits = Limits(connections=min(Limits().connections, allow_files() // 2))
    control = None
    try:
        if options.control_port is not None:
            control = _controlled(options, settings, altered)
            server = control.app.server(options.host, options.port, log=log, limits=limits)
        elif altered is None:
            app = create_app(**settings)
            server = Server(app, options.host, options.port, log=log, limits=limits)
        else:
            server = altered.server(options.host, options.port, log, **settings)
    except (LookupError, ValueError) as error:
        raise UsageError(str(error)) from error
    if context := tls_context(options, options.host):
        server.secure(context)
    base = API.base if altered is None else altered.base
    with _watched(options, server, base, control):
        try:
            server.bind()
        except (OSError, OverflowError, TypeError) as error:  # TypeError: no name of a host
            raise UsageError(f"cannot listen on {options.host}:{options.port}: {error}") from error
        with contextlib.suppress(KeyboardInterrupt), contextlib.ExitStack() as stack:
            print(server.url if altered is None else altered.url(server))
            if control is not None:
                print(stack.enter_context(control.serving(server, options.control_port)))
            require_stdout()
            server.serve_forever()
    print("stopped", file=sys.stderr)
    return 0


def _controlled(
    options: argparse.Namespace, settings: dict[str, Any], altered: Alteration | None
) -> ControlledServer:
    """What is changed over the control port. Raises UsageError, LookupError, ValueError."""
    if options.storage:
        raise UsageError("--control-port excludes --storage: what it resets is in memory")
    from tck.commands.control import ControlledServer  # noqa: PLC0415 - it loads all faults

    names = () if altered is None else (altered.name,)
    return ControlledServer(settings.pop("driver", None), *names, **settings)


@contextlib.contextmanager
def _watched(
    options: argparse.Namespace, server: Server, base_path: str, control: ControlledServer | None
) -> Iterator[None]:
    """Record and judge what the server is asked inside, if options say so. Raises Unwritable."""
    if options.record is None and options.audit is None and control is None:
        yield
        return
    # only a server that is watched loads what judges
    from tck.commands import watch  # noqa: PLC0415
    from tck.endpoint.redaction import GATE  # noqa: PLC0415

    GATE.keep_credentials(options.user, options.password)
    with contextlib.ExitStack() as stack:
        observers: list[Callable[[Exchange], object]] = []
        if options.record:
            observers.append(stack.enter_context(watch.recording(options.record)).observe)
        if options.audit:
            observers.append(stack.enter_context(watch.auditing(options.audit)).observe)

        if control is not None:
            stack.callback(control.live.close)
            observers.append(control.live.observe)

        def observe(x: Exchange) -> None:
            for each in observers:
                each(x)

        base = base_path if control is None else control.app.give_base
        with watch.watching(server, base, observe) as settle:
            if control is not None:
                control.live.settle = settle
            yield


def _altered(options: argparse.Namespace) -> Alteration | None:
    """The fault or variant that the server gets; None for the unaltered server."""
    name = options.variant if options.fault is None else options.fault
    if name is None:
        return None
    alterations: Mapping[str, Alteration] = _variants() if options.fault is None else _faults()
    if name not in alterations:
        close = ", ".join(difflib.get_close_matches(name, alterations))
        hint = f"did you mean {close}?" if close else "see --list-faults and --list-variants"
        raise UsageError(f"no fault or variant {name!r}; {hint}")
    return alterations[name]


# Imported only when asked for: there are hundreds.


def _faults() -> Mapping[str, Fault]:
    from tck.prove.faults import faults  # noqa: PLC0415

    return faults()


def _variants() -> Mapping[str, Variant]:
    from tck.prove.variants import variants  # noqa: PLC0415

    return variants()


def _list(options: argparse.Namespace) -> int:
    if options.list_faults:
        for fault in _faults().values():
            print(f"{fault.name:<36} {fault.text} ({', '.join(fault.violates)})")
    else:
        for variant in _variants().values():
            print(f"{variant.name:<36} {variant.text or variant.source}")
    return 0
