"""What is put into an input in place of what belongs there."""

from __future__ import annotations

import base64
import gzip

LONG = "9" * 5000
_BOMB = gzip.compress(b"\0" * (32 << 20), mtime=0)  # 32 KiB that unpack to 32 MiB
BASE64_BOMB = base64.b64encode(_BOMB).decode()

TEXTS = [
    "", " ", "\0", "\ud800", "\udfff\ud800", "\u2028", "\ufeff", "\x1b[31m", "\x7f", "²", "٣",
    "\uff11\uff12", "-1", "0", "1e999", "1_000", "0x10", "NaN", LONG, "1" + "0" * 400,
    "9999999999999999999", "\r\n", "a\nb", "../../etc/passwd", "/dev/zero", "%", "%zz", "%00",
    "%c0%ae", "a b", "*", "[", "{", "http://[", "http://h:99999/api", "http://h:²/api", "http://",
    "//h", "ftp://h/api", "http://u:p@h/api", "http://h h/api", "http://\uff48/api",
    "http://h/api#\ud800", "http://" + "a." * 500, "]]>", "<!--", "&a;", "<a>" * 300, "&#0;",
    "&#xd800;", "{{7*7}}", "%s%n", "\\", "'", '"', "\\ud800", "x" * 70_000, "é" * 3000,
    "a" * 3000 + "!", " " * 20_000, "=" * 3000, "-----BEGIN RSA PRIVATE KEY-----", "Basic dTpw",
    "name=a&" * 3000, "GET", "HEAD", "never", "RUNNING", "gzip", "base64", "null", "true",
    "2026-11-22", "2026-13-45", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    "0000-00-00", "text/html", "application/json", "application/xml; charset=utf-7",
    "multipart/form-data; boundary=", BASE64_BOMB,
]  # fmt: skip

# Text of JSON values; some are none.
JSON = [
    "null", "true", "false", "0", "-0", "-1", "1.5", "1e308", "1e999", "-1e999", "1e-999", "NaN",
    "Infinity", "-Infinity", LONG, "-" + LONG, "1" + "0" * 30, "9007199254740993", "4294967296",
    "[]", "{}", "[[]]", '[{"":{"":[]}}]', '{"":null}', '""', '" "', r'"\u0000"', r'"\ud800"', '"²"',
    "[" * 60 + "]" * 60, "[" * 5000 + "]" * 5000, "[" * 100_000, '{"a":' * 3000 + "1" + "}" * 3000,
    "[" + "0," * 20_000 + "0]", "[" + "{}," * 3000 + "{}]", '"\\u00e', "'a'", "01", "+1", ".5",
    "1.", "[1,]", "undefined", "/**/1", '"a\tb"',
]  # fmt: skip

_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
DOCTYPES = [
    f'<!DOCTYPE a [<!ENTITY l0 "ha">{_LAUGHS}]>',
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd">',
    '<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]>',
    '<!DOCTYPE a [<!ATTLIST key name CDATA "default">]>',
    f'<!DOCTYPE a [<!ENTITY x "{"y" * 50_000}">]>',
]
XML = [
    *DOCTYPES, "&l9;", "&x;" * 300, "<?a b?>", "<!-- a -->", "<![CDATA[a]]>", "<a/>" * 3000,
    "<a>" * 200, "<a>" * 300 + "</a>" * 300, "<a>" * 20_000, "<a xmlns='urn:x'/>",
    "<x:a xmlns:x='urn:x'/>", "<x:a/>", "<a " + "".join(f"a{n}='' " for n in range(2000)) + "/>",
    "<a b='" + "c" * 100_000 + "'/>", "<é/>", '<?xml version="1.1"?>',
    '<?xml version="1.0" encoding="utf-7"?>', "<script>", "</api>", "\0", "&#0;",
    "<a xml:base='http://[' xml:lang='²'/>", "<link rel='²' href='http://['/>",
    "<feature name='' rel=''/>",
    f"<feature name='a' rel='create'><constraint name='max_length' value='{LONG}'/></feature>",
    "<actions><link rel='' method='²' href=''/></actions>",
]  # fmt: skip

_ALIASES = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]\n" for n in range(1, 10))
YAML_BOMB = f"l0: &l0 [ha, ha]\n{_ALIASES}"
YAML = [
    "&a x", "*a", "*l9", "*l4", "&r [*r]", "&r {a: *r}", "!!python/object/apply:os.system [id]",
    "!!python/name:os.system", "!!binary eA==", "!!binary é", "!!timestamp 2026-13-45",
    "2026-13-45", "2026-11-22", "2026-11-22T10:00:00Z", "2026-11-22 10:00:00 +99:99", "9999-12-31",
    "0000-00-00", "!!int x", "!!int ²", "!!float x", "!!bool x", "!!set {a, b}", "!!omap [a: b]",
    "!!null x", "!!map [a]", "!!seq {a: b}", "!!merge x", "{<<: *a}", "{<<: [1, 2]}",
    "{? [a, b] : c}", "? a", "- " * 1000, "[" * 3000, "{a: " * 1000, "[" * 50 + "]" * 50, "1:30:00",
    "0o777", "0b2", "0x", "1_000", ".inf", "-.INF", ".nan", LONG, "1e999", "~", "null", "yes", "''",
    '"\\ud800"', '"\\x0', '"\\UFFFFFFFF"', "|9\n x", ">-\n x", "%YAML 9.9", "---", "...", "\t",
    "# x", "@x", "`x", "a: b: c", "[a, b", "x" * 20_000, "never", "DC-HTTP-017",
]  # fmt: skip

TOML = [
    "1", "-1", "0", "1.5", "true", '""', '"x"', "'x'", '"""x', "[]", "{}", "[1, 'a']", "{a = 1}",
    "{a.b = 1}", "inf", "-inf", "nan", "1e999", LONG, "-" + LONG, "0x" + "f" * 5000, "1_000",
    "1__0", "²", "٣", "2026-11-22", "2026-13-45", "2026-11-22T10:00:00Z",
    "9999-12-31T23:59:59-23:59", "0000-00-00", "10:00:00", "[" * 3000, "[" * 60 + "]" * 60,
    "{a = " * 1000, "{a = " * 60, '"\\ud800"', '"\\UFFFFFFFF"', '"\0"', '{env = "HOME"}',
    '{env = 5}', '{env = ""}', '{env = "\\u0000"}', '{env = "A=B"}', '{file = "/dev/zero"}',
    '{file = "/"}', '{file = "~nobody-here/x"}', '{file = "\\u0000"}', '{file = ["a"]}',
    '{keyring = "a/b"}', "{}", '{x = "y"}', '{env = "HOME", file = "/"}', '"http://["',
    '"http://h:99999/"', "x" * 20_000,
]  # fmt: skip
TOML_LINES = [
    "a." * 3000 + "a = 1", "[" + "a." * 3000 + "a]", "[[nightly]]", "[nightly]", "[nightly.user]",
    "[[keys]]", "[hour]", "[profiles.x]", "= 1", '"" = 1', "a = 1\na = 1", "[a]\n[a]",
    "x" * 20_000 + " = 1", "\0", "\x7f", "\n".join(f"k{n} = 1" for n in range(3000)),
    "\n".join(f"[t{n}]" for n in range(2000)), "\n".join(f"a.b{n}.c = 1" for n in range(1000)),
]  # fmt: skip
BYTES = [
    b"\0", b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc0\x80", b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80", b"\r", b"\n", b"\r\n", b"\x1a", b"\x0b", b"\x85", b"\xe2\x80\xa8",
    b"\x1f\x8b\x08", b"PK\x03\x04", b"%PDF-", b"\x89PNG\r\n", b"<", b">", b"{", b"}", b"[", b"]",
    b'"', b":", b",", b"\\", b"\\u", b"&", b";", b"#", b"-",
]  # fmt: skip
