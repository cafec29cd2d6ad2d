"""Generated examples are what they claim to be."""

from __future__ import annotations

import pytest
from endpoint.exchanges import recorded
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tck.checks.support.strategies import Offer, names, offers


def profile(kind: str, inner: str, value: str = "1") -> etree._Element:
    return etree.fromstring(
        f'<hardware_profile id="p"><property name="memory" kind="{kind}" value="{value}">{inner}'
        "</property></hardware_profile>"
    )


def ranged(first: str, last: str) -> etree._Element:
    return profile("range", f'<range first="{first}" last="{last}"/>')


def chosen(*entries: str) -> etree._Element:
    inner = "".join(f'<entry value="{entry}"/>' for entry in entries)
    return profile("enum", f"<enum>{inner}</enum>")


PROFILES = [
    *(
        ranged("1", "6"),
        ranged("0", "6"),
        ranged("0", "0"),
        ranged("7", "7"),
        ranged("7680", "15360"),
    ),
    *(
        ranged("0.25", "0.5"),
        ranged("1740.8", "1740.8"),
        ranged("0.26", "0.29"),
        ranged("0.5", "8"),
    ),
    *(chosen("850", "1024"), chosen("0"), chosen("i386", "x86_64"), chosen("1740.8", "1741")),
]


def _of(element: etree._Element) -> Offer:
    [offer] = offers(element)
    return offer


@pytest.mark.parametrize("element", PROFILES, ids=lambda e: etree.tostring(e[0]).decode()[42:90])
def test_inside_is_inside_and_outside_is_outside(element: etree._Element) -> None:
    offer = _of(element)

    @given(inside=offer.inside, outside=offer.outside)
    def judge(inside: str, outside: str) -> None:
        assert offer.admits(inside), inside
        assert not offer.admits(outside), outside

    judge()


def test_every_offer_of_the_original_can_be_drawn_from() -> None:
    found = {
        etree.tostring(profile): profile
        for x in recorded()
        if x.xml is not None and x.ok
        for profile in x.xml.iter("hardware_profile")
    }
    drawn = [offer for profile in found.values() for offer in offers(profile)]
    assert drawn

    @given(data=st.data())
    def judge(data: st.DataObject) -> None:
        offer = data.draw(st.sampled_from(drawn))
        assert offer.admits(data.draw(offer.inside))
        assert not offer.admits(data.draw(offer.outside))

    judge()


@pytest.mark.parametrize(
    ("element", "value", "admitted"),
    [
        (ranged("1", "6"), "1", True),
        (ranged("1", "6"), "6.0", True),
        (ranged("1", "6"), "7", False),
        (ranged("1", "6"), "0.9", False),
        (ranged("1", "6"), "", False),
        (ranged("1", "6"), "-2", False),
        (chosen("850", "1024"), "850.0", True),
        (chosen("850", "1024"), "851", False),
        (chosen("850", "1024"), "many", False),
    ],
)
def test_what_a_profile_admits(element: etree._Element, value: str, admitted: bool) -> None:
    assert _of(element).admits(value) == admitted


@pytest.mark.parametrize(
    "element",
    [
        profile("fixed", ""),
        profile("range", ""),
        profile("range", '<range first="a" last="6"/>'),
        profile("range", '<range first="6" last="1"/>'),
        profile("enum", ""),
        profile("enum", "<enum/>"),
        profile("enum", "<enum><entry/></enum>"),
        profile("some", '<range first="1" last="6"/>'),
    ],
    ids=lambda e: etree.tostring(e[0]).decode()[:90],
)
def test_what_offers_no_choice(element: etree._Element) -> None:
    """Wrong profiles are judged by rules; they must not break the checks."""
    assert offers(element) == []


@given(data=st.data(), longest=st.integers(1, 60))
def test_names_are_short_and_tight(data: st.DataObject, longest: int) -> None:
    name = data.draw(names(longest))
    assert 1 <= len(name) <= longest
    assert name == name.strip()
    name.encode("utf-8")
