"""What is kept of an exchange: cut, its length told, and no piece of a secret at the cut."""

from __future__ import annotations

import json

from endpoint.exchanges import BASE, exchange
from growth import assert_linear
from hypothesis import given
from hypothesis import strategies as st

from tck.endpoint import files
from tck.endpoint.exchange import Exchange, Headers, Request
from tck.endpoint.redaction import Redactor
from tck.report.kept import _MARGIN, kept_curl, kept_exchange, kept_text

SECRET = "correct-horse-battery"
REDACTOR = Redactor([SECRET])
LENGTHS = st.one_of(st.integers(0, 400), st.integers(_MARGIN - 60, _MARGIN + 400))


@given(before=st.integers(0, 300), after=LENGTHS, most=st.integers(0, 300))
def test_no_cut_falls_into_a_secret(before: int, after: int, most: int) -> None:
    text = "." * before + SECRET + "-" * after + SECRET
    x = exchange("/keys", text, method="POST", form=text.encode())
    kept = kept_exchange(x, REDACTOR, body=most, head=1000)
    for told in (
        kept_text(text, REDACTOR, most),
        kept["request"]["body"],
        kept["response"]["body"],
    ):
        assert "corr" not in told
        assert "tery" not in told


@given(length=LENGTHS, most=st.integers(1, 300))
def test_a_text_is_cut_where_the_limit_is(length: int, most: int) -> None:
    text = "\N{EURO SIGN}" * length
    kept = kept_text(text, REDACTOR, most)
    if length <= most:
        assert kept == text
    else:
        assert kept == "\N{EURO SIGN}" * most + f"… {most:,} of {length:,} characters kept"


def test_what_is_within_the_limit_is_kept_whole() -> None:
    x = exchange("/keys", b"\xff" * 10, method="POST", form=b"name=a", sent={"X-A": "b"})
    assert kept_exchange(x, REDACTOR, body=10, head=1000) == files.to_json(x)


def test_the_full_length_of_a_body_is_told() -> None:
    kept = kept_exchange(exchange("/keys", "a" * 3_700_000), REDACTOR, body=64_000, head=1000)
    assert kept["response"]["body"] == "a" * 64_000
    assert kept["response"]["body_omitted"] == "64,000 of 3,700,000 bytes kept"


def test_nothing_is_kept_of_long_content_that_is_not_text() -> None:
    kept = kept_exchange(exchange("/keys", b"\xff" * 1001), REDACTOR, body=1000, head=1000)
    assert kept["response"]["body"] == ""
    assert kept["response"]["body_omitted"] == "0 of 1,001 bytes kept"


def test_fields_and_addresses_are_kept_whole_or_not_at_all() -> None:
    fields = (("X-A", "a"), ("X-Long", "b" * 5000), *((f"X-{n}", "c" * 90) for n in range(500)))
    x = exchange("/keys/" + "k" * 5000, "<key/>", fields=fields, failure="f" * 5000)
    kept = kept_exchange(x, REDACTOR, body=1000, head=1000)
    came = kept["response"]["headers"]
    assert came["X-A"] == "a"
    assert came["X-Long"] == "[5,000 characters]"
    assert came["X-Cut"].endswith("more fields")
    assert kept["request"]["path"] == f"/[{len(BASE) + 5006:,} characters]"
    assert kept["response"]["failure"] == "[5,000 characters]"
    assert len(json.dumps(kept)) < 3000
    assert files.from_json(kept).request.origin == x.request.origin


def test_a_curl_command_that_is_too_long_is_named() -> None:
    x = exchange("/keys", method="POST", form=b"a" * 3000)
    assert "--data-binary @BODY_OF_3000_BYTES" in kept_curl(x, REDACTOR, 1000)
    long = Exchange("x", Request("GET", BASE + "/" + "a" * 9000, Headers()), None, BASE)
    assert kept_curl(long, REDACTOR, 1000) == f"(a curl command of {len(BASE) + 9001:,} characters)"


def test_of_a_long_body_only_the_beginning_is_redacted() -> None:
    class Measuring(Redactor):
        seen = 0

        def exchange(self, x: Exchange) -> Exchange:
            self.seen += len(x.body) + len(x.request.body or b"")
            return super().exchange(x)

    redactor = Measuring()
    x = exchange("/keys", "a" * 3_700_000, method="POST", form=b"b" * 3_700_000)
    kept_exchange(x, redactor, body=64_000, head=1000)
    assert redactor.seen == 2 * (64_000 + _MARGIN)


def test_a_field_that_comes_often_costs_no_more_than_others() -> None:
    assert_linear(lambda n: files.to_json(exchange("/", fields=(("X-A", "b"),) * n)), 2000)
