"""Rules on hardware profiles: their properties make sense (A47-A54, V29-V32)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from lxml import etree

from tck.endpoint.exchange import Exchange
from tck.rules.engine import Judgement, rule
from tck.rules.reading import attributes, elements, repeated, shown, text, url_parts

UNITS = {"memory": "MB", "storage": "GB", "cpu": "count", "architecture": "label"}
NUMERIC = ("memory", "storage", "cpu")
_KINDS = ("fixed", "range", "enum")


def number(value: str | None) -> Decimal | None:
    """A decimal number as the API writes it (`1740.8`), or None."""
    try:
        if value is not None and re.fullmatch(r"\d+(\.\d+)?", value.strip()):
            return Decimal(value.strip())
    except InvalidOperation:
        pass
    return None


def _properties(x: Exchange) -> Iterator[tuple[str, etree._Element]]:
    for place, profile in elements(x, "hardware_profile"):
        for element in profile.iterchildren("property"):
            yield f"{place}/property[@name={element.get('name')!r}]", element


@rule("DC-HWP-003", "DC-HWP-004", "DC-HWP-005", evidence="document", of=["hardware_profile"])
def names(x: Exchange) -> Iterator[Judgement]:
    """Kind, name and unit of a property."""
    for place, element in _properties(x):
        kind, name = element.get("kind"), element.get("name", "")
        yield Judgement(
            "DC-HWP-003", kind in _KINDS, f"{place}/@kind", "fixed, range or enum", shown(kind)
        )
        known = name in (*UNITS, "root_type")
        expected = "cpu, memory, storage, architecture or root_type"
        yield Judgement("DC-HWP-004", known, f"{place}/@name", expected, shown(name))
        if name in UNITS:
            unit = element.get("unit")
            yield Judgement(
                "DC-HWP-005", unit == UNITS[name], f"{place}/@unit", UNITS[name], shown(unit)
            )


@rule("DC-HWP-006", "DC-HWP-007", evidence="document", of=["hardware_profile"])
def ranges(x: Exchange) -> Iterator[Judgement]:
    """A range has bounds in order, and its default between them."""
    for place, element in _properties(x):
        if element.get("kind") != "range":
            continue
        found = element.findall("range")
        first, last = (
            number(found[0].get(end)) if len(found) == 1 else None for end in ("first", "last")
        )
        right = first is not None and last is not None and first <= last
        got = [attributes(r) for r in found]
        yield Judgement(
            "DC-HWP-006", right, f"{place}/range", "one range, first not above last", shown(got)
        )
        if first is not None and last is not None and right:
            default = number(element.get("value"))
            inside = default is not None and first <= default <= last
            expected = f"a default from {first} to {last}"
            got_default = shown(element.get("value"))
            yield Judgement("DC-HWP-007", inside, f"{place}/@value", expected, got_default)


@rule("DC-HWP-008", "DC-HWP-009", evidence="document", of=["hardware_profile"])
def enumerations(x: Exchange) -> Iterator[Judgement]:
    """An enumeration has entries, and its default is one of them."""
    for place, element in _properties(x):
        if element.get("kind") != "enum":
            continue
        entries = [entry.get("value") for entry in element.iterfind("enum/entry")]
        right = len(element.findall("enum")) == 1 and bool(entries) and all(entries)
        expected = "one enum with entries that have a value"
        yield Judgement("DC-HWP-008", right, f"{place}/enum", expected, shown(entries))
        if right:
            value = element.get("value")
            inside = value in entries or number(value) in {number(e) for e in entries} - {None}
            yield Judgement(
                "DC-HWP-009", inside, f"{place}/@value", f"one of {entries[:8]}", shown(value)
            )


@rule("DC-HWP-010", "DC-HWP-011", evidence="document", of=["hardware_profile"])
def params(x: Exchange) -> Iterator[Judgement]:
    """What the caller may choose has a `param` that says how; what is fixed has none."""
    for place, element in _properties(x):
        found = element.findall("param")
        if element.get("kind") == "fixed":
            got = f"{len(found)} param"
            yield Judgement("DC-HWP-011", not found, f"{place}/param", "no param", got)
        elif element.get("kind") in ("range", "enum"):
            name = f"hwp_{element.get('name')}"
            right = len(found) == 1 and _announces(found[0], name)
            expected = f"param {name}, method post, operation create, href of instances"
            got = shown([attributes(param) for param in found])
            yield Judgement("DC-HWP-010", right, f"{place}/param", expected, got)


def _announces(param: etree._Element, name: str) -> bool:
    path = url_parts(param.get("href", "")).path
    return (
        param.get("name") == name
        and param.get("method") == "post"
        and param.get("operation") == "create"
        and path.rstrip("/").endswith("/instances")
    )


@rule("DC-HWP-012", evidence="document", of=["hardware_profile"])
def numbers(x: Exchange) -> Iterator[Judgement]:
    """Sizes are numbers above zero."""
    for place, element in _properties(x):
        if element.get("name") not in NUMERIC:
            continue
        said = [element.get("value")]
        said += [b.get(end) for b in element.iterchildren("range") for end in ("first", "last")]
        said += [entry.get("value") for entry in element.iterfind("enum/entry")]
        wrong = [v for v in said if not number(v)]
        yield Judgement("DC-HWP-012", not wrong, place, "decimal numbers above zero", shown(wrong))


@rule("DC-HWP-013", "DC-HWP-016", evidence="document", of=["hardware_profile"])
def identity(x: Exchange) -> Iterator[Judgement]:
    """The id element repeats the attribute; no property comes twice."""
    for place, profile in elements(x, "hardware_profile"):
        inner = text(profile, "id")
        if inner is not None:
            right = inner == profile.get("id")
            yield Judgement(
                "DC-HWP-013", right, f"{place}/id", shown(profile.get("id")), shown(inner)
            )
        names_ = [e.get("name", "") for e in profile.iterchildren("property")]
        twice = repeated(names_)
        if names_:
            yield Judgement("DC-HWP-016", not twice, place, "every property once", shown(twice))
