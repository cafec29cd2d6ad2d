"""Exchanges made by hand, and the recorded ones, for the tests of everything that reads them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from tck.endpoint import files
from tck.endpoint.exchange import Exchange, Headers, Request, Response

RECORDINGS = sorted((Path(__file__).parents[1] / "recordings").glob("*.jsonl"))
BASE = "http://127.0.0.1:3001/api"
MEDIA = {"xml": "application/xml", "json": "application/json", "html": "text/html"}


@cache
def recorded() -> tuple[Exchange, ...]:
    """Every recorded exchange of the original, in order."""
    return tuple(x for path in RECORDINGS for x in files.read(path))


def exchange(
    path: str = "",
    body: bytes | str | None = b"",
    *,
    method: str = "GET",
    status: int = 200,
    format: str = "xml",  # noqa: A002
    sent: Mapping[str, str] | tuple[tuple[str, str], ...] = (),
    form: bytes | None = None,
    fields: Mapping[str, str] | tuple[tuple[str, str], ...] = (),
    **more: object,
) -> Exchange:
    """An exchange whose request accepts `format` and whose answer claims to be in it.

    `sent` and `fields` are header fields of request and response beside those.
    """
    content = body.encode() if isinstance(body, str) else body
    asked = Headers(sent)
    if "Accept" not in asked:
        asked = Headers((("Accept", MEDIA[format]), *asked))
    came = Headers(fields)
    if content and "Content-Type" not in came:
        came = Headers((("Content-Type", MEDIA[format]), *came))
    base = str(more.pop("base", BASE))
    return Exchange(
        id=str(more.pop("id", "x1")),
        request=Request(method, base + path, asked, form),
        response=Response(status, "", came, content),
        base=base,
        **more,  # type: ignore[arg-type]
    )
