"""Other ids: an id is opaque to clients, and any text that a URL can carry (A13, stance 47)."""

from __future__ import annotations

import json as stdlib_json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote

from lxml import etree

from tck.prove.altered.change import Change, in_document, in_request
from tck.prove.altered.messages import Answer, Asked
from tck.prove.altered.xml import serialised
from tck.prove.variants.variant import Variants

_LOCATORS = ("href", "url")
_KINDS = (
    "inst",
    "inst-",
    "img",
    "vol",
    "volume_",
    "snap",
    "store_snapshot_",
    "net",
    "subnet",
    "nic",
)
_OWN = re.compile(rf"({'|'.join(sorted(_KINDS, key=len, reverse=True))})([0-9a-f]{{8}}|\d+)")
_FIXTURES = 1000  # have lower numbers; what is made later has 8 hex digits


@dataclass(frozen=True)
class _Naming:
    """Ids as this server calls them, from those that the reference server has, and back."""

    new: Callable[[str, str], str]
    old: Callable[[str], str | None]

    def outward(self, text: str) -> str:
        hit = _OWN.fullmatch(text)
        return self.new(hit[1], hit[2]) if hit else text

    @lru_cache(maxsize=4096)  # noqa: B019 - namings live as long as the program
    def outward_in_url(self, url: str) -> str:
        """Every segment of a path, and every matrix parameter, that is an id."""
        head, query, tail = url.partition("?")
        parts = re.split(r"([/;=])", head)
        return "".join(self._segment(part, self.outward) for part in parts) + query + tail

    @lru_cache(maxsize=4096)  # noqa: B019
    def inward_in_url(self, url: str) -> str:
        parts = re.split(r"([/;=])", url)
        return "".join(self._segment(part, lambda text: self.old(text) or text) for part in parts)

    @staticmethod
    def _segment(part: str, rename: Callable[[str], str]) -> str:
        plain = unquote(part)
        named = rename(plain)
        return part if named == plain else quote(named, safe="")

    # ------------------------------------------------------------ documents

    def xml(self, answer: Answer) -> None:
        root = etree.fromstring(answer.body)
        for element in root.iter(etree.Element):
            for name, value in element.attrib.items():
                rename = self.outward_in_url if name in _LOCATORS else self.outward
                element.set(name, rename(str(value)))
            if element.text and not len(element) and element.tag != "name":
                element.text = self.outward(element.text)
        answer.body = serialised(root)

    def json(self, answer: Answer) -> None:
        value = self._in_json(stdlib_json.loads(answer.body), "")
        answer.body = stdlib_json.dumps(value, separators=(",", ":")).encode()

    def _in_json(self, value: Any, key: str) -> Any:
        if isinstance(value, dict):
            return {name: self._in_json(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._in_json(inner, key) for inner in value]
        if isinstance(value, str) and key != "name":
            return (self.outward_in_url if key in _LOCATORS else self.outward)(value)
        return value

    # ------------------------------------------------------------ requests and answers

    def change_request(self, asked: Asked) -> None:
        """Put the ids of the reference server into path and parameters."""
        raw = asked.environ.get("REQUEST_URI") or quote(asked.environ["PATH_INFO"])
        asked.divert(self.inward_in_url(raw.partition("?")[0]))
        asked.rewrite(lambda sent: {name: self.old(v) or v for name, v in sent.items()})

    def change_answer(self, _asked: Asked, answer: Answer) -> None:
        """Put the ids of this server into document and Location."""
        if answer.body and answer.format in ("xml", "json"):
            (self.xml if answer.format == "xml" else self.json)(answer)
        if location := answer.get("Location"):
            answer.set("Location", self.outward_in_url(location))


def _renamed(text: str, new: Callable[[str, str], str], old: Callable[[str], str | None]) -> Change:
    naming = _Naming(new, old)
    return Change(
        text,
        request=in_request("*", text, naming.change_request).request,
        document=in_document("* !*", text, naming.change_answer).document,
    )


def _framed(before: str, after: str) -> Change:
    """Put texts before and after the ids of the reference server."""

    def old(text: str) -> str | None:
        inner = text[len(before) : len(text) - len(after)]
        return inner if text == before + inner + after and _OWN.fullmatch(inner) else None

    return _renamed(
        f"ids look like {before}inst1{after}",
        lambda kind, number: before + kind + number + after,
        old,
    )


def _value(number: str) -> int:
    return int(number, 16) + _FIXTURES if len(number) == 8 else int(number)


def _digits(value: int) -> str:
    return str(value) if value < _FIXTURES else f"{value - _FIXTURES:08x}"


def _number(kind: str, number: str) -> str:
    return f"{_KINDS.index(kind) + 1:02d}{_value(number):012d}"


def _from_number(text: str) -> str | None:
    if not re.fullmatch(r"\d{14}", text) or not 0 < int(text[:2]) <= len(_KINDS):
        return None
    return f"{_KINDS[int(text[:2]) - 1]}{_digits(int(text[2:]))}"


def _uuid(kind: str, number: str) -> str:
    return f"{_KINDS.index(kind) + 1:08x}-1c5b-4d0e-8f00-{_value(number):012x}"


def _from_uuid(text: str) -> str | None:
    hit = re.fullmatch(r"([0-9a-f]{8})-1c5b-4d0e-8f00-([0-9a-f]{12})", text)
    return f"{_KINDS[int(hit[1], 16) - 1]}{_digits(int(hit[2], 16))}" if hit else None


_SOURCE = "A13, C13: an id is what the server says it is; stance 47: percent-encoded in hrefs"

variant = Variants()

variant("ids-numeric", _SOURCE, _renamed("ids are numbers", _number, _from_number))
variant("ids-uuid", _SOURCE, _renamed("ids are UUIDs", _uuid, _from_uuid))
variant("ids-with-points-and-dashes", _SOURCE, _framed("a.b-c_", ".d~e"))
variant("ids-like-rules", _SOURCE, _framed("mockuser~", "~@address,ipv4:10.0.0.1,(1)!$*'+"))
variant("ids-with-blanks", _SOURCE, _framed("my own ", " (new)"))
variant("ids-with-slashes", _SOURCE, _framed("eu/west/", "/a"))
variant("ids-with-percent-signs", _SOURCE, _framed("100%-", "%41?x=1#y&z"))
variant("ids-in-other-scripts", _SOURCE, _framed("räume-雲-", "-😀"))
variant("ids-in-upper-case", _SOURCE, _framed("I-", "-ABC"))
variant("ids-long", _SOURCE, _framed("x" * 100, "y" * 80))
