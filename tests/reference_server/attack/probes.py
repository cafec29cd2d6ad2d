"""Requests that are malformed, ambiguous or unusual, and the answers that HTTP allows to each.

Facts are those of RFC 9110 and RFC 9112. An outcome is written as the statuses of all answers
until the server hangs up, `400` or `200,404`; `-` is a connection that ends without an answer.
`strict` are the outcomes of a server that can be neither confused nor used to confuse others,
`allowed` are further ones that the standards permit. Each probe ends its connection itself: it is
malformed, or says `Connection: close`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..client import CREDENTIALS, basic

AUTH = f"Authorization: {basic(*CREDENTIALS)}"
FORM = "Content-Type: application/x-www-form-urlencoded"
BLOB = "/api/buckets/bucket1/probe"
HIDDEN = (
    b"GET /api/hidden HTTP/1.1\r\nHost: h\r\n\r\n"  # nobody asked for it: an answer is smuggled
)


@dataclass(frozen=True)
class Probe:
    """Bytes to send on a fresh connection; `ends` closes the sending side after them."""

    name: str
    area: str
    sent: bytes
    strict: frozenset[str]
    allowed: frozenset[str] = frozenset()
    method: str = "GET"
    ends: bool = False


_AREAS: dict[str, list[Probe]] = {}


def _probe(
    area: str,
    name: str,
    sent: bytes,
    strict: str,
    allowed: str = "",
    *,
    method: str = "GET",
    ends: bool = False,
) -> None:
    known = _AREAS.setdefault(area, [])
    outcomes = (frozenset(filter(None, text.split("|"))) for text in (strict, allowed))
    known.append(Probe(name, area, sent, *outcomes, method, ends))


def get(*lines: bytes | str, line: bytes | str = "GET /api HTTP/1.1", host: str = "h") -> bytes:
    """A request that is right unless `lines`, the request line or Host are wrong."""
    first = [line, *([f"Host: {host}"] if host else []), *lines, "Connection: close", "", ""]
    return b"\r\n".join(_bytes(item) for item in first)


def _put(*lines: bytes | str, body: bytes = b"", close: bool = True, version: str = "1.1") -> bytes:
    """An upload to which `lines` give the framing."""
    end = ["Connection: close"] if close else []
    head = [f"PUT {BLOB} HTTP/{version}", "Host: h", AUTH, *lines, *end, "", ""]
    return b"\r\n".join(_bytes(item) for item in head) + body


def _bytes(text: bytes | str) -> bytes:
    return text.encode("latin-1") if isinstance(text, str) else text


def _chunks(body: bytes) -> bytes:
    return _put("Transfer-Encoding: chunked", body=body)


def probes() -> Iterator[Probe]:
    """All of them, by area."""
    for area in _AREAS.values():
        yield from area


# -- request line (RFC 9112 3) ---------------------------------------------------------------


def _lines() -> None:
    def line(name: str, text: bytes | str, strict: str, allowed: str = "", **more: str) -> None:
        _probe("request line", name, get(line=text, **more), strict, allowed)

    def raw(name: str, sent: bytes, strict: str, allowed: str = "", *, ends: bool = False) -> None:
        _probe("request line", name, sent, strict, allowed, ends=ends)

    line("plain", "GET /api HTTP/1.1", "200")
    line("method-lower-case", "get /api HTTP/1.1", "501|405|400")
    line("method-unknown", "BREW /api HTTP/1.1", "501|405", "400")
    line("method-long", "A" * 300 + " /api HTTP/1.1", "501", "400|405|414")
    line("method-of-60k", "A" * 60_000 + " /api HTTP/1.1", "501|414|400", "405|431|-")
    line("method-no-token", "G{T /api HTTP/1.1", "400", "405|501")
    line("method-empty", " /api HTTP/1.1", "400")
    line("method-trace", "TRACE /api HTTP/1.1", "405|501", "400")
    line("blank-first", " GET /api HTTP/1.1", "400", "200")
    line("blanks-two", "GET  /api HTTP/1.1", "400", "200")
    line("blank-last", "GET /api HTTP/1.1 ", "400", "200")
    line("tab-between", "GET\t/api\tHTTP/1.1", "400", "200")
    line("vertical-tab-between", "GET\x0b/api\x0bHTTP/1.1", "400", "200")
    line("blank-in-target", "GET /a b HTTP/1.1", "400", "301")
    line("version-missing", "GET /api", "400|505|-")
    line("version-lower-case", "GET /api http/1.1", "400", "505")
    line("version-0.9", "GET /api HTTP/0.9", "505|400")
    line("version-1", "GET /api HTTP/1", "400", "505")
    line("version-1.10", "GET /api HTTP/1.10", "400", "505")
    line("version-01.1", "GET /api HTTP/01.1", "400", "505")
    line("version-1.1x", "GET /api HTTP/1.1x", "400", "505")
    line("version-1,1", "GET /api HTTP/1,1", "400", "505")
    line("version-blank", "GET /api HTTP/ 1.1", "400", "505")
    line("version-other-name", "GET /api HTTPS/1.1", "400", "505")
    line("version-1.2", "GET /api HTTP/1.2", "200", "505")
    line("version-1.9", "GET /api HTTP/1.9", "200", "505")
    line("version-2.0", "GET /api HTTP/2.0", "505", "400")
    line("version-9.9", "GET /api HTTP/9.9", "505", "400")
    line("version-1.0-without-host", "GET /api HTTP/1.0", "200", host="")
    raw("version-0.9-simple", b"GET /api\r\n", "400|-", "505", ends=True)
    raw("http-2-preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505|400|-", ends=True)
    raw("tls-hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 99, "400|-")
    raw("nothing", b"", "-", ends=True)
    raw("nothing-but-crlf", b"\r\n\r\n", "-", "400", ends=True)
    raw("crlf-first", b"\r\n" + get(), "200", "400")
    raw("crlf-endless", b"\r\n" * 200_000, "400|431|414|408|-")
    raw("lf-first", b"\n" + get(), "400", "200")
    raw("lf-after-line", get().replace(b"\r\n", b"\n", 1), "400", "200")
    raw("cr-after-line", get().replace(b"\r\n", b"\r", 1), "400|-")
    raw("half-a-head", get()[:-2], "-", "400", ends=True)
    line("cr-in-line", "GET /api\r HTTP/1.1", "400")
    line("nul-in-target", "GET /api\0 HTTP/1.1", "400")
    line("control-in-target", "GET /a\x01 HTTP/1.1", "400")
    line("delete-in-target", "GET /a\x7f HTTP/1.1", "400", "404")
    line("bytes-in-target", b"GET /api/\xff\xfe HTTP/1.1", "400|404")
    line("percent-of-nothing", "GET /api/realms/%zz HTTP/1.1", "400", "404")
    line("percent-of-nul", "GET /api/realms/%00 HTTP/1.1", "400|404|401")
    line("percent-no-utf-8", "GET /api/realms?id=%ff HTTP/1.1", "400", "200")
    line("fragment", "GET /api#top HTTP/1.1", "400", "404|200")
    line("no-slash", "GET api HTTP/1.1", "400")
    line("dots-upward", "GET /../../etc/passwd HTTP/1.1", "404|400")
    line("dots-percent", "GET /api/%2e%2e/%2e%2e/etc/passwd HTTP/1.1", "404|400")
    line("backslashes", "GET /api\\..\\..\\etc HTTP/1.1", "404|400")
    line("target-of-40k", "GET /" + "a" * 40_000 + " HTTP/1.1", "414", "400|404|431")
    raw("line-endless", b"GET /" + b"a" * 90_000, "414|400|431")
    line("absolute", "GET http://h/api HTTP/1.1", "200")
    line("absolute-upper-case", "GET HTTP://h/api HTTP/1.1", "200")
    line("absolute-other-host", "GET http://other.example/api HTTP/1.1", "200", "400|421")
    line("absolute-no-path", "OPTIONS http://h HTTP/1.1", "200|204", "400|404")
    line("absolute-query-only", "GET http://h?a=/api HTTP/1.1", "404|200", "400")
    line("absolute-user", "GET http://user:word@h/api HTTP/1.1", "400", "200")
    line("absolute-no-host", "GET http:///api HTTP/1.1", "400")
    line("absolute-bad-host", "GET http://a%zz:b/api HTTP/1.1", "400")
    line("absolute-ftp", "GET ftp://h/api HTTP/1.1", "400", "404|421")
    line("absolute-without-host-field", "GET http://h/api HTTP/1.1", "400", host="")
    line("absolute-bad-host-field", "GET http://h/api HTTP/1.1", "400", host="a b")
    line("asterisk-get", "GET * HTTP/1.1", "400", "404")
    line("asterisk-options", "OPTIONS * HTTP/1.1", "200|204")
    line("asterisk-more", "OPTIONS *x HTTP/1.1", "400", "404")
    line("authority-connect", "CONNECT h:80 HTTP/1.1", "400|405|501")
    line("authority-get", "GET h:80 HTTP/1.1", "400")


# -- Host (RFC 9112 3.2) ---------------------------------------------------------------------


def _hosts() -> None:
    def host(name: str, value: str, strict: str, allowed: str = "") -> None:
        _probe("Host", name, get(host=value), strict, allowed)

    for name, value, strict, allowed in (
        ("name", "cloud.example:8080", "200", ""),
        ("name-underscore", "my_cloud", "200", ""),
        ("address-6", "[::1]:80", "200", ""),
        ("port-empty", "h:", "200", ""),
        ("blank-inside", "a b", "400", ""),
        ("path", "h/api", "400", ""),
        ("query", "h?a", "400", ""),
        ("fragment", "h#a", "400", ""),
        ("user", "user@h", "400", ""),
        ("quotes", '"h"', "400", ""),
        ("angle", "<h>", "400", ""),
        ("backslash", "h\\x", "400", ""),
        ("list", "a, b", "400", ""),
        ("port-of-letters", "h:http", "400", ""),
        ("port-negative", "h:-1", "400", ""),
        ("port-too-large", "h:99999", "400", "200"),
        ("port-twice", "h:80:90", "400", ""),
        ("percent-of-nothing", "%zz", "400", ""),
        ("address-6-open", "[::1", "400", ""),
        ("address-6-more", "[::1]x", "400", ""),
        ("address-6-bare", "::1", "400", ""),
        ("bytes", "h\xe9", "400", ""),
        ("control", "h\x01", "400", ""),
        ("nul", "h\0.example", "400", ""),
    ):
        host(name, value, strict, allowed)
    _probe("Host", "missing", get(host=""), "400")
    _probe("Host", "empty", get("Host:", host=""), "400")
    _probe("Host", "empty-in-1.0", get("Host:", line="GET /api HTTP/1.0", host=""), "200", "400")
    _probe("Host", "twice-the-same", get("Host: h"), "400")
    _probe("Host", "twice", get("Host: other"), "400")
    _probe("Host", "twice-case", get("hOST: other"), "400")
    _probe("Host", "twice-in-1.0", get("Host: other", line="GET /api HTTP/1.0"), "400")
    _probe("Host", "blank-before-colon", get("Host : h", host=""), "400")
    _probe("Host", "underscore", get("HOST_: h", host=""), "400")


# -- fields (RFC 9112 5, RFC 9110 5) ---------------------------------------------------------


def _fields() -> None:
    def field(name: str, text: bytes | str, strict: str, allowed: str = "") -> None:
        _probe("fields", name, get(text), strict, allowed)

    field("value-empty", "X-A:", "200")
    field("value-blanks-around", "X-A: \t a \t ", "200")
    field("value-tab", "X-A: a\tb", "200")
    field("value-bytes", b"X-A: \xff\xfe", "200", "400")
    field("value-nul", "X-A: a\0b", "400", "200")
    field("value-control", "X-A: a\x01b", "400", "200")
    field("value-escape", "X-A: \x1b[2J", "400", "200")
    field("value-delete", "X-A: a\x7fb", "400", "200")
    field("value-cr", "X-A: a\rb", "400", "200")
    field("value-cr-last", "X-A: a\r", "400", "200")
    field("value-lf", "X-A: a\nX-B: b", "400", "200")
    field("value-blanks-60k", "X-A: a" + " " * 60_000 + "b", "200", "431|400")
    field("value-all-blanks-60k", "X-A: " + " " * 60_000, "200", "431|400")
    field("value-length-blanks-60k", "Content-Length:" + " " * 60_000 + "x", "400", "431")
    field("value-tabs-60k", "X-A: " + "\t" * 60_000 + "\x01", "400", "431|200")
    field("value-70k", "X-A: " + "a" * 70_000, "431", "400|-")
    field("value-accept-list-60k", "Accept: " + ",a" * 20_000, "200|406|400|431")
    field("value-commas-60k", "Accept: " + "," * 60_000, "200|406|400|431")
    field("value-if-none-match-60k", "If-None-Match: " + '"a",' * 15_000, "200|400|431")
    field("value-if-none-match-quotes", 'If-None-Match: "' + "\\" * 60_000, "200|400|431")
    field("value-range-60k", "Range: bytes=" + "0-0," * 15_000, "200|400|431|416")
    field("name-70k", "X" * 70_000 + ": a", "431", "400|-")
    field("name-empty", ": a", "400")
    field("name-blank-inside", "X A: a", "400")
    field("name-control", "X\x01A: a", "400")
    field("name-nul", "X\0A: a", "400")
    field("name-bytes", b"X\xe9: a", "400")
    field("name-brackets", "X(A): a", "400")
    field("name-quotes", '"X": a', "400")
    field("name-slash", "X/A: a", "400")
    field("name-underscore", "X_Deltacloud_Driver: nosuch", "200", "400")
    field("blank-before-colon", "X-A : a", "400")
    field("tab-before-colon", "X-A\t: a", "400")
    field("colon-missing", "broken", "400")
    field("colon-missing-blank", "GET / HTTP/1.1", "400")
    field("folded", "X-A: a\r\n b", "400", "200")
    field("folded-tab", "X-A: a\r\n\tb", "400", "200")
    field("folded-empty", "X-A: a\r\n \r\n b", "400", "200")
    _probe("fields", "folded-first", get(line="GET /api HTTP/1.1\r\n X: y"), "400", "200")
    _probe("fields", "blank-before-first", get(line="GET /api HTTP/1.1\r\n X-A: y"), "400", "200")
    _probe("fields", "lf-everywhere", get().replace(b"\r\n", b"\n"), "400", "200|-...")
    _probe("fields", "lf-at-end", get()[:-2] + b"\n", "400", "200|-...")
    _probe("fields", "cr-everywhere", get().replace(b"\r\n", b"\r"), "400|-", ends=True)
    _probe("fields", "many-300", get(*["X-A: a"] * 300), "431", "200|400")
    _probe("fields", "many-20k", get(*["X: a"] * 20_000), "431", "400|-")
    _probe("fields", "endless", get()[:-2] + b"X-A: aaaaaaaa\r\n" * 80_000, "431", "400|-")
    _probe("fields", "authorization-twice", get(AUTH, AUTH), "400", "200|401")
    _probe("fields", "content-type-twice", get("Content-Type: a/b", FORM), "400", "200")


# -- the length of the body (RFC 9112 6) -----------------------------------------------------


def _lengths() -> None:
    def length(name: str, value: str, strict: str, allowed: str = "") -> None:
        _probe("length", name, _put(f"Content-Length: {value}", body=b"abc"), strict, allowed)

    def coding(name: str, value: bytes | str, strict: str, allowed: str = "") -> None:
        line = b"Transfer-Encoding: " + _bytes(value)
        body = b"3\r\nabc\r\n0\r\n\r\n"
        _probe("length", f"coding-{name}", _put(line, body=body), strict, allowed)

    length("right", "3", "200")
    length("zeros-first", "0000003", "200", "400")
    length("empty", "", "400")
    length("plus", "+3", "400")
    length("minus", "-3", "400")
    length("minus-0", "-0", "400")
    length("hex", "0x3", "400")
    length("fraction", "3.0", "400")
    length("exponent", "3e0", "400")
    length("underscore", "0_3", "400")
    length("blank-inside", "3 3", "400")
    length("quotes", '"3"', "400")
    length("letters", "abc", "400")
    length("semicolon", "3;a", "400")
    length("superscript", "\xb3", "400")
    length("list-same", "3, 3", "400", "200")
    length("list", "3, 4", "400")
    length("list-empty-member", "3,", "400", "200")
    length("of-20-digits", "18446744073709551619", "400|413")
    length("of-500-digits", "9" * 500, "400|413")
    length("nul", "3\0", "400")
    length("vertical-tab", "\x0b3", "400")
    two = ("Content-Length: 3", "Content-Length: 4")
    _probe("length", "twice", _put(*two, body=b"abcd"), "400")
    _probe("length", "twice-same", _put(two[0], two[0], body=b"abc"), "400", "200")
    _probe("length", "twice-case", _put(two[0], two[1].lower(), body=b"abcd"), "400")
    _probe("length", "blank-before-colon", _put("Content-Length : 3", body=b"abc"), "400")
    _probe("length", "folded", _put("Content-Length:\r\n 3", body=b"abc"), "400", "200")
    under = _put("Content-Length: 3", "Content_Length: 9", body=b"abc")
    _probe("length", "underscore-beside", under, "200", "400")
    short = _put("Content-Length: 9", body=b"abc")
    _probe("length", "breaks-off", short, "400", "408|-", ends=True)
    _probe("length", "of-get", get("Content-Length: 3") + b"abc", "200", "400|413")
    _probe("length", "missing", _put(close=True), "200", "411|400")
    coding("right", "chunked", "200")
    coding("case", "ChUnKeD", "200")
    coding("tab-first", "\tchunked", "200", "400|501")
    coding("gzip", "gzip", "501|400")
    coding("gzip-chunked", "gzip, chunked", "501", "400")
    coding("chunked-gzip", "chunked, gzip", "400|501")
    coding("identity", "identity", "501|400")
    coding("chunked-identity", "chunked, identity", "501|400")
    coding("identity-chunked", "identity, chunked", "501|400")
    coding("twice", "chunked, chunked", "501|400")
    coding("prefix", "xchunked", "501|400")
    coding("suffix", "chunkedx", "501|400")
    coding("quotes", '"chunked"', "501|400")
    coding("parameter", "chunked;a=b", "501|400")
    coding("no-comma", "x chunked", "501|400")
    coding("vertical-tab", "\x0bchunked", "501|400")
    coding("form-feed", "chunked\x0c", "501|400")
    coding("no-break-blank", "chunked\xa0", "501|400")
    coding("kelvin", "chun\u212aed".encode(), "501|400")
    coding("nul", "chunked\0", "400|501")
    coding("cr", "chunked\r", "400|501", "200")
    coding("empty-member", ", chunked", "400|501", "200")
    coding("comma-last", "chunked,", "400|501", "200")
    coding("empty", "", "400|501")
    coding("folded", "\r\n chunked", "400", "200")
    chunked, length3 = "Transfer-Encoding: chunked", "Content-Length: 3"
    body = b"3\r\nabc\r\n0\r\n\r\n"
    fields = (
        ("coding-two-fields", (chunked, chunked), "400|501", ""),
        ("coding-and-identity", (chunked, "Transfer-Encoding: identity"), "400|501", ""),
        ("coding-blank-before-colon", ("Transfer-Encoding : chunked",), "400", ""),
        ("length-then-coding", ("Content-Length: 13", chunked), "400", "200"),
        ("coding-then-length", (chunked, "Content-Length: 13"), "400", "200"),
        ("length-0-then-coding", ("Content-Length: 0", chunked), "400", "200"),
    )
    for name, lines, strict, allowed in fields:
        _probe("length", name, _put(*lines, body=body), strict, allowed)
    old = _put(chunked, body=body, version="1.0")
    _probe("length", "coding-in-1.0", old, "400|501", "200")
    _probe(
        "length",
        "coding-underscore-beside",
        _put(length3, "Transfer_Encoding: chunked", body=b"abc"),
        "200",
        "400",
    )


# -- requests hidden in others ---------------------------------------------------------------


def _smuggling() -> None:
    """A second answer here means that the body, or a part of it, was taken for a request."""
    chunked, size = "Transfer-Encoding: chunked", len(HIDDEN)

    def hidden(name: str, lines: tuple[str, ...], body: bytes, strict: str, allowed: str) -> None:
        _probe("smuggling", name, _put(*lines, body=body), strict, allowed)

    last = b"0\r\n\r\n"
    whole = f"Content-Length: {len(last) + size}"
    hidden("length-over-coding", (whole, chunked), last + HIDDEN, "400", "200")
    hidden("coding-over-length", (chunked, "Content-Length: 4"), last + HIDDEN, "400", "200")
    for name, line, allowed in (
        ("coding-blank-before-colon", "Transfer-Encoding : chunked", ""),
        ("coding-prefix", "Transfer-Encoding: xchunked", "501"),
        ("coding-tab", "Transfer-Encoding:\tchunked", "200"),
        ("coding-vertical-tab", "Transfer-Encoding:\x0bchunked", "501"),
        ("coding-folded", "Transfer-Encoding:\r\n chunked", "200"),
        ("coding-hidden-by-lf", "X: a\nTransfer-Encoding: chunked", "200"),
        ("coding-hidden-by-cr", "X: a\rTransfer-Encoding: chunked", "200"),
        ("coding-twice", "Transfer-Encoding: chunked\r\nTransfer-encoding: x", "501"),
        ("coding-identity", "Transfer-Encoding: identity", "501"),
    ):
        hidden(name, (line, whole), last + HIDDEN, "400", allowed)
    hidden("length-0-beside", ("Content-Length: 0", whole), last + HIDDEN, "400", "")
    hidden("length-plus", (f"Content-Length: +{size}",), HIDDEN, "400", "")
    chunk = b"%x\r\n%b\r\n" % (size, HIDDEN)
    hidden("request-in-chunk", (chunked,), chunk + last, "200", "")
    extension = b"3;a=%b\r\nabc\r\n" % HIDDEN.replace(b"\r\n", b"\n")
    hidden("request-in-extension", (chunked,), extension + last, "400", "200")
    hidden("request-in-trailers", (chunked,), b"0\r\n" + HIDDEN, "400", "200")
    hidden("lf-after-extension", (chunked,), b"2;\nxx\r\n" + last + HIDDEN, "400", "")
    hidden("lf-after-size", (chunked,), b"2\nxx\r\n" + last + HIDDEN, "400", "")
    hidden("data-longer-than-chunk", (chunked,), b"3\r\nabcdef" + HIDDEN, "400", "")
    body = f"Content-Length: {size}"
    _probe("smuggling", "body-of-get", get(body) + HIDDEN, "200", "400|413")
    head = get(body, line="HEAD /api HTTP/1.1") + HIDDEN
    _probe("smuggling", "body-of-head", head, "200", "400|413", method="HEAD")
    delete = get(body, AUTH, line="DELETE /api/keys/nosuch HTTP/1.1") + HIDDEN
    _probe("smuggling", "body-of-delete", delete, "404", "400|413")
    options = get(body, line="OPTIONS * HTTP/1.1") + HIDDEN
    _probe("smuggling", "body-of-options", options, "200|204", "400|413")
    unread = get(body, "Expect: 100-continue", line="PUT /api/nosuch HTTP/1.1") + HIDDEN
    _probe("smuggling", "body-of-refused", unread, "404", "417")
    upgrade = get("Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA", body) + HIDDEN
    _probe("smuggling", "body-of-upgrade", upgrade, "200", "400|413")
    after = get() + HIDDEN
    _probe("smuggling", "after-the-last-request", after, "200")


# -- chunks (RFC 9112 7) ---------------------------------------------------------------------


def _chunked() -> None:
    def chunk(
        name: str, body: bytes, strict: str, allowed: str = "", *, ends: bool = False
    ) -> None:
        _probe("chunks", name, _chunks(body), strict, allowed, ends=ends)

    def size(name: str, line: bytes, strict: str, allowed: str = "") -> None:
        chunk(name, line + b"\r\nabc\r\n0\r\n\r\n", strict, allowed)

    end = b"0\r\n\r\n"
    size("size", b"3", "200")
    chunk("size-upper-case", b"A\r\n0123456789\r\n" + end, "200")
    chunk("size-lower-case", b"a\r\n0123456789\r\n" + end, "200")
    size("size-zeros-first", b"000003", "200")
    size("size-blank-last", b"3 ", "400", "200")
    size("size-blank-first", b" 3", "400")
    size("size-plus", b"+3", "400")
    size("size-minus", b"-3", "400")
    size("size-0x", b"0x3", "400")
    size("size-underscore", b"0_3", "400")
    size("size-empty", b"", "400")
    size("size-letters", b"zz", "400")
    size("size-comma", b"3,3", "400")
    size("size-blank-inside", b"3 3", "400")
    size("size-nul", b"3\0", "400")
    size("size-decimal", b"3.0", "400")
    size("size-bytes", b"\xb3", "400")
    size("size-over-64-bits", b"10000000000000003", "400|413", "-...")
    size("size-all-64-bits", b"ffffffffffffffff", "400|413", "-...")
    size("size-of-5k-digits", b"0" * 5_000 + b"3", "400", "200|413")
    size("size-cr", b"3\r", "400")
    chunk("size-lf", b"3\nabc\r\n" + end, "400")
    chunk("size-only-cr", b"3\rabc\r\n" + end, "400")
    size("extension", b"3;a", "200")
    size("extension-value", b"3;a=b;c=d", "200")
    size("extension-quoted", b'3 ; a = "b;\\"c"', "200")
    size("extension-without-name", b"3;", "400", "200")
    size("extension-nul", b"3;a=\0", "400", "200")
    size("extension-cr", b"3;a\rb", "400", "200")
    chunk("extension-lf", b"3;a\nabc\r\n" + end, "400")
    size("extension-of-70k", b"3;" + b"a" * 70_000, "400|431|413")
    chunk("extensions-of-5m", b"1;%b\r\na\r\n" % (b"a" * 500) * 10_000 + end, "400|413", "200")
    chunk("chunks-of-one-byte", b"1\r\na\r\n" * 200_000 + end, "400|413", "200")
    chunk("data-longer", b"3\r\nabcd\r\n" + end, "400")
    chunk("data-shorter", b"4\r\nabc\r\n" + end, "400")
    chunk("data-without-crlf", b"3\r\nabc" + end, "400")
    chunk("data-lf", b"3\r\nabc\n" + end, "400")
    chunk("data-cr", b"3\r\nabc\r" + end, "400")
    chunk("last-many-zeros", b"3\r\nabc\r\n0000\r\n\r\n", "200")
    chunk("last-with-extension", b"3\r\nabc\r\n0;a=b\r\n\r\n", "200")
    chunk("last-lf", b"3\r\nabc\r\n0\n\r\n", "400", "-...")
    chunk("end-lf", b"3\r\nabc\r\n0\r\n\n", "400", "200|-...")
    chunk("breaks-off-in-size", b"3", "400", "408|-", ends=True)
    chunk("breaks-off-in-data", b"3\r\nab", "400", "408|-", ends=True)
    chunk("breaks-off-before-last", b"3\r\nabc\r\n", "400", "408|-", ends=True)
    chunk("breaks-off-before-end", b"3\r\nabc\r\n0\r\n", "400", "408|-|200", ends=True)
    last = b"3\r\nabc\r\n0\r\n"
    chunk("trailer", last + b"X-Sum: 1\r\n\r\n", "200")
    chunk("trailer-length", last + b"Content-Length: 9\r\n\r\n", "200", "400")
    chunk("trailer-no-colon", last + b"broken\r\n\r\n", "400", "200")
    chunk("trailer-blank-before-colon", last + b"X : 1\r\n\r\n", "400", "200")
    chunk("trailer-nul", last + b"X: \0\r\n\r\n", "400", "200")
    chunk("trailer-folded", last + b"X: 1\r\n 2\r\n\r\n", "400", "200")
    chunk("trailer-lf", last + b"X: 1\n\r\n", "400", "200|-...")
    chunk("trailers-300", last + b"X: 1\r\n" * 300 + b"\r\n", "400|431|413", "200")
    chunk("trailers-5m", last + b"X: 1\r\n" * 800_000 + b"\r\n", "400|431|413", "200")
    chunk("trailer-70k", last + b"X: " + b"a" * 70_000 + b"\r\n\r\n", "400|431|413", "200")


# -- connections and expectations (RFC 9112 9, RFC 9110 7, 9 and 10) -------------------------


def _connections() -> None:
    def probe(name: str, sent: bytes, strict: str, allowed: str = "", **more: str) -> None:
        _probe("connection", name, sent, strict, allowed, **more)  # type: ignore[arg-type]

    plain, length = b"GET /api/realms/us HTTP/1.1\r\nHost: h\r\n", "Content-Length: 3"
    key = b"GET /api/keys/nosuch HTTP/1.1\r\nHost: h\r\n%b\r\n\r\n" % AUTH.encode()
    auth = plain + AUTH.encode() + b"\r\n\r\n"
    probe("pipeline", auth + key + auth + get(), "200,404,200,200")
    probe("pipeline-body", _put(length, close=False, body=b"abc") + get(), "200,200")
    chunked = _put("Transfer-Encoding: chunked", close=False, body=b"3\r\nabc\r\n0\r\n\r\n")
    probe("pipeline-chunks", chunked + get(), "200,200")
    probe("pipeline-crlf-after-body", _put(length, close=False, body=b"abc\r\n") + get(), "200,200")
    probe("pipeline-refused", auth + b"nonsense\r\n\r\n" + HIDDEN, "200,400")
    probe("pipeline-500", auth * 500 + get(), ",".join(["200"] * 501))
    probe("close-case", get().replace(b"close", b"CLOSE"), "200")
    probe("close-in-list", get().replace(b"close", b"x, close"), "200")
    probe("close-second-field", get("Connection: keep-alive"), "200")
    probe("1.0-closes", b"GET /api HTTP/1.0\r\n\r\n", "200")
    old = b"GET /api HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n"
    probe("1.0-keep-alive", old + get(), "200,200", "200")
    probe("connection-names-host", get("Connection: host, authorization"), "200", "400")
    probe("head", get(line="HEAD /api HTTP/1.1"), "200", method="HEAD")
    probe("head-not-found", get(line="HEAD /api/nosuch HTTP/1.1"), "404", method="HEAD")
    probe("head-with-body", get(length, line="HEAD /api HTTP/1.1") + b"abc", "200", method="HEAD")
    match = get(AUTH, "If-None-Match: *", line="GET /api HTTP/1.1")
    probe("not-modified", match, "304", "200")
    probe("upgrade-h2c", get("Upgrade: h2c"), "200")
    probe("upgrade-websocket", get("Upgrade: websocket", "Sec-WebSocket-Version: 13"), "200", "400")
    probe("expect-other", get("Expect: magic"), "417", "200")
    probe("expect-list", get("Expect: 100-continue, magic"), "417", "200|400")
    probe("expect-case", _put(length, "Expect: 100-Continue", body=b"abc"), "200")
    probe(
        "expect-twice", _put(length, *["Expect: 100-continue"] * 2, body=b"abc"), "400", "200|417"
    )
    probe("expect-without-body", get("Expect: 100-continue"), "200")
    probe(
        "expect-in-1.0",
        _put(length, "Expect: 100-continue", body=b"abc", version="1.0"),
        "200",
        "400",
    )
    probe("content-gzip", _put(length, "Content-Encoding: gzip", body=b"abc"), "415", "200")
    probe("content-unknown", _put(length, "Content-Encoding: x", body=b"abc"), "415", "200")
    probe("content-twice", _put(length, "Content-Encoding: gzip, br", body=b"abc"), "415", "200")
    probe("content-identity", _put(length, "Content-Encoding: identity", body=b"abc"), "200", "415")


for _add in (_lines, _hosts, _fields, _lengths, _smuggling, _chunked, _connections):
    _add()
