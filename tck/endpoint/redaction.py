"""Taking secrets out of everything that is written or printed.

Rules and checks judge exchanges as they were. Whatever leaves the process goes through its
`Redactor`, `GATE`: what the kit writes by itself, what it prints (`tck.endpoint.console`), what
pytest and Allure are told (`tck.run.outlets`). It hides two kinds of secret:

- The credentials of the run, wherever they stand and however they are spelled: the endpoint knows
  them and may repeat them in any encoding, or several inside each other. So a text is looked at in
  all its decoded forms (`decoding.py`), and what decodes to a secret is replaced in the text.
- Secrets that the endpoint makes or is given during the run: passwords, private keys, user data.
  They are not known; they are recognized, in the same decoded forms, by where they stand
  (`places.py`).

A short password, or one that is an ordinary word, is in many texts that do not mean it. It is only
replaced as a whole word next to a word such as "password"; `weak` says that there is one.

What decodes to more than can be looked through is hidden whole: an endpoint can thus hide what it
said, but no secret. A redacted exchange is not fit for judging again without care: its
Content-Length no longer fits.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from tck.endpoint import decoding, places
from tck.endpoint.decoding import Span, TooMuch, View

if TYPE_CHECKING:  # whatever prints needs this module, and should not load what it does not need
    from tck.endpoint.exchange import Exchange, Headers, Response

HIDDEN = places.HIDDEN.decode()
WEAK = "the password is short, or an ordinary word: it is hidden only where credentials stand"
_SECRET_FIELDS = {"authorization", "proxy-authorization", "cookie", "set-cookie"}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9-]*) .")

_MARGIN = 4 << 10  # characters; spellings of a secret are shorter
_SHORT = 6  # characters; what is shorter is no needle
_LONG = 18  # bytes; what is shorter and in base64 cannot be a longer secret, nor a place of one
_LEFT, _CUT = 4, (b"...", "…".encode())  # what is left of a secret that was cut, and the mark
_DEPTH = 8  # how many encodings inside each other are undone
_ROOM, _LEAST_ROOM = 48, 1 << 20  # how much may come of a text: times its length, bytes
_MOST_SPANS = 20_000
# Names of fields and parameters in which clients send secrets, although the API has none such.
_TELLING = re.compile(
    r"pass(?:word|wd|phrase)?\b|secret|token|(?:api|access)_?key|credential", re.I
)
_SCHEMES = {"basic", "bearer", "digest", "negotiate"}
_DIGEST = re.compile(r'(?:response|cnonce)="?([^",\s]{6,})')
_MOST_SECRETS = 300  # of clients; each is looked for in everything
_MOST_WORD, _MOST_WORDS = 256, 1 << 14  # of the words that are known to be harmless
# Capitals are as small letters; base64 for URLs, and in forms, is as base64.
_READABLE = {"", "identity", "gzip", "x-gzip", "deflate"}  # Content-Encoding
_FOLD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ+-_", b"abcdefghijklmnopqrstuvwxyz  /")


class Redactor:
    """Hides the secrets that it was told, and passwords and private keys (see above).

    `weak`: it was told a secret that is short or an ordinary word.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """`secrets`: as of `keep`."""
        self._secrets: set[str] = set()
        self.keep(*secrets)

    def keep_credentials(self, user: str | None, password: str | None) -> None:
        """Hide a password, and the pair that is sent in Authorization."""
        if password:
            self.keep(password, f"{user}:{password}")

    def keep(self, *secrets: str) -> None:
        """Hide these texts from now on, however they are spelled; empty ones are ignored."""
        self._secrets.update(filter(None, secrets))
        weak = {secret for secret in self._secrets if places.is_weak(secret)}
        self.weak = bool(weak)
        self.places = places.Places(weak)
        forms = {form for secret in self._secrets - weak for form in _spellings(secret)}
        # what undoes escapes may take a mark at the end, with what follows, for one
        forms |= {core for form in forms if len(core := form.strip(b"%&\\")) >= _SHORT}
        self.needles = sorted({form.translate(_FOLD) for form in forms}, key=len)
        self.least = min([len(needle) for needle in self.needles[:1]] + [_LONG])
        self.harmless: set[bytes] = set()
        # cached: nearly the same texts come with every exchange
        self._short = lru_cache(maxsize=2048)(self._clean)
        self._field = lru_cache(maxsize=2048)(self._hidden_field)

    def keep_sent(self, fields: Headers, target: str = "") -> bool:
        """Hide the credentials that a client sent; False if there were too many different ones.

        `fields` of its request, and the `target`: also where no client should put them.
        """
        told: set[str] = set()
        for name, value in fields:
            if name.lower().endswith("authorization"):
                told |= _credentials(value.strip())
            elif _TELLING.search(name):
                told.add(value.strip())
        for part in re.split("[?&]", target)[1:]:
            name, _, value = part.partition("=")
            if _TELLING.search(unquote_plus(name)):
                told.add(unquote_plus(value))
        told.discard("")
        if not told <= self._secrets:
            if len(self._secrets) > _MOST_SECRETS:
                return False
            self.keep(*told)
        return True

    def note_harmless(self, words: Collection[bytes]) -> None:
        """Remember words that decode to nothing that is hidden, so as not to decode them again."""
        if len(self.harmless) > _MOST_WORDS:
            self.harmless.clear()
        self.harmless.update(word for word in words if len(word) <= _MOST_WORD)

    # ------------------------------------------------------------ texts and values

    def text(self, value: str) -> str:
        """The text, with `HIDDEN` in place of every secret."""
        return self._short(value) if len(value) < 512 else self._clean(value)

    def _clean(self, value: str) -> str:
        data = value.encode("utf-8", "surrogatepass")
        clean = self._hidden(data, raw=False)
        if clean is data:
            return value
        try:
            return clean.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return clean.decode("utf-8", "replace")

    def content(self, data: bytes) -> bytes:
        """The bytes, with `HIDDEN` in place of every secret; `data` itself if there is none."""
        return self._hidden(data, raw=not data.isascii())

    def _hidden(self, data: bytes, *, raw: bool) -> bytes:
        try:
            spans = sorted(_Search(self, data, raw=raw).spans)
        except TooMuch:
            spans = [(0, len(data))]
        if not spans:
            return data
        parts: list[bytes] = []
        end = 0
        for first, last in spans:
            if first > end or not parts:
                parts += [data[end:first], HIDDEN.encode()]
            end = max(end, last)
        return b"".join([*parts, data[end:]])

    def cut(self, text: str, most: int) -> str:
        """The beginning of a text, redacted before it is cut: after that, none would be known."""
        clean = self.text(text[: most + _MARGIN])
        return clean if len(clean) <= most else clean[: most - 1] + "…"

    def tree(self, value: Any) -> Any:
        """A value of JSON with every text in it redacted."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            shown = {self.tree(name): self.tree(member) for name, member in value.items()}
            if value.get("body_encoding") == "base64":  # of an exchange: it is to stay base64
                body = self.content(base64.b64decode(value["body"]))
                shown["body"] = base64.b64encode(body).decode()
            return shown
        if isinstance(value, list | tuple):
            return [self.tree(member) for member in value]
        return value

    def json(self, value: Any, **settings: Any) -> str:
        """A value as redacted JSON; `settings`: of `json.dumps`."""
        written = json.dumps(value, **settings)
        # nearly always there is nothing to hide, and one look is faster than a look at every text
        clean = self.text(written) == written
        return written if clean else json.dumps(self.tree(value), **settings)

    # ------------------------------------------------------------ exchanges

    def exchange(self, x: Exchange) -> Exchange:
        """A copy of an exchange without secrets, for showing and not for judging."""
        sent, came = x.request, x.response
        return replace(
            x,
            request=replace(
                sent,
                url=self.text(sent.url),
                authorization=self.text(sent.authorization),
                malformed=self.text(sent.malformed),
                octets=self.text(sent.octets),
                headers=self._headers(sent.headers),
                body=sent.body and self.content(sent.body),
            ),
            response=came
            and replace(
                came,
                reason=self.text(came.reason),
                headers=self._headers(came.headers),
                body=self._body(came),
            ),
            failure=x.failure and self.text(x.failure),
            disturbance=self.text(x.disturbance),
        )

    def _body(self, response: Response) -> bytes | None:
        coding = response.headers.get("Content-Encoding").strip().lower()
        if response.body and coding not in _READABLE:
            return HIDDEN.encode()  # whoever can decode it can read what is in it
        return response.body and self.content(response.body)

    def _headers(self, headers: Headers) -> Headers:
        shown = ((self.text(name), self._field(name, value)) for name, value in headers)
        return type(headers)(tuple(shown))

    def _hidden_field(self, name: str, value: str) -> str:
        """The value of a field as shown: only the scheme of Authorization, nothing of cookies."""
        name = name.lower()
        if name not in _SECRET_FIELDS or not value.strip():
            return self.text(value)
        scheme = _SCHEME.match(value) if name.endswith("authorization") else None
        return f"{scheme[1]} {HIDDEN}" if scheme else HIDDEN


def _credentials(value: str) -> set[str]:
    """What is secret in a field for credentials, as one that a client sent."""
    scheme, _, sent = value.partition(" ")
    if not sent:
        return set() if scheme.lower() in _SCHEMES else {value}
    told = {sent.strip(), *_DIGEST.findall(sent)}
    if scheme.lower() == "basic":
        with contextlib.suppress(ValueError):  # it is no base64, or no text
            letters = sent.strip().rstrip("=")
            pair = base64.b64decode(letters + "=" * (-len(letters) % 4)).decode()
            told |= {pair, pair.partition(":")[2]}
    return told


GATE = Redactor()
"""That of this process. It is told the credentials as soon as they are known (tck.run.options)."""


# ---------------------------------------------------------------- the search


class _Search:
    """The spans of a text that hold secrets, once all its forms were looked at."""

    def __init__(self, redactor: Redactor, text: bytes, *, raw: bool) -> None:
        """`raw`: the text may be deflate without a head. Raises TooMuch."""
        self.spans: list[Span] = []
        self._told = redactor
        self._room = len(text) * _ROOM + _LEAST_ROOM
        self._look(decoding.whole(text), _DEPTH, raw=raw)

    def _look(self, view: View, depth: int, *, raw: bool = False) -> None:
        if len(view.data) > decoding.WINDOW:
            for part in decoding.windows(view):
                self._look(part, depth)
            for child in decoding.inflated(view, self._room, raw=raw):
                self._look_deeper(child, depth)
            return
        self._room -= len(view.data)
        if self._room < 0:
            raise TooMuch
        told = self._told
        folded = view.data.translate(_FOLD)
        least = _LEFT if any(mark in folded for mark in _CUT) else _SHORT
        for needle in told.needles:
            at = folded.find(needle[:least])
            while at >= 0:
                size = _alike(folded, at, needle)
                if size:
                    self.spans.append(view.where(at, at + size))
                at = folded.find(needle[:least], at + (size or 1))
        self.spans += (view.where(*span) for span in told.places.spans(view, folded))
        if len(self.spans) > _MOST_SPANS:
            raise TooMuch
        for child in decoding.decoded(view, told.least, told.harmless):
            self._look_deeper(child, depth)
        for child in decoding.inflated(view, self._room, raw=raw):
            self._look_deeper(child, depth)

    def _look_deeper(self, view: View, depth: int) -> None:
        found = len(self.spans)
        if depth:
            self._look(view, depth - 1)
        else:
            self.spans.append(view.where(0, len(view.data)))
        if view.words and found == len(self.spans):
            self._told.note_harmless(view.words)


def _alike(folded: bytes, at: int, needle: bytes) -> int:
    """How much of a secret stands there: all, or as much as a cut left of it; else 0."""
    if folded.startswith(needle, at):
        return len(needle)
    pairs = enumerate(zip(folded[at : at + len(needle)], needle, strict=False))
    size = next((n for n, (one, other) in pairs if one != other), len(folded) - at)
    is_cut = folded.startswith(_CUT, at + size)
    return size if is_cut or size >= max(_SHORT, (len(needle) + 1) // 2) else 0


def _spellings(secret: str) -> Iterator[bytes]:
    """What to look for in decoded texts: a secret in the encodings of characters, folded."""
    cases = {secret, secret.upper(), secret.lower()}
    forms = {unicodedata.normalize(kind, form) for form in cases for kind in ("NFC", "NFD")} | cases
    for form in forms:
        data = form.encode("utf-8", "surrogatepass")
        yield data
        if form.isascii():
            continue
        yield form.encode("utf-16-le", "surrogatepass")
        yield form.encode("utf-16-be", "surrogatepass")
        yield data.decode("latin-1").encode()  # taken for Latin-1, as header fields are
        with contextlib.suppress(UnicodeEncodeError):
            yield (form.encode("latin-1"))
    # base64 in capitals cannot be decoded any more, but it can be guessed from
    data = secret.encode("utf-8", "surrogatepass")
    for offset in range(3):
        letters = base64.b64encode(b"\0" * offset + data)
        begin, end = -(-offset * 4 // 3), (offset + len(data)) * 4 // 3
        yield (letters[begin:end])
