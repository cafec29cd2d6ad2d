"""What commands that listen have in common: TLS, and how many files may be open."""

from __future__ import annotations

import argparse
import contextlib
import resource
import ssl
import sys
from pathlib import Path

from tck.commands.exits import UsageError
from tck.endpoint import disk, input_file
from tck.endpoint.disk import PUBLIC


def add_tls(parser: argparse.ArgumentParser) -> None:
    """Add the options for TLS."""
    add = parser.add_argument
    add("--tls-cert", type=Path, metavar="FILE", help="speak TLS with this certificate (PEM)")
    add("--tls-key", type=Path, metavar="FILE", help="its private key (PEM)")
    add(
        "--tls-self-signed",
        nargs="?",
        const="",
        metavar="FILE",
        help="speak TLS with a new certificate, which is written to FILE for clients to trust",
    )


def tls_context(options: argparse.Namespace, host: str) -> ssl.SSLContext | None:
    """The context for TLS; None if no option asks for it. Raises UsageError, Unwritable."""
    files = (options.tls_cert, options.tls_key)
    if options.tls_self_signed is None and not any(files):
        return None
    # The library cryptography takes longer to load than the server to start.
    from tck.reference_server.http1 import tls  # noqa: PLC0415

    if options.tls_self_signed is not None:
        if any(files):
            raise UsageError("--tls-self-signed excludes --tls-cert and --tls-key")
        context, certificate = tls.self_signed(host)
        if options.tls_self_signed:
            disk.write_as_told(Path(options.tls_self_signed), certificate.encode(), PUBLIC)
        return context
    if not all(files):
        raise UsageError("--tls-cert and --tls-key belong together")
    for path in files:
        try:
            content = input_file.content(path, input_file.MOST_BY_HAND)
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}") from error
        if not content:  # or a pipe, which the ssl module would wait for
            raise UsageError(f"{path}: the file is empty")
    try:
        return tls.context(*files)
    except OSError as error:
        names = f"{options.tls_cert} and {options.tls_key}"
        raise UsageError(
            f"{names} are no certificate and its key, without password (PEM)"
        ) from error


def allow_files() -> int:
    """Raise the limit of open files to the most that the system allows; that number."""
    _, hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard_limit, hard_limit))
    soft_limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft_limit == resource.RLIM_INFINITY else soft_limit
