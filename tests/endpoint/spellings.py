"""Ways to spell a secret, and a reader that undoes them: neither knows how the kit does it."""

from __future__ import annotations

import base64
import codecs
import gzip
import html
import json
import re
import zlib
from collections.abc import Callable, Iterator
from random import Random
from urllib.parse import quote, quote_plus, unquote_to_bytes
from xml.sax.saxutils import escape

Encoder = Callable[[bytes, Random], bytes]


def _each(data: bytes, spell: Callable[[str], str], chance: float, random: Random) -> bytes:
    """Some characters of a text spelled otherwise; always those that begin such a spelling."""
    text, marks = data.decode("utf-8", "replace"), "%&\\"
    return "".join(spell(c) if random.random() < chance or c in marks else c for c in text).encode()


def _percent(char: str) -> str:
    return "".join(f"%{byte:02x}" for byte in char.encode())


def _unit(char: str) -> str:
    return json.dumps(char)[1:-1] if ord(char) > 0xFFFF else f"\\u{ord(char):04x}"


def _base64(data: bytes, random: Random) -> bytes:
    shifted = random.randbytes(random.randrange(3)) + data + random.randbytes(random.randrange(3))
    encode = random.choice([base64.b64encode, base64.urlsafe_b64encode])
    return encode(shifted)


def _in_lines(data: bytes, random: Random) -> bytes:
    width, letters = random.choice([4, 20, 76]), base64.b64encode(data)
    return b"\r\n".join(letters[i : i + width] for i in range(0, len(letters), width))


def _utf_16(data: bytes, random: Random) -> bytes:
    return data.decode("utf-8", "replace").encode(random.choice(["utf-16-le", "utf-16-be"]))


# What can stand anywhere in a text, by its name.
TEXTS: dict[str, Encoder] = {
    "plain": lambda s, _: s,
    "percent": lambda s, r: _each(s, _percent, 1, r),
    "percent in part": lambda s, r: _each(s, _percent, 0.4, r),
    "percent, capitals": lambda s, r: _each(s, lambda c: _percent(c).upper(), 0.7, r),
    "quoted": lambda s, _: quote(s).encode(),
    "form": lambda s, _: quote_plus(s).encode(),
    "twice": lambda s, _: quote(quote(s, safe=""), safe="").encode(),
    "decimal references": lambda s, r: _each(s, lambda c: f"&#{ord(c)};", 0.6, r),
    "references with zeros": lambda s, r: _each(s, lambda c: f"&#000{ord(c)};", 0.6, r),
    "hexadecimal references": lambda s, r: _each(s, lambda c: f"&#x{ord(c):x};", 1, r),
    "capital references": lambda s, r: _each(s, lambda c: f"&#X{ord(c):X};", 0.6, r),
    "XML": lambda s, _: escape(s.decode("utf-8", "replace")).encode(),
    "HTML": lambda s, _: html.escape(s.decode("utf-8", "replace")).encode(),
    "JSON": lambda s, _: json.dumps(s.decode("utf-8", "replace"))[1:-1].encode(),
    "JSON units": lambda s, r: _each(s, _unit, 0.6, r),
    "backslash x": lambda s, _: "".join(f"\\x{byte:02x}" for byte in s).encode(),
    "base64": _base64,
    "base64 without padding": lambda s, r: _base64(s, r).rstrip(b"="),
    "base64 in lines": _in_lines,
    "hexadecimal": lambda s, _: s.hex().encode(),
    "hexadecimal, capitals": lambda s, _: s.hex().upper().encode(),
    "hexadecimal with colons": lambda s, _: s.hex(":").encode(),
}
# What makes bytes of it.
BYTES: dict[str, Encoder] = {
    "UTF-16": _utf_16,
    "gzip": lambda s, _: gzip.compress(s),
    "zlib": lambda s, _: zlib.compress(s),
}
# What is the whole of a body.
BODIES: dict[str, Encoder] = {
    "deflate": lambda s, _: zlib.compress(s, wbits=-15),
    "UTF-16 with mark": lambda s, _: s.decode("utf-8", "replace").encode("utf-16"),
}
CASES: dict[str, Encoder] = {"as it is": TEXTS["plain"], "capitals": lambda s, _: s.upper()}


def _readings(data: bytes) -> Iterator[bytes]:
    """What some bytes can be read as, one step further."""
    yield unquote_to_bytes(data)
    text = data.decode("utf-8", "replace")
    yield html.unescape(text).encode("utf-8", "replace")
    slashes = re.sub(r"\\(?![\\/\"'xuU0-7nrtbfav])|\\$", r"\\\\", text).replace("\\/", "/")
    for reading in (slashes, re.sub(r"\\U([0-9A-F]{4})", r"\\u\1", slashes)):
        try:
            decoded = codecs.decode(reading.encode("latin-1", "backslashreplace"), "unicode_escape")
        except UnicodeDecodeError:
            continue
        yield decoded.encode("utf-8", "surrogatepass")
        yield decoded.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()
    for encoding in ("utf-16-le", "utf-16-be"):
        for offset in (0, 1):
            yield data[offset:].decode(encoding, "replace").encode("utf-8", "replace")
    for run in re.findall(rb"[A-Za-z0-9+/_\-\s]{6,}=*", data):
        letters = re.sub(rb"\s", b"", run).rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        for offset in range(4):
            yield base64.b64decode(letters[offset:] + b"A" * (-len(letters[offset:]) % 4))
    for run in re.findall(rb"(?:[0-9A-Fa-f]{2}[:\s]?){6,}", data):
        for digits in (re.sub(rb"[:\s]", b"", run), re.sub(rb"[:\s]", b"", run)[1:]):
            yield bytes.fromhex(digits[: len(digits) // 2 * 2].decode())
    for magic in re.finditer(rb"\x1f\x8b|x[\x01\x5e\x9c\xda]", data):
        yield _inflated(data[magic.start() :], 47)
    yield _inflated(data, -15)


def _inflated(data: bytes, wbits: int) -> bytes:
    stream = zlib.decompressobj(wbits)
    try:
        return stream.decompress(data, 1 << 20)
    except zlib.error:
        return b""


def shows(data: bytes, secret: str, depth: int = 4) -> bool:
    """Whether some bytes show a secret to somebody who decodes them, up to so many times."""
    wanted = {secret.encode().lower(), secret.upper().encode().lower()}
    # in a form, a blank is a plus
    wanted |= {form.replace(b" ", b"+") for form in wanted}
    seen, todo = {data}, [data]
    for step in range(depth + 1):
        if any(form in reading.lower() for reading in todo for form in wanted):
            return True
        if step == depth:
            break
        todo = [r for d in todo for r in set(_readings(d)) if len(r) >= 6 and r not in seen]
        seen.update(todo)
    return False
