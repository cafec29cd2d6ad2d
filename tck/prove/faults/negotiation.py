"""Formats: the wrong one, or none where there is one."""

from __future__ import annotations

import re

from tck.prove.altered import http, requests
from tck.prove.altered.change import in_document
from tck.prove.altered.messages import Answer, Asked
from tck.prove.faults.fault import fault


def _only(media_type: str) -> requests.Accept:
    return lambda _: media_type


def _first(accept: str | None) -> str | None:
    """The first entry, without its quality."""
    return accept and re.sub(r"\s*;\s*q=[\d.]+", "", accept.split(",")[0])


def _last(accept: str | None) -> str | None:
    return accept and re.sub(r"\s*;\s*q=[\d.]+", "", accept.split(",")[-1])


def _without_qualities(accept: str | None) -> str | None:
    return accept and re.sub(r"\s*;\s*q=[\d.]+", "", accept)


def _not(pattern: str) -> requests.Answerer:
    """406 for an Accept that fits a pattern."""

    def act(asked: Asked) -> Answer | None:
        hit = re.search(pattern, asked.header("Accept") or "")
        return Answer(406, [("Content-Type", "text/plain")], b"not acceptable") if hit else None

    return act


def _any_known(accept: str | None) -> str | None:
    return accept if accept and re.search("xml|json|html|\\*/\\*", accept) else "application/xml"


def _inverse(accept: str | None) -> str | None:
    """Prefers what has the lower quality."""
    return accept and re.sub(r"q=(0\.\d+)", lambda hit: f"q={1 - float(hit[1]):.3f}", accept)


def _named_type(asked: Asked, answer: Answer) -> None:
    if "text/xml" in (asked.header("Accept") or "") and answer.format == "xml":
        answer.set("Content-Type", "application/json")


def _extension(asked: Asked) -> str | None:
    return asked.path.removesuffix(".xml") if asked.path.endswith(".xml") else None


def _created_then_refused(asked: Asked) -> None:
    """Create first, find the format missing afterwards."""
    if "x-tck" in (asked.header("Accept") or ""):
        asked.memory["refuse"] = True
        asked.set_header("Accept", "application/xml")


def _refuse_now(asked: Asked, answer: Answer) -> None:
    if asked.memory.pop("refuse", False):
        answer.replace(406, "not acceptable")


_NO_PAGE = "<html><body>images</body></html>"

FAULTS = [
    fault(
        "json-without-accept",
        "DC-NEG-001",
        requests.accept(
            "*", "answers in JSON where nothing is asked for", lambda v: v or "application/json"
        ),
    ),
    fault(
        "no-accept-406",
        "DC-NEG-001",
        requests.instead(
            "*",
            "answers 406 where nothing is asked for",
            lambda a: None if a.header("Accept") else Answer(406, [], b""),
        ),
    ),
    fault(
        "always-json",
        "DC-NEG-002",
        requests.accept("*.index *.show", "answers in JSON always", _only("application/json")),
    ),
    fault(
        "always-xml",
        "DC-NEG-003",
        requests.accept("*", "answers in XML always", _only("application/xml")),
    ),
    fault(
        "realms-in-xml-only",
        "DC-NEG-003",
        requests.accept("realms.*", "answers in XML always", _only("application/xml")),
    ),
    fault(
        "created-in-xml-only",
        "DC-NEG-003",
        requests.accept("*.create", "answers creates in XML always", _only("application/xml")),
    ),
    fault(
        "json-406",
        "DC-NEG-003",
        requests.instead("*.index", "answers 406 to JSON", _not("^application/json$")),
    ),
    fault(
        "json-called-text",
        "DC-NEG-003",
        http.field("*.index", "Content-Type", lambda v: "text/json" if "json" in v else None),
    ),
    fault(
        "xml-called-text",
        "DC-NEG-002",
        http.field("realms.index", "Content-Type", lambda v: "text/plain" if "xml" in v else None),
    ),
    fault(
        "text-xml-406",
        "DC-NEG-004",
        requests.instead("*", "answers 406 to text/xml", _not("^text/xml")),
    ),
    fault(
        "text-xml-in-json",
        "DC-NEG-004",
        requests.accept(
            "*",
            "takes text/xml for JSON",
            lambda v: v and v.replace("text/xml", "application/json"),
        ),
    ),
    fault("first-type-wins", "DC-NEG-005", requests.accept("*", "takes the first type", _first)),
    fault("last-type-wins", "DC-NEG-005", requests.accept("*", "takes the last type", _last)),
    fault(
        "qualities-ignored",
        "DC-NEG-005",
        requests.accept("*", "ignores quality values", _without_qualities),
    ),
    fault(
        "qualities-inverted",
        "DC-NEG-005",
        requests.accept("*", "prefers the lowest quality", _inverse),
    ),
    fault(
        "json-beats-quality",
        "DC-NEG-005",
        requests.accept(
            "*",
            "gives JSON whenever it is named",
            lambda v: "application/json" if v and "json" in v else v,
        ),
    ),
    fault(
        "quality-nought-given",
        "DC-NEG-006",
        requests.accept(
            "*",
            "gives what has quality 0",
            lambda v: "application/xml" if v and v.startswith("application/xml;q=0,") else v,
        ),
    ),
    fault(
        "unknown-type-406",
        "DC-NEG-007",
        requests.instead("*", "answers 406 if any type is unknown", _not("text/plain,|x-tck,")),
    ),
    fault(
        "wildcard-of-application-406",
        "DC-NEG-008",
        requests.instead("*", "answers 406 to application/*", _not(r"^application/\*$")),
    ),
    fault(
        "wildcard-of-text-406",
        "DC-NEG-008",
        requests.instead("*", "answers 406 to text/*", _not(r"^text/\*$")),
    ),
    fault(
        "type-with-charset-406",
        "DC-NEG-008",
        requests.instead("*", "answers 406 to a type with charset", _not("charset=")),
    ),
    fault(
        "any-type-406", "DC-NEG-009", requests.instead("*", "answers 406 to */*", _not(r"^\*/\*$"))
    ),
    fault(
        "unacceptable-in-xml",
        "DC-NEG-010 DC-NEG-016",
        requests.accept("*", "answers in XML where nothing fits", _any_known),
    ),
    fault("unacceptable-400", "DC-NEG-010", http.on_status("!*", 406, 400)),
    fault("unacceptable-415", "DC-NEG-010", http.on_status("!*", 406, 415)),
    fault("unacceptable-500", "DC-NEG-010", http.on_status("!*", 406, 500)),
    fault("format-ignored", "DC-NEG-011 DC-NEG-012 DC-NEG-013", requests.ignore("*", "format")),
    fault(
        "format-loses-to-accept",
        "DC-NEG-011",
        requests.divert(
            "*",
            "drops format where Accept is sent",
            lambda a: (
                setattr(a, "query", {k: v for k, v in a.query.items() if k != "format"})
                if a.header("Accept")
                else None
            ),
        ),
    ),
    fault(
        "format-xml-only",
        "DC-NEG-011",
        requests.replace(
            "*.index",
            "knows format=xml only",
            lambda g: {**g, "format": "xml"} if "format" in g else g,
        ),
    ),
    fault("format-ignored-on-post", "DC-NEG-012", requests.ignore("*.create", "format")),
    fault(
        "format-unknown-in-xml",
        "DC-NEG-013",
        requests.replace(
            "*",
            "takes unknown formats for XML",
            lambda g: (
                {**g, "format": "xml"} if g.get("format") not in (None, "json", "html") else g
            ),
        ),
    ),
    fault(
        "format-unknown-500",
        "DC-NEG-013",
        in_document(
            "!*",
            "fails on unknown formats",
            lambda a, x: x.replace(500) if "format" in a.query else None,
        ),
    ),
    fault(
        "type-case-matters",
        "DC-NEG-014",
        requests.instead("*", "knows types in lower case only", _not("[A-Z]")),
    ),
    fault(
        "page-in-xml",
        "DC-NEG-015",
        requests.accept(
            "realms.index",
            "sends XML to those who take pages alone",
            lambda v: "application/xml" if v == "text/html" else v,
        ),
    ),
    fault(
        "page-without-doctype",
        "DC-NEG-015",
        in_document(
            "* !*",
            "sends a page without DOCTYPE",
            lambda a, x: (
                x.replace(200, _NO_PAGE, "text/html")
                if (a.header("Accept") or "") == "text/html"
                else None
            ),
        ),
    ),
    fault(
        "blanks-around-quality-406",
        "DC-NEG-017",
        requests.instead("*", "knows no blanks around q", _not(r" ;|; q")),
    ),
    fault(
        "extension-chooses-format",
        "DC-NEG-018",
        requests.divert("*.show", "takes .xml off ids", _extension),
    ),
    fault(
        "creates-before-406",
        "DC-NEG-019",
        requests.changed(
            "keys.create buckets.create", "creates in any format", _created_then_refused
        ),
        in_document("*.create", "refuses the format afterwards", _refuse_now),
    ),
    fault(
        "text-xml-labelled-json",
        "DC-NEG-004",
        in_document("*.index api.show", "labels text/xml as JSON", _named_type),
    ),
]
