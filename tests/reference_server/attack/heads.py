"""Probes of request lines, Host and fields (RFC 9112 3 and 5)."""

from __future__ import annotations

from .probe import AUTH, FORM, get, probe

# -- request line (RFC 9112 3) ---------------------------------------------------------------


def _lines() -> None:
    def line(name: str, text: bytes | str, strict: str, allowed: str = "", **more: str) -> None:
        probe("request line", name, get(line=text, **more), strict, allowed)

    def raw(name: str, sent: bytes, strict: str, allowed: str = "", *, ends: bool = False) -> None:
        probe("request line", name, sent, strict, allowed, ends=ends)

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
        probe("Host", name, get(host=value), strict, allowed)

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
    probe("Host", "missing", get(host=""), "400")
    probe("Host", "empty", get("Host:", host=""), "400")
    probe("Host", "empty-in-1.0", get("Host:", line="GET /api HTTP/1.0", host=""), "200", "400")
    probe("Host", "twice-the-same", get("Host: h"), "400")
    probe("Host", "twice", get("Host: other"), "400")
    probe("Host", "twice-case", get("hOST: other"), "400")
    probe("Host", "twice-in-1.0", get("Host: other", line="GET /api HTTP/1.0"), "400")
    probe("Host", "blank-before-colon", get("Host : h", host=""), "400")
    probe("Host", "underscore", get("HOST_: h", host=""), "400")


# -- fields (RFC 9112 5, RFC 9110 5) ---------------------------------------------------------


def _fields() -> None:
    def field(name: str, text: bytes | str, strict: str, allowed: str = "") -> None:
        probe("fields", name, get(text), strict, allowed)

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
    probe("fields", "folded-first", get(line="GET /api HTTP/1.1\r\n X: y"), "400", "200")
    probe("fields", "blank-before-first", get(line="GET /api HTTP/1.1\r\n X-A: y"), "400", "200")
    probe("fields", "lf-everywhere", get().replace(b"\r\n", b"\n"), "400", "200|-...")
    probe("fields", "lf-at-end", get()[:-2] + b"\n", "400", "200|-...")
    probe("fields", "cr-everywhere", get().replace(b"\r\n", b"\r"), "400|-", ends=True)
    probe("fields", "many-300", get(*["X-A: a"] * 300), "431", "200|400")
    probe("fields", "many-20k", get(*["X: a"] * 20_000), "431", "400|-")
    probe("fields", "endless", get()[:-2] + b"X-A: aaaaaaaa\r\n" * 80_000, "431", "400|-")
    probe("fields", "authorization-twice", get(AUTH, AUTH), "400", "200|401")
    probe("fields", "content-type-twice", get("Content-Type: a/b", FORM), "400", "200")


for _add in (_lines, _hosts, _fields):
    _add()
