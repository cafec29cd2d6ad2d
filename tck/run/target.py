"""Where a run goes: to an endpoint, or to a server in this process.

The embedded server is a mock, or a bridge to an actual cloud.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from tck.checks.support.session import BadEndpoint, Options


@contextmanager
def reached(wanted: Options) -> Iterator[tuple[str, Options]]:
    """The base URL, and the options with the credentials that it takes. Raises BadEndpoint."""
    if wanted.endpoint is not None:
        yield wanted.endpoint, wanted
        return
    from tck.reference_server.embedded import embedded, unserved  # noqa: PLC0415  (only if needed)

    options: dict[str, Any] = {"driver": wanted.persona, "provider": wanted.provider}
    if wanted.cloud:
        options |= {"user": wanted.user, "password": wanted.password}
    with ExitStack() as stack:
        try:
            if wanted.quick:
                server, app = unserved(**options)
            else:
                server, app = stack.enter_context(embedded(**options)), None
        except (LookupError, ValueError) as error:
            raise BadEndpoint(str(error), 2) from error
        yield server.url, replace(wanted, user=server.user, password=server.password, app=app)
