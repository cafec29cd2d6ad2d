"""Hypothesis strategies for the values that checks send.

Alphabets are short lists of characters that servers are known to get wrong: drawing from all of
Unicode costs seconds and finds nothing more.
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
DIFFICULT = "abcXYZ019 <>&\"'`/\\%+=?#;:,.@!$()[]{}|~^*_-äöüßéñЖλא雲日한😀𝄞"


def names(longest: int) -> st.SearchStrategy[str]:
    """Names of difficult characters, without white space at the ends, of 1 to `longest` (or 40)."""
    text = st.text(alphabet=st.sampled_from(DIFFICULT), min_size=1, max_size=min(longest, 40))
    return text.filter(lambda name: bool(name.strip()) and name == name.strip())


def every_character(longest: int) -> list[str]:
    """Names that contain every difficult character between them, at most `longest` long each.

    At most 12: if a wrong server escapes them into more characters, they still stay within a limit.
    """
    size = min(longest, 12)
    return [DIFFICULT[start : start + size].strip() for start in range(0, len(DIFFICULT), size)]


@dataclass(frozen=True, slots=True)
class Offer:
    """A property of a hardware profile that the caller may set.

    `inside` and `outside` generate values that the profile offers and does not offer; `admits` says
    which of the two a value is.
    """

    profile: str
    name: str
    default: str
    inside: st.SearchStrategy[str]
    outside: st.SearchStrategy[str]
    admits: Callable[[str], bool]


def offers(profile: etree._Element) -> list[Offer]:
    """The ranges and enumerations that a profile offers (A50), except empty ranges."""
    result = []
    for prop in profile.iterchildren("property"):
        name, value = prop.get("name", ""), prop.get("value", "")
        bounds = prop.find("range")
        first = number(bounds.get("first")) if bounds is not None else None
        last = number(bounds.get("last")) if bounds is not None else None
        entries = [v for e in prop.iterfind("enum/entry") if (v := e.get("value"))]
        if prop.get("kind") == "range" and first is not None and last is not None:
            if first <= last:  # else a violation of DC-HWP-006
                result.append(_range(profile.get("id", ""), name, value, first, last))
        elif prop.get("kind") == "enum" and entries:
            result.append(_enum(profile.get("id", ""), name, value, entries))
    return result


def _range(profile: str, name: str, default: str, first: Decimal, last: Decimal) -> Offer:
    places = max(_places(first), _places(last))
    if places == 0:
        inside = st.integers(int(first), int(last)).map(str)
        above = st.integers(int(last) + 1, int(last) * 10 + 10).map(str)
    else:
        inside = st.decimals(first, last, places=places).map(str)
        above = st.decimals(last + 1, last * 10 + 10, places=places).map(str)
    below = [st.integers(0, ceil(first) - 1).map(str)] if first > 0 else []
    malformed = st.sampled_from(["many", "1e3x", "0x10"])

    def admits(value: str) -> bool:
        size = number(value)
        return size is not None and first <= size <= last

    return Offer(profile, name, default, inside, st.one_of(above, *below, malformed), admits)


def _places(value: Decimal) -> int:
    """Number of digits after the decimal point."""
    return max(0, -int(value.normalize().as_tuple().exponent))


def _enum(profile: str, name: str, default: str, entries: list[str]) -> Offer:
    numbers = {number(e) for e in entries} - {None}

    def admits(value: str) -> bool:
        return value in entries or number(value) in numbers

    other = st.one_of(st.integers(0, 10**6).map(str), st.just("tck-none"))
    outside = other.filter(lambda value: not admits(value))
    return Offer(profile, name, default, st.sampled_from(entries), outside, admits)
