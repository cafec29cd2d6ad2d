"""What is larger than a limit is not taken for wrong, what is deeper is, and neither costs much."""

from __future__ import annotations

import time
import tracemalloc
from dataclasses import replace

import pytest

from tck.endpoint.limits import NAMES, Limits
from tck.endpoint.parsing import parse

from .exchanges import exchange

LIMITS = Limits(nodes=1000, depth=20)


def test_limits_are_set_by_name() -> None:
    assert Limits().changed(["body=5", "depth=7"]) == replace(Limits(), body=5, depth=7)
    assert Limits().changed([]) == Limits()


@pytest.mark.parametrize("value", ["", "0", "-1", "²", "٣", "1.5", "many", "9" * 5000, " 1"])
@pytest.mark.parametrize("name", NAMES)
def test_a_limit_is_a_whole_number_above_zero(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="whole number"):
        Limits().changed([f"{name}={value}"])


@pytest.mark.parametrize("setting", ["", "size=1", "seconds=5", "body"])
def test_what_is_no_limit_is_refused(setting: str) -> None:
    with pytest.raises(ValueError, match=r"limit|whole number"):
        Limits().changed([setting])


def test_there_is_room_for_the_largest_blob() -> None:
    assert Limits(body=10, received=20).with_room_for(30) == Limits(body=30, received=30)
    assert Limits(body=10, received=20).with_room_for(0) == Limits(body=10, received=20)


DOCUMENTS = {
    "xml": (b"<keys>" + b"<key/>" * 400 + b"</keys>", b"<keys>" + b"<key/>" * 1000 + b"</keys>"),
    "json": (b"[" + b"[]," * 400 + b"1]", b"[" + b"{}," * 1000 + b"1]"),
}


@pytest.mark.parametrize("format_", DOCUMENTS)
def test_of_too_many_nodes_no_tree_is_made(format_: str) -> None:
    small, large = (parse(content, format_, LIMITS) for content in DOCUMENTS[format_])
    assert (small.tree is not None, small.error, small.beyond) == (True, None, "")
    assert (large.tree, large.error) == (None, None)
    assert "more than 1000 (limit nodes)" in large.beyond


def test_of_too_many_nodes_syntax_is_judged_all_the_same() -> None:
    assert parse(b"<keys>" + b"<key/>" * 1000, "xml", LIMITS).error


@pytest.mark.parametrize(
    ("content", "format_"),
    [
        (b"<a>" * 21 + b"</a>" * 21, "xml"),
        (b"<a>" * 200_000, "xml"),
        (b"[" * 21 + b"]" * 21, "json"),
        (b'{"a":' * 200_000, "json"),
    ],
)
def test_what_is_nested_too_deep_is_wrong(content: bytes, format_: str) -> None:
    parsed = parse(content, format_, LIMITS)
    assert parsed.tree is None
    assert parsed.error
    assert parse(content.replace(b"[" * 2, b"[").replace(b"]" * 2, b"]"), format_, LIMITS)


def test_depth_is_counted_outside_of_texts() -> None:
    texts = b'["' + b"[" * 50 + b'", "\\"' + b"{" * 50 + b'", ' + b"[1]," * 50 + b"2]"
    assert parse(texts, "json", LIMITS).tree is not None
    assert parse(b"<a>" * 20 + b"</a>" * 20, "xml", LIMITS).tree is not None


MEBIBYTE = 1 << 20
HUGE = {
    "elements": ("xml", b"<a>" + b"<a/>" * MEBIBYTE + b"</a>"),
    "elements in UTF-16": ("xml", ("<a>" + "<a/>" * MEBIBYTE + "</a>").encode("utf-16")),
    "levels": ("xml", b"<a>" * MEBIBYTE),
    "entities": ("xml", b'<!DOCTYPE a [<!ENTITY x "">]><a>' + b"&x;" * MEBIBYTE + b"</a>"),
    "lists": ("json", b"[" + b"[]," * MEBIBYTE + b"1]"),
    "objects": ("json", b"[" + b"{}," * MEBIBYTE + b"1]"),
    "brackets": ("json", b"[" * 4 * MEBIBYTE),
    "quotes without end": ("json", b'["' + b'\\"' * 2 * MEBIBYTE + b"\\"),
}


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_document_takes_neither_time_nor_memory(name: str) -> None:
    """Python's memory; that of libxml2 is measured in tests/hostile."""
    format_, content = HUGE[name]
    began = time.process_time()
    assert parse(content, format_, Limits()).tree is None
    assert time.process_time() - began < 1
    tracemalloc.start()
    parse(content, format_, Limits())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * len(content)


def test_an_exchange_says_why_its_document_is_not_judged() -> None:
    small, large = DOCUMENTS["xml"]
    for content, tag in ((small, "keys"), (large, None)):
        x = replace(exchange("/keys", content.decode()), limits=LIMITS)
        assert (x.xml.tag if x.xml is not None else None) == tag
        assert bool(x.beyond) == (tag is None)
        assert x.syntax_error is None
