"""Where secrets stand that nobody was told: passwords, private keys, user data, Basic credentials.

`Places.spans` finds them in one decoded form of a text. Each search goes on behind what was found,
what is not closed goes to the end, and no pattern can be matched in more ways than a bounded
number, so that a text can only cost its length.
"""

from __future__ import annotations

import re
from binascii import a2b_base64
from collections.abc import Collection, Iterator
from functools import cache

from tck.endpoint.decoding import OVERLAP, Span, TooMuch, View

HIDDEN = b"[redacted]"
# As they are in folded text (`folded`); so are the patterns here, if not for values.
_NAMES = (b"pem", b"pem/rsa/key", b"password", b"passwd", b"private/key", b"user/data")
_NAMED = {
    name: re.compile(
        name + rb"(?:(?P<tag>(?:\s[^<>]*+)?(?<!/)>)"
        # JSON, attributes, and what programs print: "password": "x", password='x', :password=>"x"
        rb"|[\"']?\s*+(?:=>|[:=])\s*+b?(?P<quote>[\"'])"
        rb"|(?P<value>[\"']\s*+:\s*+(?=[\d ])|=(?=[^&\s\"'<>])))"
    )
    for name in _NAMES
}
_BEFORE_TAG = re.compile(rb"<(?:[\w./ ]{1,40}:)?\Z")
_TAG_END = {name: re.compile(rb"</(?:[\w./ ]{1,40}:)?" + name + rb"\s*+>") for name in _NAMES}
_VALUE = re.compile(rb"[^&\s\"'<>,}]*+")
_STRING = {
    b'"': re.compile(rb"[^\"\\]*+(?:\\.[^\"\\]*+)*+", re.DOTALL),
    b"'": re.compile(rb"[^'\\]*+(?:\\.[^'\\]*+)*+", re.DOTALL),
}
_BASIC = re.compile(rb"basic[\s:]{1,4}")
_PAIR = re.compile(rb"[A-Za-z0-9+/_-]{2,}+={0,2}")
_KEY = re.compile(rb" {5}begin[ a-z]{0,40}private key[ a-z]{0,10} {5}")
_KEY_END = re.compile(rb"-----END[^-]{0,60}-----")
_USER = re.compile(rb"://(?P<user>[^\s/@:\"'<>]{0,256}+:[^\s/@\"'<>]{0,256}+)@")
# Around a secret that is too short, or too ordinary, to be replaced everywhere.
_BEFORE_WEAK = (
    rb"(?:pass(?:word|wd|phrase)?|pwd|secret|token|credentials?|basic)"
    rb"(?:[\s\"'=:>(\[]|&quot;|is\s|was\s){1,8}"
)
_COMMON = """
access account admin administrator answer changeme client cloud conformant connection content
default deltacloud endpoint exchange expected failed finding guest header letmein location
manager master passed password private public qwerty reason redacted report request requirement
response secret server service status system tester testing violated welcome
"""


@cache
def _words() -> frozenset[str]:
    """Words of the API, of which documents and reports are made."""
    from importlib import resources  # noqa: PLC0415 - needed once there is a secret

    folder = resources.files("tck.schemas")
    texts = (folder.joinpath(n).read_text("utf-8") for n in ("operations.toml", "deltacloud.xsd"))
    return frozenset(re.findall(r"[a-z]+", " ".join([*texts, _COMMON]).lower()))


def is_weak(secret: str) -> bool:
    """True for a secret that would be found everywhere: of a few letters, or an ordinary word."""
    return len(secret) < 6 or secret.lower() in _words()


class Places:
    """Finds secrets by where they stand."""

    def __init__(self, weak: Collection[str] = ()) -> None:
        """`weak`: secrets that are replaced only as whole words next to a word for them."""
        words = b"|".join(re.escape(secret.encode()) for secret in weak)
        self._weak = re.compile(_BEFORE_WEAK + b"(" + words + rb")(?!\w)", re.I) if words else None

    def spans(self, view: View, folded: bytes) -> Iterator[Span]:
        """Spans of `view.data`; `folded`: the same as it is searched. Raises TooMuch."""
        data = view.data
        for span in _openings(data, folded):
            first, last = span
            if last < 0:  # not closed
                last = len(data)
                if view.goes_on and first < last - OVERLAP:
                    raise TooMuch
            if data[first:last].strip() not in (b"", HIDDEN):
                yield first, last
        if self._weak:
            yield from (match.span(1) for match in self._weak.finditer(data))


def _openings(data: bytes, folded: bytes) -> Iterator[Span]:
    """Where secrets begin and end; -1 if they do not end."""
    for name in _NAMES:
        if name in folded:
            yield from _named(name, data, folded)
    if b"basic" in folded:
        for basic in _BASIC.finditer(folded):
            pair = _PAIR.match(data, basic.end())
            if pair and _is_pair(pair[0]):
                yield pair.span()
    if b"private key" in folded:
        at = 0
        while key := _KEY.search(folded, at):
            end = _KEY_END.search(data, key.end())
            at = end.end() if end else len(data)
            yield key.start(), at if end else -1
    if b"@" in data:
        yield from (user.span("user") for user in _USER.finditer(data))


def _named(name: bytes, data: bytes, folded: bytes) -> Iterator[Span]:
    """Values of elements, members and parameters of a name."""
    at = 0
    while opening := _NAMED[name].search(folded, at):
        begin = at = opening.end()
        if opening["tag"]:
            before = opening.start()
            if _BEFORE_TAG.search(folded, max(0, before - 42), before):
                closing = _TAG_END[name].search(folded, begin)
                at = closing.start() if closing else len(data)
                yield begin, at if closing else -1
        elif quote := opening["quote"]:
            string = _STRING[quote].match(data, begin)
            at = string.end() if string else begin
            yield begin, at if at < len(data) else -1
        elif value := _VALUE.match(data, begin):
            at = value.end()
            yield begin, at


def _is_pair(word: bytes) -> bool:
    """Whether what follows "Basic" is credentials, not as in "Basic authentication"."""
    letters = word.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    plain = a2b_base64(letters + b"A" * (-len(letters) % 4))
    return b":" in plain or (len(word) >= 8 and not word[1:].islower())
