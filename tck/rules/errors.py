"""Rules on answers that tell of a failure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from lxml import etree

from tck.endpoint.accept import wanted
from tck.endpoint.exchange import Exchange, without_matrix
from tck.rules.engine import Judgement, rule
from tck.rules.reading import shown, text
from tck.schemas.documents import xml_problems

# What servers written in usual languages say when their own code broke.
_CRASH = re.compile(
    r"undefined (local variable or )?method|uninitialized constant|wrong constant name|NilClass"
    r"|\bNo(Method|Name)Error\b|Traceback \(most recent call last\)|NullPointerException"
    r"|\bjava\.lang\.|\bgoroutine \d+ \[|Unhandled exception|rb_sysopen"
    r"|source sequence\b.*\b(illegal|malformed)|from ASCII-8BIT to UTF-8"
    r"|\b(Attribute|Key|Index|Type|Name|Value)Error\b|\bRuntimeError\b"
)
_TRACE_LINE = re.compile(r":\d+:in [`']|^\s*at [\w.$<>]+\(|File \".+\", line \d+", re.MULTILINE)


def _is_failure(x: Exchange) -> bool:
    return x.status >= 400


@rule("DC-ERR-010")
def no_crash(x: Exchange) -> Iterator[Judgement]:
    """No request breaks the server.

    A 5xx that reports a failure of the backend is legal; what convicts is the server's own
    words. A 5xx without telling words is not judged.
    """
    if x.response is None:
        return
    if x.status < 500:
        yield Judgement("DC-ERR-010", True)
    elif hit := _CRASH.search(_words(x)):
        start = max(0, hit.start() - 60)
        said = shown(_words(x)[start : hit.end() + 60])
        expected = "an answer that does not come from a programming error"
        yield Judgement("DC-ERR-010", False, "body", expected, f"{x.status}: {said}")


def _words(x: Exchange) -> str:
    return x.body[:20_000].decode("utf-8", "replace")


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
            yield Judgement("DC-ERR-001", backend is not None, "/error/backend", expected, "none")
        got = "none" if message is None else "an empty one"
        expected = "a message for people"
        yield Judgement("DC-ERR-003", bool(message), "/error/message", expected, got)
    if root.tag == "error" and (status := root.get("status")) is not None:
        expected = str(x.status)
        yield Judgement("DC-ERR-002", status == expected, "/error/@status", expected, shown(status))
    if backend is not None:
        right = bool(backend.get("driver")) and bool(backend.get("provider"))
        got = etree.tostring(backend, encoding="unicode").strip()
        yield Judgement(
            "DC-ERR-004", right, "/error/backend", "attributes driver and provider", shown(got)
        )
    problems = xml_problems(root, "error")
    yield Judgement("DC-ERR-011", True)
    for problem in problems:
        if problem.part not in ("error/backend", "error/message"):
            yield Judgement("DC-ERR-011", False, problem.place, problem.expected, problem.got)


@rule("DC-ERR-005", "DC-ERR-009", evidence="document")
def backtrace(x: Exchange) -> Iterator[Judgement]:
    """Backtrace is left out, or at least not empty (C24); it shows no stack (B21).

    Recorders empty it; where Content-Length tells of that, nothing is judged.
    """
    root = x.xml
    if not _is_failure(x) or root is None or root.tag != "error" or x.edited:
        return
    trace = root.find("backtrace")
    empty = trace is not None and trace.text is None and len(trace) == 0
    yield Judgement(
        "DC-ERR-005", not empty, "/error/backtrace", "no such element, or one with text", "empty"
    )
    said = "" if trace is None else trace.text or ""
    yield Judgement(
        "DC-ERR-009",
        not _TRACE_LINE.search(said),
        "/error/backtrace",
        "no stack trace",
        shown(said),
    )


@rule("DC-ERR-006", "DC-ERR-007", "DC-ERR-012", evidence="document")
def codes(x: Exchange) -> Iterator[Judgement]:
    """Code, message and url of an error document are those of the answer."""
    if not _is_failure(x):
        return
    root = x.xml
    if root is not None and root.tag == "error":
        if (code := text(root, "code")) is not None:
            right = code == str(x.status)
            yield Judgement("DC-ERR-006", right, "/error/code", str(x.status), shown(code))
        if (url := root.get("url")) is not None:
            said = unquote(re.sub(r"^https?://[^/]+", "", url).split("?")[0].rstrip("/"))
            asked = unquote(x.request.path).rstrip("/")
            right = said in (asked, without_matrix(asked))
            yield Judgement("DC-ERR-012", right, "/error/@url", asked, shown(url))
    elif isinstance(x.json, dict):
        code, message = x.json.get("code"), x.json.get("message")
        whole = isinstance(code, int) and isinstance(message, str) and bool(message.strip())
        expected = "an integer code and a message"
        got = f"code {code!r}, message {message!r}"
        yield Judgement("DC-ERR-007", whole, "code", expected, shown(got))
        if isinstance(code, int):
            yield Judgement("DC-ERR-006", code == x.status, "code", str(x.status), str(code))


@rule("DC-ERR-008")
def negotiated(x: Exchange) -> Iterator[Judgement]:
    """A failure is told in the format that was asked for."""
    format_ = wanted(x)
    if not _is_failure(x) or x.status == 406 or format_ not in ("xml", "json"):
        return
    if x.response is None or x.response.body == b"" or x.request.method == "HEAD":
        return
    expected = f"an error document in {format_.upper()}"
    got = f"{x.status} with {x.media_type or 'no media type'}"
    yield Judgement("DC-ERR-008", x.format == format_, "Content-Type", expected, got)
