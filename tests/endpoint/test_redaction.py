"""No secret leaves the process, however it is written."""

from __future__ import annotations

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tck.endpoint.curl import curl
from tck.endpoint.exchange import Exchange, Headers, Request, Response
from tck.endpoint.files import to_json
from tck.endpoint.redaction import HIDDEN, Redactor

from .exchanges import exchange

USER, PASSWORD = "canary-user@exämple", 'canary pa/ss"w&o<r>d+é'
PAIR = f"{USER}:{PASSWORD}"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nCANARYKEY\n-----END RSA PRIVATE KEY-----"


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


FORMS = {
    "plain": lambda s: s,
    "quoted": lambda s: quote(s, safe=""),
    "quoted, slash kept": quote,
    "quoted in lower case": lambda s: re.sub("%..", lambda m: m[0].lower(), quote(s, safe="")),
    "form": quote_plus,
    "base64": _b64,
    "base64 for URLs": lambda s: base64.urlsafe_b64encode(s.encode()).decode(),
    "JSON": lambda s: json.dumps(s)[1:-1],
    "JSON, not ASCII": lambda s: json.dumps(s, ensure_ascii=False)[1:-1],
    "XML": escape,
    "HTML": html.escape,
}


def everywhere(secret: str) -> Exchange:
    """An exchange that shows a text in every place there is."""
    fields = Headers((("X-Echo", secret), ("Location", f"http://h/{secret}")))
    body = f"<a>{secret}</a>".encode()
    return Exchange(
        "x",
        Request("POST", f"http://h/api/{secret}?a={secret}", fields, body),
        Response(400, secret, fields, body),
        "http://h/api",
        failure=secret,
    )


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", [USER, PASSWORD, PAIR])
def test_no_form_of_a_secret_is_told(form: str, secret: str) -> None:
    redactor = Redactor([USER, PASSWORD, PAIR])
    shown = FORMS[form](secret)
    clean = redactor.exchange(everywhere(shown))
    for told in (json.dumps(to_json(clean), ensure_ascii=False), curl(clean), redactor.text(shown)):
        assert shown not in told
        assert secret not in told
        assert HIDDEN in told


SECRET = st.text(st.characters(exclude_categories=["C"]), min_size=6, max_size=12)


@given(secret=SECRET, form=st.sampled_from(sorted(FORMS)))
def test_no_secret_is_told_whatever_it_is(secret: str, form: str) -> None:
    # what stands in every exchange would hide nothing but itself
    assume(len(set(secret)) > 3 and not Redactor([secret]).weak)
    shown = FORMS[form](secret)
    told = Redactor([secret]).text(f"before {shown} after")
    assert told.replace("=", "") == f"before {HIDDEN} after"  # padding may stay


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("Authorization", f"Basic {_b64('a:b')}", f"Basic {HIDDEN}"),
        ("authorization", f"basic {_b64('a:b')}", f"basic {HIDDEN}"),
        ("Authorization", "Bearer abc.def", f"Bearer {HIDDEN}"),
        ("Authorization", "canary", HIDDEN),
        ("Proxy-Authorization", "Basic canary", f"Basic {HIDDEN}"),
        ("Cookie", "session=canary", HIDDEN),
        ("Cookie", "canary b", HIDDEN),
        ("SET-COOKIE", "session=canary; HttpOnly", HIDDEN),
    ],
)
def test_fields_that_are_secret_by_their_name(name: str, value: str, told: str) -> None:
    clean = Redactor().exchange(exchange(sent={name: value}, fields={name: value}))
    assert clean.request.headers.get(name) == told
    assert clean.headers.get(name) == told


@pytest.mark.parametrize(
    "body",
    [
        f"<key><pem>{PEM}</pem></key>",
        "<key><pem>\nCANARYKEY\n</pem></key>",
        "<key><pem a='b'><![CDATA[CANARYKEY]]></pem></key>",
        "<login><password>CANARYKEY</password></login>",
        json.dumps({"key": {"pem_rsa_key": PEM}}),
        json.dumps({"key": {"pem_rsa_key": 'CANARYKEY "quoted" CANARYKEY'}}),
        json.dumps({"login": {"password": "CANARYKEY"}}, indent=1),
        "a=b&password=CANARYKEY&c=d",
        "private_key=CANARYKEY",
        "user_data=CANARYKEY",
        f"text {PEM} text",
        PEM.replace("\n", "\\n"),
        PEM.rpartition("\n")[0],  # cut off
        PEM.replace("RSA ", ""),
        PEM.replace("RSA ", "OPENSSH "),
        quote_plus(PEM),
        "Authorization: Basic Q0FOQVJZS0VZ",
        "Basic Q0FOQVJZ",
        "<d:password>CANARYKEY</d:password>",
        "<PASSWORD>CANARYKEY</PASSWORD>",
        "<password>CANARYKEY",  # cut off
        "&lt;password&gt;CANARYKEY&lt;/password&gt;",
        json.dumps(json.dumps({"password": "CANARYKEY"})),
        json.dumps({"user_data": "CANARYKEY"}),
        "Credentials(user='a', password='CANARYKEY')",
        '{:user=>"a", :password=>"CANARYKEY"}',
        '"password": 12345678',
        "http://user:CANARYKEY@host/api",
        base64.b64encode(b"<login><password>CANARYKEY</password></login>").decode(),
    ],
)
def test_keys_and_passwords_are_known_by_where_they_stand(body: str) -> None:
    told = Redactor().text(body)
    assert "CANARY" not in told
    assert "Q0FOQVJZ" not in told
    assert HIDDEN in told


SHORT = ("s", "test", "password", "Secret", "admin", "instances")


@pytest.mark.parametrize("secret", SHORT)
def test_what_is_short_or_a_word_is_hidden_only_where_credentials_stand(secret: str) -> None:
    redactor = Redactor([secret, f"user:{secret}"])
    assert redactor.weak
    plain = f"a {secret} of instances, tested by administrators: passwords and secrets <{secret}/>"
    assert redactor.text(plain) == plain
    for text in (
        f"wrong password {secret}",
        f"password: {secret}",
        f"secret '{secret}'",
        f"<password>{secret}</password>",
        f"password={secret}&a=b",
        json.dumps({"passwd": secret}, indent=4),
        f"Basic {_b64(f'user:{secret}')}",
        f"user:{secret}",
        f"http://user:{secret}@host/api",
        quote(f"the password is {secret}."),
    ):
        told = redactor.text(text)
        assert HIDDEN in told
        rest = told.replace("password", "").lower()
        assert not re.search(rf"\b{re.escape(secret)}\b", rest), text


def test_what_is_long_and_no_word_is_hidden_everywhere() -> None:
    assert not Redactor(["hunter2", "mockpassword"]).weak


def test_a_body_in_an_encoding_that_nobody_here_reads_is_hidden() -> None:
    x = exchange(body="\x1b\x03", fields={"Content-Encoding": "br"})
    assert Redactor().exchange(x).body == HIDDEN.encode()


@pytest.mark.parametrize(
    "plain",
    [
        "<key><fingerprint>a:b</fingerprint></key>",
        '{"key": {"pem_rsa_key": null}}',
        "<password/><name>a</name>",
        "name=password&x=y",
        "the password is wrong",
        "Basic authentication is required",
        'Basic realm="deltacloud"',
        "<password></password>",
        "see http://host/a and write to a@b",
    ],
)
def test_what_is_no_secret_stays(plain: str) -> None:
    assert Redactor().text(plain) == plain


def test_secrets_in_a_body_that_is_no_text_are_not_told() -> None:
    body = b"\xff\xfe" + PASSWORD.encode()
    x = exchange("/buckets/b/c", body, form=body, method="PUT")
    told = json.dumps(to_json(Redactor([PASSWORD]).exchange(x)))
    assert base64.b64encode(body).decode() not in told


def test_judged_exchanges_stay_as_they_were() -> None:
    x = everywhere(PASSWORD)
    Redactor([PASSWORD]).exchange(x)
    assert PASSWORD in x.request.url


def test_no_secrets_is_no_redaction() -> None:
    redactor = Redactor(["", ""])
    assert redactor.text("plain text") == "plain text"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("it said canar…", f"it said {HIDDEN}…"),
        ('"it said canary pa/ss..."', f'"it said {HIDDEN}..."'),
        ("it said canary pa/ss", f"it said {HIDDEN}"),
        ("it said canary pa/ss and more", f"it said {HIDDEN} and more"),
        ("a canary that…", "a canary that…"),
    ],
)
def test_the_beginning_of_a_secret_that_was_cut_is_hidden(text: str, told: str) -> None:
    assert Redactor(["canary pa/ss<w>or"]).text(text) == told


@pytest.mark.parametrize("most", range(5, 40))
def test_a_text_is_redacted_before_it_is_cut(most: int) -> None:
    told = Redactor(["canary pa/ss<w>ord"]).cut("it said canary%20pa/ss<w>ord to whom", most)
    assert "can" not in told
    assert len(told) <= most


@pytest.mark.parametrize(
    ("fields", "target"),
    [
        ({"Authorization": "Kanarienvogel-7431"}, ""),
        ({"Authorization": "Bearer Kanarienvogel-7431"}, ""),
        ({"Authorization": 'Digest username="u", response="Kanarienvogel-7431"'}, ""),
        ({"Proxy-Authorization": "basic dTpLYW5hcmllbnZvZ2VsLTc0MzE"}, ""),
        ({"X-Auth-Token": "Kanarienvogel-7431"}, ""),
        ({}, "/api?api[password]=Kanarienvogel-7431"),
        ({}, "/api/keys?a=b&api%5Bpassword%5D=Kanarienvogel%2D7431"),
        ({}, "/api?pass=Kanarienvogel-7431"),
        ({}, "/api?access_key=Kanarienvogel-7431"),
    ],
)
def test_what_a_client_sends_as_a_secret_is_hidden_everywhere(
    fields: dict[str, str], target: str
) -> None:
    told = Redactor()
    assert told.keep_sent(Headers(fields), target)
    assert told.text("x Kanarienvogel-7431 y") == f"x {HIDDEN} y"
    assert "7431" not in told.text(target)
    shown = told._headers(Headers(fields))
    assert "7431" not in "".join(value for _, value in shown)


def test_after_too_many_secrets_of_clients_no_more_are_learnt() -> None:
    told = Redactor()
    kept = [told.keep_sent(Headers({"Authorization": f"Bearer secret-{n}"})) for n in range(400)]
    assert kept[0]
    assert not kept[-1]
    assert told.keep_sent(Headers({"Authorization": "Bearer secret-0"}))
