"""A secret is hidden however it is spelled, at a cost that is linear, and nothing else is."""

from __future__ import annotations

import base64
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tck.endpoint import files
from tck.endpoint.decoding import OVERLAP, WINDOW
from tck.endpoint.redaction import HIDDEN, Redactor

from .spellings import BODIES, BYTES, CASES, TEXTS, shows

SECRETS = ("canary-Pa/ss_w0rd+1", 'cänary pa"s<w&o>r=d\\', "hunter2", "0123456789ab")
RECORDINGS = Path(__file__).parents[1] / "recordings"

WORDS = st.text(st.characters(codec="utf-8"), max_size=20).map(lambda text: text.encode())
STEPS = st.lists(st.sampled_from(sorted(TEXTS)), max_size=3)
SHELLS = st.sampled_from([None, None, *BYTES])


def spelled(secret: str, steps: list[str], random: Random) -> bytes:
    data = secret.encode()
    for step in steps:
        data = (TEXTS | BYTES | BODIES | CASES)[step](data, random)
    return data


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("first", sorted(TEXTS))
def test_every_spelling_of_every_spelling_is_hidden(first: str, secret: str) -> None:
    redactor, random = Redactor([secret]), Random(1)
    for second in (*TEXTS, *BYTES, *BODIES):
        case = random.choice(sorted(CASES))
        data = spelled(secret, [case, first, second], random)
        if second not in BODIES:
            data = b"<a>before " + data + b" after</a>"
        told = redactor.content(data)
        assert HIDDEN.encode() in told, (case, first, second, data)
        assert not shows(told, secret, 2), (case, first, second, data, told)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    secret=st.text(st.characters(exclude_categories=["C"]), min_size=7, max_size=14),
    steps=STEPS,
    shell=SHELLS,
    before=WORDS,
    after=WORDS,
    random=st.randoms(use_true_random=False),
)
def test_no_decoding_of_what_is_told_shows_the_secret(
    secret: str, steps: list[str], shell: str | None, before: bytes, after: bytes, random: Random
) -> None:
    redactor = Redactor([secret])
    assume(len(set(secret)) > 4 and not redactor.weak)
    data = spelled(secret, steps, random)
    assume(len(data) < 4000)
    text = before + data + after
    if shell:
        text = BYTES[shell](text, random)
    told = redactor.content(text)
    assert not shows(told, secret), (secret, steps, shell, text, told)


@settings(max_examples=300, deadline=None)
@given(text=st.one_of(st.text(), st.binary().map(lambda data: data.decode("latin-1"))))
def test_what_holds_no_secret_is_not_changed(text: str) -> None:
    assert Redactor(["canary-Pa/ss_w0rd"]).text(text) == text


def test_ordinary_documents_are_not_changed() -> None:
    """As the original sent them, under many passwords; but what stands where secrets do."""
    known = (b"pem", b"password", b"PRIVATE KEY", b"user_data", b"private_key")
    known += (b"\x89PNG",)  # of which too much comes if it is inflated
    exchanges = [x for path in RECORDINGS.glob("*.jsonl") for x in files.read(path)]
    random, documents = Random(1), 0
    for number in range(10):
        redactor = Redactor([random.randbytes(4 + number).hex()])
        for x in exchanges:
            for body in (x.body, x.request.body or b""):
                if not any(word in body for word in known):
                    documents += 1
                    assert redactor.content(body) == body
            assert redactor.text(x.request.url) == x.request.url
    assert documents > 10_000


def test_a_secret_is_found_across_windows() -> None:
    redactor, secret = Redactor(["canary-Pa/ss_w0rd"]), base64.b64encode(b"canary-Pa/ss_w0rd.")
    for at in (WINDOW - OVERLAP - 30, WINDOW - 10, 2 * WINDOW, 2 * (WINDOW - OVERLAP) - 10):
        text = b"." * at + secret + b"." * WINDOW
        told = redactor.content(text)
        assert len(told.replace(HIDDEN.encode(), b"").strip(b".")) < 2
        assert len(told) > at + WINDOW


def test_a_key_that_does_not_end_in_a_window_is_hidden() -> None:
    text = b"<a/><pem>" + b"x" * (WINDOW + 5) + b"</pem>"
    assert b"x" not in Redactor().content(text)


@pytest.mark.parametrize("wbits", [15, 31, -15])
@pytest.mark.parametrize("end", [-1, -9, None])
def test_what_is_compressed_is_hidden_even_if_it_is_broken(wbits: int, end: int | None) -> None:
    packed = zlib.compress(b"<a>canary-Pa/ss_w0rd</a>" + Random(1).randbytes(20), wbits=wbits)
    told = Redactor(["canary-Pa/ss_w0rd"]).content(packed[:end])
    assert told != packed[:end]
    assert not shows(told, "canary-Pa/ss_w0rd", 1)


def _tower(step: Callable[[bytes], bytes], data: bytes, times: int) -> bytes:
    for _ in range(times):
        data = step(data)
    return data


@pytest.mark.parametrize(
    "text",
    [
        _tower(lambda s: s.replace(b"%", b"%25"), b"%63anary-Pa/ss_w0rd", 30),
        _tower(base64.b64encode, b"canary-Pa/ss_w0rd", 12),
        _tower(zlib.compress, b"canary-Pa/ss_w0rd", 12),
        zlib.compress(b" " * (8 << 20) + b"canary-Pa/ss_w0rd"),
    ],
    ids=["percent", "base64", "deflate", "bomb"],
)
def test_what_is_too_deep_or_too_much_is_hidden_whole(text: bytes) -> None:
    told = Redactor(["canary-Pa/ss_w0rd"]).content(text)
    assert told.startswith(HIDDEN.encode())
    assert len(told) < 30


ADVERSE: dict[str, Callable[[int], bytes]] = {
    "a long word": lambda n: b"a" * n,
    "words": lambda n: b"word " * (n // 5),
    "keys that do not end": lambda n: b"-----BEGIN RSA PRIVATE KEY" * (n // 26),
    "a key of capitals": lambda n: b"-----BEGIN " + b"A" * n,
    "elements": lambda n: b"<pem>" * (n // 5),
    "elements that do not begin": lambda n: b"<pem " * (n // 5),
    "strings": lambda n: b'"password":"' * (n // 12),
    "backslashes in a string": lambda n: b'"password":"' + b"\\a" * (n // 2),
    "blanks": lambda n: b'"password"' + b" " * n,
    "percent": lambda n: b"%" + b"25" * (n // 2),
    "percents": lambda n: b"%25" * (n // 3),
    "ampersands": lambda n: b"&" + b"amp;" * (n // 4),
    "references": lambda n: b"&#x41;" * (n // 6),
    "references that do not end": lambda n: b"&#x" * (n // 3),
    "zeros": lambda n: b"&#" + b"0" * n,
    "backslashes": lambda n: b"\\" * n,
    "units": lambda n: b"\\u0041" * (n // 6),
    "all of them": lambda n: b"%26%2337%3B32%35%5cu0032" * (n // 24),
    "NULs": lambda n: b"a\0" * (n // 2),
    "base64": lambda n: base64.b64encode(Random(n).randbytes(n * 3 // 4)),
    "base64 at all offsets": lambda n: b"V" * n,
    "hexadecimal": lambda n: Random(n).randbytes(n // 2).hex().encode(),
    "zlib": lambda n: b"x\x9c" * (n // 2),
    "empty blocks": lambda n: (b"x\x9c" + b"\0\0\0\xff\xff" * 50) * (n // 252),
    "users": lambda n: (b"://" + b":" * 256) * (n // 259),
    "secrets": lambda n: b"canary-Pa/ss_w0rd " * (n // 18),
    "noise": lambda n: Random(n).randbytes(n),
}


@pytest.mark.parametrize("kind", ADVERSE)
def test_a_text_of_twice_the_length_takes_twice_as_long(kind: str) -> None:
    redactor, size = Redactor(["canary-Pa/ss_w0rd"]), 1 << 13

    def seconds(length: int) -> float:
        text, times = ADVERSE[kind](length), []
        for _ in range(3):
            redactor.harmless.clear()
            began = time.process_time()
            redactor.content(text)
            times.append(time.process_time() - began)
        return min(times)

    # what is quadratic would take sixteen times as long; a millisecond is noise
    assert seconds(4 * size) < 8 * seconds(size) + 0.02
