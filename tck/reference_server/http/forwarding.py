"""X-Forwarded-*: scheme and authority that a proxy's client used."""

from __future__ import annotations

from tck.reference_server.http.request import Environ

_PORTS = {"http": "80", "https": "443"}


def restore(environ: Environ) -> None:
    """Put scheme and authority of the proxy's client into the environ, as hrefs need them.

    `X-Forwarded-Host`, `-Proto` and `-Port` may hold a list. The last entry counts: it is that of
    the nearest proxy, and any before it may come from the client.
    """
    scheme, host, port = (_last(environ, name) for name in ("PROTO", "HOST", "PORT"))
    if scheme.lower() in _PORTS:
        environ["wsgi.url_scheme"] = scheme.lower()
    if host:
        default = _PORTS[environ["wsgi.url_scheme"]]
        complete = ":" in host.rpartition("]")[2] or not port.isdigit() or port == default
        environ["HTTP_HOST"] = host if complete else f"{host}:{port}"


def _last(environ: Environ, name: str) -> str:
    value: str = environ.get(f"HTTP_X_FORWARDED_{name}", "")
    return value.rpartition(",")[2].strip()
