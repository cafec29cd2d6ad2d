"""Inputs that are almost right: what a broken disk, another program or an attacker makes of one.

Half of the changes are made to bytes, half to what the bytes mean: a value of parsed JSON, an
element of XML, a line of YAML or TOML is taken away, repeated, or replaced by something else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any, Literal

from lxml import etree

from . import nasty

Form = Literal["json", "lines", "xml", "yaml", "toml", "bytes"]
_HOLE = "\u0001hole\u0001"  # where text goes that is no value of Python
_LARGEST = 1 << 20


def mutated(seeds: Sequence[bytes], form: Form, random: Random) -> bytes:
    """One of the seeds, changed in one to four places; at most a mebibyte."""
    content = random.choice(seeds)
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 4))):
        change = _STRUCTURAL[form] if random.random() < 0.6 else None
        content = (change or _bytes)(content, seeds, random)
    return content[:_LARGEST]


def _bytes(content: bytes, seeds: Sequence[bytes], random: Random) -> bytes:
    """A change that knows nothing of the form."""
    return random.choice(_OF_BYTES)(content, random.choice(seeds), random)


def _span(content: bytes, random: Random) -> tuple[int, int]:
    start = random.randint(0, len(content))
    length = random.choice((1, 2, 8, 64, len(content)))
    return start, min(len(content), start + random.randint(0, length))


def _flip(content: bytes, _other: bytes, random: Random) -> bytes:
    flipped = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 16))):
        if flipped:
            flipped[random.randrange(len(flipped))] ^= 1 << random.randrange(8)
    return bytes(flipped)


def _cut_off(content: bytes, _other: bytes, random: Random) -> bytes:
    return content[: random.randint(0, len(content))]


def _take_out(content: bytes, _other: bytes, random: Random) -> bytes:
    start, end = _span(content, random)
    return content[:start] + content[end:]


def _repeat(content: bytes, _other: bytes, random: Random) -> bytes:
    start, end = _span(content, random)
    times = min(random.choice((1, 1, 2, 50, 1000)), _LARGEST // (end - start + 1) + 1)
    return content[:end] + content[start:end] * times + content[end:]


def _insert(content: bytes, _other: bytes, random: Random) -> bytes:
    place = random.randint(0, len(content))
    return content[:place] + random.choice(_TOKENS) + content[place:]


def _splice(content: bytes, other: bytes, random: Random) -> bytes:
    """The beginning of one input and the end of another."""
    return content[: random.randint(0, len(content))] + other[random.randint(0, len(other)) :]


_OF_BYTES = (_flip, _cut_off, _take_out, _repeat, _insert, _splice)
_TOKENS = nasty.BYTES + [
    token.encode("utf-8", "surrogatepass")
    for token in (*nasty.TEXTS, *nasty.JSON, *nasty.XML, *nasty.YAML, *nasty.TOML)
]


# ---------------------------------------------------------------- JSON


def _json(content: bytes, seeds: Sequence[bytes], random: Random) -> bytes:
    try:
        value = json.loads(content)
        places = list(_places(value))
    except (ValueError, RecursionError):
        return _bytes(content, seeds, random)
    if not places:
        return random.choice(nasty.JSON).encode()
    holder, key = random.choice(places)
    change = random.choice(_OF_JSON)
    raw = change(holder, key, places, random)
    text = json.dumps(value, ensure_ascii=random.random() < 0.5, indent=random.choice((None, 1)))
    return text.replace(f'"{_HOLE}"', raw).encode("utf-8", "surrogatepass")


_Place = tuple[Any, Any]  # an object or list, and a name or index in it


def _places(value: Any) -> Iterator[_Place]:
    """Every place inside a parsed JSON value."""
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])


# Each changes what is in a place, and returns the text that goes into the hole, if it left one.


def _replace_value(holder: Any, key: Any, _places: list[_Place], random: Random) -> str:
    holder[key] = _HOLE
    return random.choice(nasty.JSON)


def _replace_text(holder: Any, key: Any, _places: list[_Place], random: Random) -> str:
    holder[key] = random.choice(nasty.TEXTS)
    return ""


def _change_text(holder: Any, key: Any, places: list[_Place], random: Random) -> str:
    """Documents within bodies are changed as documents."""
    texts = [(h, k) for h, k in places if isinstance(h[k], str)]
    holder, key = random.choice(texts or [(holder, key)])
    text = str(holder[key]).encode("utf-8", "surrogatepass")
    change = _xml if text.lstrip().startswith(b"<") else _bytes
    holder[key] = change(text, [text], random).decode("utf-8", "replace")
    return ""


def _remove(holder: Any, key: Any, _places: list[_Place], _random: Random) -> str:
    del holder[key]
    return ""


def _wrap(holder: Any, key: Any, _places: list[_Place], random: Random) -> str:
    holder[key] = random.choice(([holder[key]], {"a": holder[key]}, {str(key): holder[key]}))
    return ""


def _unwrap(holder: Any, key: Any, _places: list[_Place], random: Random) -> str:
    inner = holder[key]
    if isinstance(inner, dict | list) and inner:
        holder[key] = random.choice(list(inner.values()) if isinstance(inner, dict) else inner)
    return ""


def _exchange(holder: Any, key: Any, places: list[_Place], random: Random) -> str:
    """What belongs to one place comes to another."""
    other, other_key = random.choice(places)
    holder[key] = json.loads(json.dumps(other[other_key]))
    return ""


def _multiply(holder: Any, key: Any, _places: list[_Place], random: Random) -> str:
    if isinstance(holder, list):
        copies = random.choice((1, 10, 300))
        if len(json.dumps(holder[key])) * copies < _LARGEST:
            holder += [holder[key]] * copies
    return ""


def _name_twice(holder: Any, key: Any, places: list[_Place], random: Random) -> str:
    """An object with two members of one name."""
    if not isinstance(holder, dict):
        return _replace_value(holder, key, places, random)
    holder[_HOLE] = random.choice((None, [], {}, "", 5))
    return json.dumps(key)


def _rename(holder: Any, key: Any, _places: list[_Place], random: Random) -> str:
    if isinstance(holder, dict):
        holder[random.choice(nasty.TEXTS)] = holder.pop(key)
    return ""


_OF_JSON: tuple[Callable[[Any, Any, list[_Place], Random], str], ...] = (
    _replace_value, _replace_value, _replace_text, _replace_text, _change_text, _change_text,
    _remove, _wrap, _unwrap, _exchange, _multiply, _name_twice, _rename,
)  # fmt: skip


def _lines(content: bytes, seeds: Sequence[bytes], random: Random) -> bytes:
    """JSON Lines: one line changed as JSON, or lines taken away, repeated, moved or joined."""
    lines = content.split(b"\n")
    at = random.randrange(len(lines))
    match random.randrange(8):
        case 0:
            del lines[at]
        case 1:
            lines.insert(random.randint(0, len(lines)), lines[at])
        case 2:
            lines += [lines[at]] * min(
                random.choice((1, 20, 200)), _LARGEST // (len(lines[at]) + 1)
            )
        case 3:
            lines[at : at + 2] = [b" ".join(lines[at : at + 2])]
        case 4:
            random.shuffle(lines)
        case _:
            lines[at] = _json(lines[at], seeds, random)
    return b"\n".join(lines)


# ---------------------------------------------------------------- XML


def _xml(content: bytes, seeds: Sequence[bytes], random: Random) -> bytes:
    if random.random() < 0.3:
        return _insert_markup(content, random)
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
        _change_element(root, random)
        return etree.tostring(root, xml_declaration=random.random() < 0.5, encoding="utf-8")
    except (etree.XMLSyntaxError, ValueError, LookupError):
        return _bytes(content, seeds, random)


def _insert_markup(content: bytes, random: Random) -> bytes:
    """Markup after some `>`, or before everything."""
    ends = [at + 1 for at, byte in enumerate(content) if byte == ord(">")]
    place = random.choice([0, *ends])
    return content[:place] + random.choice(nasty.XML).encode() + content[place:]


def _change_element(root: etree._Element, random: Random) -> None:
    elements = [e for e in root.iter() if isinstance(e.tag, str)]
    element, other = random.choice(elements), random.choice(elements)
    parent = element.getparent()
    match random.randrange(8):
        case 0 if parent is not None:
            parent.remove(element)
        case 1 if parent is not None and len(etree.tostring(element)) < 2000:
            for _ in range(random.choice((1, 5, 300))):
                parent.append(etree.fromstring(etree.tostring(element)))
        case 2:
            element.tag = random.choice((other.tag, "api", "link", "state", "{urn:x}key", "é"))
        case 3:
            element.text = random.choice(nasty.TEXTS)
        case 4:
            name = random.choice(
                (*element.keys(), *other.keys(), "href", "id", "status", "rel", "url")
            )
            element.set(name, random.choice(nasty.TEXTS))
        case 5 if element.keys():
            del element.attrib[random.choice(element.keys())]
        case 6:
            for _ in range(random.choice((1, 20, 200))):
                element = etree.SubElement(element, random.choice((str(other.tag), "a")))
        case _:
            element[:] = reversed(element)
            element.tail = random.choice(nasty.TEXTS)


# ---------------------------------------------------------------- YAML and TOML


def _yaml(content: bytes, _seeds: Sequence[bytes], random: Random) -> bytes:
    if random.random() < 0.1:
        content = nasty.YAML_BOMB.encode() + content
    return _configuration(content, b":", [*nasty.YAML, *nasty.TEXTS], [*nasty.YAML], random)


def _toml(content: bytes, _seeds: Sequence[bytes], random: Random) -> bytes:
    values = [*nasty.TOML, *(json.dumps(text) for text in nasty.TEXTS)]
    return _configuration(content, b"=", values, nasty.TOML_LINES, random)


def _configuration(
    content: bytes, sign: bytes, values: Sequence[str], lines: Sequence[str], random: Random
) -> bytes:
    """Another value in a line, another line, or lines taken away, repeated or indented."""
    written = content.split(b"\n")
    at = random.randrange(len(written))
    name, found, _ = written[at].partition(sign)
    value = random.choice(values).encode("utf-8", "surrogatepass")
    match random.randrange(9):
        case 0:
            del written[at]
        case 1:
            written.insert(at, written[at])
        case 2:
            written.insert(at, random.choice(lines).encode())
        case 3:
            written[at] = b"  " + written[at]
        case _:
            written[at] = name + sign + b" " + value if found else written[at] + value
    return b"\n".join(written)


_STRUCTURAL: dict[Form, Callable[[bytes, Sequence[bytes], Random], bytes]] = {
    "json": _json, "lines": _lines, "xml": _xml, "yaml": _yaml, "toml": _toml, "bytes": _bytes,
}  # fmt: skip
