"""Rules on answers that report a failure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from tck.endpoint.accept import wanted_format
from tck.endpoint.exchange import Exchange, without_matrix
from tck.rules.engine import rule
from tck.rules.judgement import Judgement, described, equal, holds, one_of, present
from tck.rules.reading import text
from tck.schemas.documents import xml_problems

# What servers in Ruby, Java, Go and Python write when their own code fails.
_CRASH = re.compile(
    r"undefined (local variable or )?method|uninitialized constant|wrong constant name|NilClass"
    r"|\bNo(Method|Name)Error\b|Traceback \(most recent call last\)|NullPointerException"
    r"|\bjava\.lang\.|\bgoroutine \d+ \[|Unhandled exception|rb_sysopen"
    r"|illegal/malformed utf-8|from ASCII-8BIT to UTF-8"
    r"|\b(Attribute|Key|Index|Type|Name|Value)Error\b|\bRuntimeError\b"
)
_TRACE_LINE = re.compile(
    r":\d++:in [`']|^[ \t]*+at [\w.$<>]++\(|File \"[^\"\n]++\", line \d", re.MULTILINE
)


def _is_failure(x: Exchange) -> bool:
    return x.status >= 400


@rule("DC-ERR-010")
def no_crash(x: Exchange) -> Iterator[Judgement]:
    """No request breaks the server.

    A 5xx is legal where the backend failed. It is wrong if its words are those of a programming
    error in the server; a 5xx without such words is not judged.
    """
    if x.response is None:
        return
    expected = "an answer that does not come from a programming error"
    if x.status < 500:
        yield holds("DC-ERR-010", "status", expected, x.status, x.status < 500)
        return
    words = x.body[:20_000].decode("utf-8", "replace")
    if crash := _CRASH.search(words):
        got = {x.status: words[max(0, crash.start() - 60) : crash.end() + 60]}
        yield holds("DC-ERR-010", "body", expected, got, False)


@rule("DC-ERR-001", "DC-ERR-002", "DC-ERR-003", "DC-ERR-004", "DC-ERR-011", evidence="document")
def xml_document(x: Exchange) -> Iterator[Judgement]:
    """An XML error document has what clients read from it (C24, T236)."""
    root = x.xml
    if not _is_failure(x) or root is None:
        return
    backend = root.find("backend")
    if root.tag == "error":
        message = text(root, "message")
        if message is not None:
            expected = "an element backend beside message"
            yield present("DC-ERR-001", "/error/backend", expected, backend)
        yield present("DC-ERR-003", "/error/message", "a message for people", message)
    if root.tag == "error" and (status := root.get("status")) is not None:
        yield equal("DC-ERR-002", "/error/@status", str(x.status), status)
    if backend is not None:
        ok = bool(backend.get("driver") and backend.get("provider"))
        expected = "attributes driver and provider"
        yield holds("DC-ERR-004", "/error/backend", expected, backend, ok)
    others = ("error/backend", "error/message")
    problems = [p for p in xml_problems(root, "error") if p.part not in others]
    yield from described("DC-ERR-011", "error", 1, problems)


@rule("DC-ERR-005", "DC-ERR-009", evidence="document")
def backtrace(x: Exchange) -> Iterator[Judgement]:
    """A backtrace is left out, or at least not empty (C24), and shows no stack (B21).

    Recorders empty it; where Content-Length shows that one did, nothing is judged.
    """
    root = x.xml
    if not _is_failure(x) or root is None or root.tag != "error" or x.edited:
        return
    place, trace = "/error/backtrace", root.find("backtrace")
    filled = trace is None or trace.text is not None or len(trace) > 0
    yield holds("DC-ERR-005", place, "no such element, or one with text", trace, filled)
    stack = "" if trace is None else trace.text or ""
    yield holds("DC-ERR-009", place, "no stack trace", stack, not _TRACE_LINE.search(stack))


@rule("DC-ERR-006", "DC-ERR-007", "DC-ERR-012", evidence="document")
def codes(x: Exchange) -> Iterator[Judgement]:
    """Code and url of an error document are those of the answer; in JSON it has a message."""
    if not _is_failure(x):
        return
    root = x.xml
    if root is not None and root.tag == "error":
        if (code := text(root, "code")) is not None:
            yield equal("DC-ERR-006", "/error/code", str(x.status), code)
        if (url := root.get("url")) is not None:
            path = unquote(re.sub(r"^https?://[^/]+", "", url).split("?")[0].rstrip("/"))
            requested = unquote(x.request.path).rstrip("/")
            yield one_of("DC-ERR-012", "/error/@url", {requested, without_matrix(requested)}, path)
    elif isinstance(x.json, dict):
        got = {name: x.json.get(name) for name in ("code", "message")}
        code, message = got.values()
        ok = isinstance(code, int) and isinstance(message, str) and message.strip() != ""
        yield holds("DC-ERR-007", "code", "an integer code and a message", got, ok)
        if isinstance(code, int):
            yield equal("DC-ERR-006", "code", x.status, code)


@rule("DC-ERR-008")
def negotiated(x: Exchange) -> Iterator[Judgement]:
    """A failure is reported in the format that was asked for."""
    format_ = wanted_format(x)
    if not _is_failure(x) or x.status == 406 or format_ not in ("xml", "json"):
        return
    if x.response is None or x.response.body == b"" or x.request.method == "HEAD":
        return
    expected = f"an error document in {format_.upper()}"
    got = {"status": x.status, "media type": x.media_type}
    yield holds("DC-ERR-008", "Content-Type", expected, got, x.format == format_)
