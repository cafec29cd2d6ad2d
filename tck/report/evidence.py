"""Evidence for people: what was sent and what came, with the wrong place marked.

The place of a finding is a path (XPath, JSON path) or a header field. To mark it, the text of the
body is searched for the element or member at that path: the reader must see the bytes that came,
not a document that was parsed and written again. Where the search fails, nothing is marked.
"""

from __future__ import annotations

import difflib
import re
from typing import Any

from lxml import etree
from markupsafe import Markup, escape

from tck.report.ledger import Finding
from tck.report.wording import visible

# Characters of a body that are shown: with a mark (so many of them before it), and without one.
_MOST, _BEFORE, _UNMARKED = 2400, 800, 700
# Characters; longer texts are shown without marks. Time grows with the third power of it.
_LONGEST_DIFF = 120
_SIMILAR = 0.5  # ratio of difflib from which differences are marked
_JSON_KEY = re.compile(r"(?<![\w-])([\w-]+)(?:\[\d+\])*$")
Span = tuple[int, int]


def sent(exchange: dict[str, Any]) -> str:
    """The request as it was sent: request line, header fields, body (from the JSON Lines form)."""
    request = exchange["request"]
    if "octets" in request:
        return "\n".join(visible(line) for line in request["octets"][:_MOST].split("\r\n"))
    lines = [f"{request['method']} {request['path']} HTTP/1.1", *_fields(request)]
    body = _cut(_body(request), None)[0] + _omitted(request)
    return "\n".join([*lines, "", body] if body else lines)


def received(finding: Finding) -> Markup:
    """The response as it came, with a mark where the finding is."""
    assert finding.exchange is not None
    response = finding.exchange["response"]
    if response["status"] is None:
        return Markup("<mark>{}</mark>").format(response.get("failure") or "no answer came")
    status = f"HTTP/1.1 {response['status']} {response['reason'] or ''}".rstrip()
    lines = [_marked_if(finding.place == "status", status)]
    for line in _fields(response):
        lines.append(_marked_if(line.lower().startswith(f"{finding.place.lower()}:"), line))
    body = _body(response)
    text, span = _cut(body, place_in(body, finding))
    text += _omitted(response)
    if failure := response.get("failure"):
        text += f"\n[{failure}]"
    return Markup("\n").join([*lines, "", _marked(text, span)] if text else lines)


def received_text(finding: Finding) -> str:
    """The same as plain text, without marks."""
    marked = str(received(finding)).replace("<mark>", "").replace("</mark>", "")
    return Markup(marked).unescape()


def _fields(side: dict[str, Any]) -> list[str]:
    return [visible(f"{name}: {value}") for name, value in side["headers"].items()]


def _body(side: dict[str, Any]) -> str:
    if "body_encoding" in side:
        return f"[{len(side['body']) * 3 // 4} bytes that are not text]"
    return "\n".join(visible(line) for line in (side["body"] or "").splitlines())


def _omitted(side: dict[str, Any]) -> str:
    return f"\n[{side['body_omitted']}]" if "body_omitted" in side else ""


def _cut(text: str, span: Span | None) -> tuple[str, Span | None]:
    """The part of a long text that is shown, and the span within that part."""
    most = _MOST if span else _UNMARKED
    if len(text) <= most:
        return text, span
    first = max(0, span[0] - _BEFORE) if span else 0
    head = "[...] " if first else ""
    tail = " [...]" if first + most < len(text) else ""
    part = head + text[first : first + most] + tail
    if span is None:
        return part, None
    moved = len(head) - first
    return part, (span[0] + moved, min(span[1] + moved, len(part) - len(tail)))


def _marked(text: str, span: Span | None) -> Markup:
    if span is None:
        return escape(text)
    first, last = span
    return Markup("{}<mark>{}</mark>{}").format(text[:first], text[first:last], text[last:])


def _marked_if(mark: bool, text: str) -> Markup:
    return _marked(text, (0, len(text)) if mark else None)


# ---------------------------------------------------------------- finding the place


def place_in(body: str, finding: Finding) -> Span | None:
    """The part of a body that a finding is about; None if it is elsewhere or not found."""
    if not finding.place or not body:
        return None
    if body.lstrip().startswith("<"):
        return _in_xml(body, finding.place)
    return _in_json(body, finding.place)


def _in_xml(body: str, place: str) -> Span | None:
    """Where the element or attribute is, or for one that is missing, the next that is above it."""
    if not place.startswith("/"):
        return None
    try:
        root = etree.fromstring(body.encode(), etree.XMLParser(resolve_entities=False))
        while place.strip("/"):
            path, _, attribute = place.partition("/@")
            found = root.xpath(f"({path})[1]")
            if isinstance(found, list) and found and isinstance(found[0], etree._Element):
                return _element(body, root, found[0], attribute)
            place = place.rpartition("/")[0]
    except (etree.XMLSyntaxError, etree.XPathError, ValueError):
        pass
    return None


def _element(body: str, root: Any, element: Any, attribute: str) -> Span | None:
    """The span of an element, or of its attribute, in the text that it was read from.

    Found by counting: the n-th element of a name has the n-th start tag of that name.
    """
    tag = element.tag if isinstance(element.tag, str) else ""
    before = next(n for n, e in enumerate(root.iter(element.tag)) if e is element)
    name = re.escape(tag.rpartition("}")[2])
    starts = list(re.finditer(rf"<(?:[\w.-]+:)?{name}(?=[\s/>])[^<>]*>", body))
    if before >= len(starts):
        return None
    start = starts[before]
    if attribute:
        match = re.search(rf"\b{re.escape(attribute)}\s*=\s*(\"[^\"]*\"|'[^']*')", start[0])
        if match:
            return start.start() + match.start(), start.start() + match.end()
        return start.span()
    if len(element) or start[0].endswith("/>"):
        return start.span()
    closing = body.find("</", start.end())
    end = body.find(">", closing) + 1 if closing >= 0 else start.end()
    return start.start(), end


def _in_json(body: str, place: str) -> Span | None:
    key = _JSON_KEY.search(place)
    match = key and re.search(
        rf"\"{re.escape(key[1])}\"\s*:\s*(\"(?:[^\"\\]|\\.)*\"|[^\s,\[\]{{}}]+)?", body
    )
    return match.span() if match else None


# ---------------------------------------------------------------- expected and got


def difference(expected: str, got: str) -> tuple[Markup, Markup]:
    """Both texts; if they are similar, the parts that differ are marked in each."""
    if max(len(expected), len(got)) > _LONGEST_DIFF:
        return escape(visible(expected)), escape(visible(got))
    one, other = visible(expected), visible(got)
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    if matcher.ratio() < _SIMILAR:
        return escape(one), escape(other)
    left, right = Markup(), Markup()
    for kind, a, b, c, d in matcher.get_opcodes():
        same = kind == "equal"
        left += escape(one[a:b]) if same or a == b else Markup("<ins>{}</ins>").format(one[a:b])
        right += (
            escape(other[c:d]) if same or c == d else Markup("<del>{}</del>").format(other[c:d])
        )
    return left, right
