"""Where requests name objects by their ids, and the same requests with other ids."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote


def is_about(url: str, body: bytes | None, id_: str) -> bool:
    """Whether a request names something by its id: in the path, or in a parameter for ids."""
    other = {quote(id_, safe=""): "\0"}
    return in_url(url, other) != url or (body or b"") != in_form(body or b"", other)


def in_url(url: str, others: Mapping[str, str]) -> str:
    """An absolute URL with other ids in it; both are percent-encoded."""
    path, question, query = url.partition("?")
    segments = path.split("/")
    for number, segment in enumerate(segments[3:], 3):
        id_, semicolon, rest = segment.partition(";")
        segments[number] = others.get(id_, id_) + semicolon + rest
    return "/".join(segments) + question + _in_parameters(query, others)


def in_form(body: bytes, others: Mapping[str, str]) -> bytes:
    """An urlencoded body with other ids in it."""
    if not any(id_.encode() in body for id_ in others):
        return body
    try:
        return _in_parameters(body.decode("ascii"), others).encode()
    except UnicodeDecodeError:
        return body


def _in_parameters(text: str, others: Mapping[str, str]) -> str:
    parts = text.split("&")
    for number, part in enumerate(parts):
        name, equals, value = part.partition("=")
        if name.endswith(("_id", "_ids")) or name in ("id", "keyname") or "firewalls" in name:
            parts[number] = name + equals + others.get(value, value)
    return "&".join(parts)
