"""What generated examples are made of.

Alphabets are short lists of telling characters: drawing from all of Unicode costs seconds
and finds nothing more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

from hypothesis import strategies as st
from lxml import etree

from tck.rules.hardware_profiles import number

# Markup, quotes, escapes, separators of URLs and forms, two-, three- and four-byte UTF-8,
# right-to-left text, a combining accent in its composed form.
TELLING = "abcXYZ019 <>&\"'`/\\%+=?#;:,.@!$()[]{}|~^*_-äöüßéñЖλא雲日한😀𝄞"


def names(longest: int) -> st.SearchStrategy[str]:
    """Names: telling characters, no white space at the ends, at most `longest` long."""
    text = st.text(alphabet=st.sampled_from(TELLING), min_size=1, max_size=min(longest, 40))
    return text.filter(lambda name: bool(name.strip()) and name == name.strip())


def every_character(longest: int) -> list[str]:
    """Names that hold all the telling characters between them, at most `longest` long each.

    They are short enough to stay within a limit when a wrong server makes more of them.
    """
    size = min(longest, 12)
    return [TELLING[start : start + size].strip() for start in range(0, len(TELLING), size)]


@dataclass(frozen=True, slots=True)
class Offer:
    """A property of a hardware profile that the caller may set."""

    profile: str
    name: str
    default: str
    inside: st.SearchStrategy[str]
    outside: st.SearchStrategy[str]
    admits: Callable[[str], bool]


def offers(profile: etree._Element) -> list[Offer]:
    """What a profile offers to choose: ranges and enumerations (A50)."""
    found = []
    for prop in profile.iterchildren("property"):
        name, value = prop.get("name", ""), prop.get("value", "")
        bounds = prop.find("range")
        first = number(bounds.get("first")) if bounds is not None else None
        last = number(bounds.get("last")) if bounds is not None else None
        entries = [v for e in prop.iterfind("enum/entry") if (v := e.get("value"))]
        if prop.get("kind") == "range" and first is not None and last is not None:
            if first <= last:  # else judged: DC-HWP-006
                found.append(_range(profile.get("id", ""), name, value, first, last))
        elif prop.get("kind") == "enum" and entries:
            found.append(_enum(profile.get("id", ""), name, value, entries))
    return found


def _range(profile: str, name: str, default: str, first: Decimal, last: Decimal) -> Offer:
    places = max(_places(first), _places(last))
    if places == 0:
        inside = st.integers(int(first), int(last)).map(str)
        above = st.integers(int(last) + 1, int(last) * 10 + 10).map(str)
    else:
        inside = st.decimals(first, last, places=places).map(str)
        above = st.decimals(last + 1, last * 10 + 10, places=places).map(str)
    below = [st.integers(0, ceil(first) - 1).map(str)] if first > 0 else []
    odd = st.sampled_from(["many", "1e3x", "0x10"])

    def admits(value: str) -> bool:
        found = number(value)
        return found is not None and first <= found <= last

    return Offer(profile, name, default, inside, st.one_of(above, *below, odd), admits)


def _places(value: Decimal) -> int:
    """How many digits stand behind the point."""
    return max(0, -int(value.normalize().as_tuple().exponent))


def _enum(profile: str, name: str, default: str, entries: list[str]) -> Offer:
    known = {number(e) for e in entries} - {None}

    def admits(value: str) -> bool:
        return value in entries or number(value) in known

    other = st.one_of(st.integers(0, 10**6).map(str), st.just("tck-none"))
    outside = other.filter(lambda value: not admits(value))
    return Offer(profile, name, default, st.sampled_from(entries), outside, admits)
