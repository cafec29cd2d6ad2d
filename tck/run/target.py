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
def open_target(options: Options) -> Iterator[tuple[str, Options]]:
    """The base URL, and the options with the credentials that it accepts. Raises BadEndpoint.

    Without an endpoint a server is started, and stopped at the end.
    """
    if options.endpoint is not None:
        yield options.endpoint, options
        return
    from tck.reference_server.embedded import embedded, unserved  # noqa: PLC0415  (only if needed)

    settings: dict[str, Any] = {"driver": options.persona, "provider": options.provider}
    if options.other and not options.cloud:
        settings["other"] = (options.other.user, options.other.password)
    if options.cloud:
        settings |= {"user": options.user, "password": options.password}
    with ExitStack() as stack:
        try:
            if options.quick:
                server, app = unserved(**settings)
            else:
                server, app = stack.enter_context(embedded(**settings)), None
        except (LookupError, ValueError) as error:
            raise BadEndpoint(str(error), 2) from error
        yield server.url, replace(options, user=server.user, password=server.password, app=app)
