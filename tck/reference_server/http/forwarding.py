"""What a proxy says of the request that it was sent (recorded exchange api.xforwarded)."""

from __future__ import annotations

from tck.reference_server.http.request import Environ

_PORTS = {"http": "80", "https": "443"}


def restore(environ: Environ) -> None:
    """Make scheme and authority those that the proxy's client used: hrefs are made of them.

    `X-Forwarded-Host`, `-Proto` and `-Port` may hold a list; the last entry is that of the
    proxy nearest to the server, the only one that is known to be honest.
    """
    scheme, host, port = (_last(environ, name) for name in ("PROTO", "HOST", "PORT"))
    if scheme.lower() in _PORTS:
        environ["wsgi.url_scheme"] = scheme.lower()
    if host:
        usual = _PORTS[environ["wsgi.url_scheme"]]
        named = ":" in host.rpartition("]")[2] or not port.isdigit() or port == usual
        environ["HTTP_HOST"] = host if named else f"{host}:{port}"


def _last(environ: Environ, name: str) -> str:
    value: str = environ.get(f"HTTP_X_FORWARDED_{name}", "")
    return value.rpartition(",")[2].strip()
