"""Rules on hardware profiles: their properties make sense (A47-A54, V29-V32)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from lxml import etree

from tck.endpoint.exchange import Exchange
from tck.rules.engine import rule
from tck.rules.judgement import Judgement, absent, distinct, equal, holds, one_of, shown
from tck.rules.places import brief
from tck.rules.reading import elements, text, url_parts

UNITS = {"memory": "MB", "storage": "GB", "cpu": "count", "architecture": "label"}
NUMERIC = ("memory", "storage", "cpu")
_KINDS = ("fixed", "range", "enum")


# No more digits than a Decimal computes with.
_NUMBER = re.compile(r"\s*+([0-9]{1,15}(?:\.[0-9]{1,9})?)\s*+")


def number(value: str | None) -> Decimal | None:
    """A decimal number as the API writes it (`1740.8`), below 10^15; None for anything else."""
    found = _NUMBER.fullmatch(value or "")
    return Decimal(found[1]) if found else None


def _properties(x: Exchange) -> Iterator[tuple[str, etree._Element]]:
    """(place, element) of every property of every profile."""
    for place, profile in elements(x, "hardware_profile"):
        for element in profile.iterchildren("property"):
            yield f"{place}/property[@name={brief(element.get('name'))!r}]", element


@rule("DC-HWP-003", "DC-HWP-004", "DC-HWP-005", evidence="document", of=["hardware_profile"])
def names(x: Exchange) -> Iterator[Judgement]:
    """A property has a known kind and name, and the unit that belongs to the name."""
    for place, element in _properties(x):
        name = element.get("name", "")
        yield one_of("DC-HWP-003", f"{place}/@kind", _KINDS, element.get("kind"))
        yield one_of("DC-HWP-004", f"{place}/@name", (*UNITS, "root_type"), name)
        if name in UNITS:
            yield equal("DC-HWP-005", f"{place}/@unit", UNITS[name], element.get("unit"))


@rule("DC-HWP-006", "DC-HWP-007", evidence="document", of=["hardware_profile"])
def ranges(x: Exchange) -> Iterator[Judgement]:
    """A range has bounds in order, and its default between them."""
    for place, element in _properties(x):
        if element.get("kind") != "range":
            continue
        bounds = element.findall("range")
        first, last = (
            number(bounds[0].get(end)) if len(bounds) == 1 else None for end in ("first", "last")
        )
        in_order = first is not None and last is not None and first <= last
        expected = "one range, first not above last"
        yield holds("DC-HWP-006", f"{place}/range", expected, bounds, in_order)
        if first is not None and last is not None and in_order:
            default = number(element.get("value"))
            inside = default is not None and first <= default <= last
            expected = f"a default from {first} to {last}"
            yield holds("DC-HWP-007", f"{place}/@value", expected, element.get("value"), inside)


@rule("DC-HWP-008", "DC-HWP-009", evidence="document", of=["hardware_profile"])
def enumerations(x: Exchange) -> Iterator[Judgement]:
    """An enumeration has entries, and its default is one of them."""
    for place, element in _properties(x):
        if element.get("kind") != "enum":
            continue
        entries = [entry.get("value") for entry in element.iterfind("enum/entry")]
        complete = len(element.findall("enum")) == 1 and bool(entries) and all(entries)
        expected = "one enum with entries that have a value"
        yield holds("DC-HWP-008", f"{place}/enum", expected, entries, complete)
        if complete:
            value = element.get("value")
            inside = value in entries or number(value) in {number(e) for e in entries} - {None}
            yield holds("DC-HWP-009", f"{place}/@value", f"one of {shown(entries)}", value, inside)


@rule("DC-HWP-010", "DC-HWP-011", evidence="document", of=["hardware_profile"])
def params(x: Exchange) -> Iterator[Judgement]:
    """What the caller may choose has a `param` that says how; what is fixed has none."""
    for place, element in _properties(x):
        params = element.findall("param")
        if element.get("kind") == "fixed":
            yield absent("DC-HWP-011", f"{place}/param", "no param", params)
        elif element.get("kind") in ("range", "enum"):
            name = f"hwp_{element.get('name')}"
            ok = len(params) == 1 and _announces(params[0], name)
            expected = f"param {name}, method post, operation create, href of instances"
            yield holds("DC-HWP-010", f"{place}/param", expected, params, ok)


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
        sizes = [element.get("value")]
        sizes += [b.get(end) for b in element.iterchildren("range") for end in ("first", "last")]
        sizes += [entry.get("value") for entry in element.iterfind("enum/entry")]
        wrong = [size for size in sizes if not number(size)]
        yield absent("DC-HWP-012", place, "decimal numbers above zero", wrong)


@rule("DC-HWP-013", "DC-HWP-016", evidence="document", of=["hardware_profile"])
def identity(x: Exchange) -> Iterator[Judgement]:
    """The id element repeats the attribute; no property occurs twice."""
    for place, profile in elements(x, "hardware_profile"):
        inner = text(profile, "id")
        if inner is not None:
            yield equal("DC-HWP-013", f"{place}/id", profile.get("id"), inner)
        names_ = [e.get("name", "") for e in profile.iterchildren("property")]
        if names_:
            yield distinct("DC-HWP-016", place, "every property once", names_)
