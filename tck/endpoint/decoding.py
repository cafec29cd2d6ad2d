"""Bytes in every form in which they decode to something else, each with the way back.

Whoever looks for something in a text that an adversary wrote must look at what the text decodes to:
percent-encoded in part or twice, as references of XML and HTML, as escapes of JSON, in base64,
hexadecimal or UTF-16, compressed, and all of these inside each other. `decoded` yields, for one
`View` of a text, those one step further. A view knows which part of the text each part of it came
from, so what is found there can be replaced in the text itself.

Everything here is linear in the length of the view: no pattern can be matched in more ways than a
bounded number. Each kind of escape is undone by itself, or one would undo what another, or the text
around, only seems to mean. base64 and hexadecimal are decoded at every offset: where they begin
cannot be known. `least` keeps that cheap: shorter words cannot hold what is looked for. The way
back is worked out only if something was found.
"""

from __future__ import annotations

import html
import re
import zlib
from binascii import a2b_base64, unhexlify
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache, partial
from typing import NamedTuple

Span = tuple[int, int]
WayBack = Callable[[int, int], Span]
# A part of a view and where it came from: start here, start there, length here, length there. Parts
# of equal lengths were taken over as they are.
_Part = tuple[int, int, int, int]

WINDOW, OVERLAP = 256 << 10, 16 << 10  # bytes of a view that are looked at together


class TooMuch(Exception):
    """A text decodes to more than can be looked through."""


class View(NamedTuple):
    """What (a part of) a text decodes to.

    `where`: the span of the text that a span of `data` came from. `seen`: forms that undoing other
    escapes first has led to. `words`: those in base64 that `data` was decoded from. `goes_on`: more
    follows, in another view. `narrow`: it was in UTF-16.
    """

    data: bytes
    where: WayBack
    seen: set[bytes]
    words: Collection[bytes] = ()
    goes_on: bool = False
    narrow: bool = False


def _view(data: bytes, where: WayBack, words: Collection[bytes] = ()) -> View:
    return View(data, where, {data}, words)


def whole(text: bytes) -> View:
    """A text as it is."""
    return _view(text, lambda first, last: (first, last))


def windows(view: View) -> Iterator[View]:
    """A long view in parts that overlap."""
    last = len(view.data) - WINDOW
    for start in range(0, max(last, 0) + WINDOW - OVERLAP, WINDOW - OVERLAP):
        part = _view(view.data[start : start + WINDOW], _moved(start, view.where))
        yield part._replace(goes_on=view.goes_on or start < last)


def _moved(offset: int, back: WayBack) -> WayBack:
    return lambda first, last: back(first + offset, last + offset)


def decoded(view: View, least: int, known: Collection[bytes]) -> Iterator[View]:
    """The views one step further than `view`; those that show nothing new are left out.

    `least`: words that hold fewer bytes do not count; nor do those that are `known`, in base64.
    """
    yield from _unpacked(view, _BASE64, -(-least * 4 // 3), known)
    yield from _unpacked(view, _HEX, least * 2, ())
    yield from _unescaped(view)
    yield from _narrowed(view)


def _way_back(parts: Callable[[], Iterable[_Part]], back: WayBack) -> WayBack:
    """The way back through parts, in order, which are worked out when they are first needed."""

    @cache
    def table() -> tuple[list[int], list[_Part]]:
        rows = list(parts())
        return [row[0] for row in rows], rows

    def where(first: int, last: int) -> Span:
        starts, rows = table()
        here, there, size, came = rows[bisect_right(starts, first) - 1]
        begin = there + (first - here if size == came else 0)
        here, there, size, came = rows[bisect_right(starts, last - 1) - 1]
        return back(begin, there + (min(last - here, size) if size == came else came))

    return where


# ---------------------------------------------------------------- escapes


class _Escape(NamedTuple):
    """A kind of escape: the byte that begins it, all of it, and what it means."""

    mark: bytes
    pattern: re.Pattern[bytes]
    meaning: Callable[[re.Match[bytes]], bytes]


_LETTERS = dict(zip(b"nrtbfav0NRTBFAV", b"\n\r\t\b\f\a\v\0\n\r\t\b\f\a\v", strict=True))


def _percent(escape: re.Match[bytes]) -> bytes:
    return _character(escape[1]) if escape[1] else bytes.fromhex(escape[2].decode())


def _reference(escape: re.Match[bytes]) -> bytes:
    if escape[3]:
        return html.unescape(escape[0].decode()).encode()
    return _character(escape[2]) if escape[2] else _character(b"%x" % int(escape[1]))


def _backslash(escape: re.Match[bytes]) -> bytes:
    if escape[1]:  # two units of UTF-16 are one character
        return bytes.fromhex((escape[1] + escape[2]).decode()).decode("utf-16-be").encode()
    if code := escape[3] or escape[4]:
        return _character(code)
    if escape[5]:
        return bytes.fromhex(escape[5].decode())
    if escape[6]:
        return bytes([int(escape[6], 8)])
    return bytes([_LETTERS.get(escape[7][0], escape[7][0])])


def _character(code: bytes) -> bytes:
    number = int(code, 16)
    return chr(number).encode("utf-8", "surrogatepass") if number < 0x110000 else b"?"


_ESCAPES = (
    _Escape(b"%", re.compile(rb"(?i)%(?:u([0-9a-f]{4})|([0-9a-f]{2}))"), _percent),
    _Escape(
        b"&",
        re.compile(
            rb"(?i)&(?:#0*([0-9]{1,7});?|#x0*([0-9a-f]{1,6});?|([a-z][a-z0-9]{1,31};))",
        ),
        _reference,
    ),
    _Escape(
        b"\\",
        re.compile(
            rb"(?is)\\(?:u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})"
            rb"|u(000[0-9a-f]{5}|0010[0-9a-f]{4}|[0-9a-f]{4})|u\{0*([0-9a-f]{1,6})\}"
            rb"|x([0-9a-f]{2})|([0-3][0-7]{2})|(.))"
        ),
        _backslash,
    ),
)


def _unescaped(view: View) -> Iterator[View]:
    """A view with the escapes of each kind undone."""
    for escape in _ESCAPES:
        if escape.mark in view.data:
            plain = escape.pattern.sub(escape.meaning, view.data)
            if plain not in view.seen:
                view.seen.add(plain)
                back = _way_back(partial(_escapes, view.data, escape), view.where)
                yield view._replace(data=plain, where=back, words=())


def _escapes(data: bytes, escape: _Escape) -> Iterator[_Part]:
    here = there = 0
    for found in escape.pattern.finditer(data):
        size = found.start() - there
        yield here, there, size, size
        here += size
        plain = len(escape.meaning(found))
        yield here, found.start(), plain, len(found[0])
        here, there = here + plain, found.end()
    yield here, there, len(data) - there, len(data) - there


# ---------------------------------------------------------------- UTF-16

_WIDE = re.compile(rb"\0[ -~]\0[ -~]\0")


def _narrowed(view: View) -> Iterator[View]:
    """A view that has a text in UTF-16 somewhere, in UTF-8."""
    if view.narrow or b"\0" not in view.data or not _WIDE.search(view.data):
        return
    for offset in (0, 1):
        data = view.data[offset : offset + (len(view.data) - offset) // 2 * 2]
        for encoding in ("utf-16-le", "utf-16-be"):
            text = data.decode(encoding, "surrogatepass")
            plain = text.encode("utf-8", "surrogatepass")
            if plain not in view.seen:
                view.seen.add(plain)
                back = _way_back(partial(_characters, text, offset), view.where)
                yield View(plain, back, view.seen, narrow=True)


def _characters(text: str, there: int) -> Iterator[_Part]:
    here = 0
    for character in text:
        size, came = len(character.encode("utf-8", "surrogatepass")), 2 + 2 * (character > "\uffff")
        yield here, there, size, came
        here, there = here + size, there + came


# ---------------------------------------------------------------- base64 and hexadecimal


class _Alphabet(NamedTuple):
    """Letters of `bits` bits; `group` of them are some bytes. `ignored`: where lines are broken."""

    bits: int
    group: int
    table: bytes  # other bytes become blanks
    ignored: bytes
    kept: re.Pattern[bytes]
    gap: bytes
    decode: Callable[[bytes], bytes]


_LATIN = bytes(range(ord("A"), ord("Z") + 1))
_LATIN += _LATIN.lower() + b"0123456789+/"
_HEX_DIGITS = b"0123456789abcdefABCDEF"


def _table(letters: bytes) -> bytes:
    return bytes(byte if byte in letters else ord(" ") for byte in range(256))


_BASE64 = _Alphabet(
    bits=6,
    group=4,
    table=bytes.maketrans(b"-_", b"+/").translate(_table(_LATIN)),  # the alphabet for URLs, too
    ignored=b" \t\r\n\0",
    kept=re.compile(rb"[^ \t\r\n\0]+"),
    gap=b"//",
    decode=a2b_base64,
)
_HEX = _Alphabet(
    bits=4,
    group=2,
    table=_table(_HEX_DIGITS),
    ignored=b" \t\r\n\0:,-",
    kept=re.compile(rb"[^ \t\r\n\0:,-]+"),
    gap=b"ff",
    decode=unhexlify,
)


def _unpacked(
    view: View, alphabet: _Alphabet, least: int, known: Collection[bytes]
) -> Iterator[View]:
    """What the words of an alphabet decode to, at every offset, as one view."""
    letters = view.data.translate(alphabet.table, alphabet.ignored)
    words = letters.split()
    if max(map(len, words), default=0) < least:
        return  # most views: what follows is slow
    words = [word for word in words if len(word) >= least and word not in known]
    if not words:
        return
    gap = alphabet.gap
    joined = gap.join(words) + gap + gap
    readings = [_read(alphabet, joined, offset) for offset in range(alphabet.group)]
    distinct = frozenset(words)

    def parts() -> Iterator[_Part]:
        here = 0
        for word in re.finditer(rb"[^ ]{%d,}" % least, letters):
            if word[0] in distinct:
                size = len(word[0])
                yield here, word.start(), size, size
                here += size + len(gap)

    def kept() -> Iterator[_Part]:
        here = 0
        for part in alphabet.kept.finditer(view.data):
            size = len(part[0])
            yield here, part.start(), size, size
            here += size

    to_letters = _way_back(parts, _way_back(kept, view.where))
    lengths = [len(reading) for reading in readings]

    def where(first: int, last: int) -> Span:
        offset = 0
        while offset + 1 < len(lengths) and first >= lengths[offset]:
            first, last = first - lengths[offset], last - lengths[offset]
            offset += 1
        last = min(last, lengths[offset])
        begin, end = first * 8 // alphabet.bits, -(-last * 8 // alphabet.bits)
        return to_letters(offset + begin, min(offset + end, len(joined)))

    yield _view(b"".join(readings), where, distinct if alphabet is _BASE64 else ())


def _read(alphabet: _Alphabet, joined: bytes, offset: int) -> bytes:
    size = (len(joined) - offset) // alphabet.group * alphabet.group
    return alphabet.decode(joined[offset : offset + size])


# ---------------------------------------------------------------- compression

_MAGIC = re.compile(rb"\x1f\x8b\x08|x[\x01\x5e\x9c\xda]")  # gzip, zlib
_MAGIC_BYTES = (b"\x1f", b"\x01", b"\x5e", b"\x9c", b"\xda")
_RAW, _ANY_HEAD = -15, 47  # `wbits` of zlib
_CHUNK = 1 << 12
_ATTEMPT = 1 << 9  # what an attempt costs, as much as so many bytes


def inflated(view: View, most: int, *, raw: bool = False) -> Iterator[View]:
    """What is compressed in a view (gzip, zlib), as far as it is sound.

    `raw`: the view may also begin with deflate without a head. Raises TooMuch if that takes more
    than `most` bytes.
    """
    starts = [(0, _RAW)] if raw else []
    if any(byte in view.data for byte in _MAGIC_BYTES):
        starts += ((magic.start(), _ANY_HEAD) for magic in _MAGIC.finditer(view.data))
    end = 0
    for start, wbits in starts:
        if start < end:
            continue
        plain, last = _inflate(view.data, start, wbits, most)
        most -= _ATTEMPT + len(plain) + last - start
        if most < 0:
            raise TooMuch
        if plain:
            end = last
            yield _view(plain, _all_of(start, end, view.where))


def _inflate(data: bytes, start: int, wbits: int, most: int) -> tuple[bytes, int]:
    """What is compressed from `start` on, and where it ends, or where it is broken."""
    stream, plain = zlib.decompressobj(wbits), bytearray()
    rest, size = memoryview(data)[start:], _CHUNK
    while rest and not stream.eof:
        before = stream.copy()
        try:
            plain += stream.decompress(rest[:size], most + 1 - len(plain))
        except zlib.error:
            if size == 1:
                break
            stream, size = before, 1  # what is sound until here counts, whatever its checksum says
            continue
        if len(plain) > most:
            raise TooMuch
        rest = rest[size:]
    end = len(data) - len(rest) - len(stream.unused_data)
    return bytes(plain), end


def _all_of(first: int, last: int, back: WayBack) -> WayBack:
    return lambda _first, _last: back(first, last)
