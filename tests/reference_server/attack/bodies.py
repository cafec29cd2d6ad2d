"""Probes of lengths, chunks, hidden requests and connections (RFC 9112 6, 7 and 9)."""

from __future__ import annotations

from .probe import AUTH, HIDDEN, chunks, get, octets, probe, put

# -- the length of the body (RFC 9112 6) -----------------------------------------------------


def _lengths() -> None:
    def length(name: str, value: str, strict: str, allowed: str = "") -> None:
        probe("length", name, put(f"Content-Length: {value}", body=b"abc"), strict, allowed)

    def coding(name: str, value: bytes | str, strict: str, allowed: str = "") -> None:
        line = b"Transfer-Encoding: " + octets(value)
        body = b"3\r\nabc\r\n0\r\n\r\n"
        probe("length", f"coding-{name}", put(line, body=body), strict, allowed)

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
    probe("length", "twice", put(*two, body=b"abcd"), "400")
    probe("length", "twice-same", put(two[0], two[0], body=b"abc"), "400", "200")
    probe("length", "twice-case", put(two[0], two[1].lower(), body=b"abcd"), "400")
    probe("length", "blank-before-colon", put("Content-Length : 3", body=b"abc"), "400")
    probe("length", "folded", put("Content-Length:\r\n 3", body=b"abc"), "400", "200")
    under = put("Content-Length: 3", "Content_Length: 9", body=b"abc")
    probe("length", "underscore-beside", under, "200", "400")
    short = put("Content-Length: 9", body=b"abc")
    probe("length", "breaks-off", short, "400", "408|-", ends=True)
    probe("length", "of-get", get("Content-Length: 3") + b"abc", "200", "400|413")
    probe("length", "missing", put(close=True), "200", "411|400")
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
        probe("length", name, put(*lines, body=body), strict, allowed)
    old = put(chunked, body=body, version="1.0")
    probe("length", "coding-in-1.0", old, "400|501", "200")
    probe(
        "length",
        "coding-underscore-beside",
        put(length3, "Transfer_Encoding: chunked", body=b"abc"),
        "200",
        "400",
    )


# -- requests hidden in others ---------------------------------------------------------------


def _smuggling() -> None:
    """A second answer here means that the body, or a part of it, was taken for a request."""
    chunked, size = "Transfer-Encoding: chunked", len(HIDDEN)

    def hidden(name: str, lines: tuple[str, ...], body: bytes, strict: str, allowed: str) -> None:
        probe("smuggling", name, put(*lines, body=body), strict, allowed)

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
    probe("smuggling", "body-of-get", get(body) + HIDDEN, "200", "400|413")
    head = get(body, line="HEAD /api HTTP/1.1") + HIDDEN
    probe("smuggling", "body-of-head", head, "200", "400|413", method="HEAD")
    delete = get(body, AUTH, line="DELETE /api/keys/nosuch HTTP/1.1") + HIDDEN
    probe("smuggling", "body-of-delete", delete, "404", "400|413")
    options = get(body, line="OPTIONS * HTTP/1.1") + HIDDEN
    probe("smuggling", "body-of-options", options, "200|204", "400|413")
    unread = get(body, "Expect: 100-continue", line="PUT /api/nosuch HTTP/1.1") + HIDDEN
    probe("smuggling", "body-of-refused", unread, "404", "417")
    upgrade = get("Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA", body) + HIDDEN
    probe("smuggling", "body-of-upgrade", upgrade, "200", "400|413")
    after = get() + HIDDEN
    probe("smuggling", "after-the-last-request", after, "200")


# -- chunks (RFC 9112 7) ---------------------------------------------------------------------


def _chunked() -> None:
    def chunk(
        name: str, body: bytes, strict: str, allowed: str = "", *, ends: bool = False
    ) -> None:
        probe("chunks", name, chunks(body), strict, allowed, ends=ends)

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
    def ask(name: str, sent: bytes, strict: str, allowed: str = "", **more: str) -> None:
        probe("connection", name, sent, strict, allowed, **more)  # type: ignore[arg-type]

    plain, length = b"GET /api/realms/us HTTP/1.1\r\nHost: h\r\n", "Content-Length: 3"
    key = b"GET /api/keys/nosuch HTTP/1.1\r\nHost: h\r\n%b\r\n\r\n" % AUTH.encode()
    auth = plain + AUTH.encode() + b"\r\n\r\n"
    ask("pipeline", auth + key + auth + get(), "200,404,200,200")
    ask("pipeline-body", put(length, close=False, body=b"abc") + get(), "200,200")
    chunked = put("Transfer-Encoding: chunked", close=False, body=b"3\r\nabc\r\n0\r\n\r\n")
    ask("pipeline-chunks", chunked + get(), "200,200")
    ask("pipeline-crlf-after-body", put(length, close=False, body=b"abc\r\n") + get(), "200,200")
    ask("pipeline-refused", auth + b"nonsense\r\n\r\n" + HIDDEN, "200,400")
    ask("pipeline-500", auth * 500 + get(), ",".join(["200"] * 501))
    ask("close-case", get().replace(b"close", b"CLOSE"), "200")
    ask("close-in-list", get().replace(b"close", b"x, close"), "200")
    ask("close-second-field", get("Connection: keep-alive"), "200")
    ask("1.0-closes", b"GET /api HTTP/1.0\r\n\r\n", "200")
    old = b"GET /api HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n"
    ask("1.0-keep-alive", old + get(), "200,200", "200")
    ask("connection-names-host", get("Connection: host, authorization"), "200", "400")
    ask("head", get(line="HEAD /api HTTP/1.1"), "200", method="HEAD")
    ask("head-not-found", get(line="HEAD /api/nosuch HTTP/1.1"), "404", method="HEAD")
    ask("head-with-body", get(length, line="HEAD /api HTTP/1.1") + b"abc", "200", method="HEAD")
    match = get(AUTH, "If-None-Match: *", line="GET /api HTTP/1.1")
    ask("not-modified", match, "304", "200")
    ask("upgrade-h2c", get("Upgrade: h2c"), "200")
    ask("upgrade-websocket", get("Upgrade: websocket", "Sec-WebSocket-Version: 13"), "200", "400")
    ask("expect-other", get("Expect: magic"), "417", "200")
    ask("expect-list", get("Expect: 100-continue, magic"), "417", "200|400")
    ask("expect-case", put(length, "Expect: 100-Continue", body=b"abc"), "200")
    ask("expect-twice", put(length, *["Expect: 100-continue"] * 2, body=b"abc"), "400", "200|417")
    ask("expect-without-body", get("Expect: 100-continue"), "200")
    ask(
        "expect-in-1.0",
        put(length, "Expect: 100-continue", body=b"abc", version="1.0"),
        "200",
        "400",
    )
    ask("content-gzip", put(length, "Content-Encoding: gzip", body=b"abc"), "415", "200")
    ask("content-unknown", put(length, "Content-Encoding: x", body=b"abc"), "415", "200")
    ask("content-twice", put(length, "Content-Encoding: gzip, br", body=b"abc"), "415", "200")
    ask("content-identity", put(length, "Content-Encoding: identity", body=b"abc"), "200", "415")


for _add in (_lengths, _smuggling, _chunked, _connections):
    _add()
