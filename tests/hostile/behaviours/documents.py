"""Documents that are broken, endless, or made to cost much."""

from __future__ import annotations

import re

from ..behaviour import Behaviours
from ..endpoint import Call

BEHAVIOURS = behaviour = Behaviours()

_LISTS = "realms.* images.* keys.index"
_FEW = "keys or realms or images"  # those that the lists are about
_READ = {"checks": _FEW, "codes": (1,)}


def _is(call: Call, kind: str) -> bool:
    return call.answer.ok and kind in call.answer.get("Content-Type")


def _say(call: Call, body: bytes | str, media_type: str = "application/xml") -> None:
    """Answer with this content instead, if it was to be of that type."""
    if _is(call, media_type):
        call.answer.body = body if isinstance(body, bytes) else body.encode()


def _realms(inner: str, before: str = "", attributes: str = "") -> str:
    return f'<?xml version="1.0"?>{before}<realms {attributes}>{inner}</realms>'


# ---------------------------------------------------------------- not well-formed


@behaviour(checks="keys or lifecycle or instances", codes=(1, 3), finds=("DC-DOC-001",))
def xml_is_truncated(call: Call) -> None:
    """Every XML document but the entry point lacks its last byte but one."""
    if call.asked.path and _is(call, "xml"):
        call.answer.body = call.answer.body.rstrip()[:-1]


@behaviour(
    "instances.show",
    checks="lifecycle or instances",
    codes=(1, 5),
    left="told",
    finds=("DC-DOC-001",),
)
def shown_instances_are_not_well_formed(call: Call) -> None:
    """An instance that is shown by itself has a name with an ampersand that is not escaped."""
    if _is(call, "xml"):
        call.answer.body = call.answer.body.replace(b"<name>", b"<name>Q&A ")


@behaviour(checks=_FEW, codes=(1,), finds=("DC-DOC-002",))
def json_is_truncated(call: Call) -> None:
    """Every JSON document ends in the middle."""
    if _is(call, "json"):
        call.answer.body = call.answer.body[: len(call.answer.body) // 2]


@behaviour(codes=(3,), report=False, says=("not a Deltacloud entry point",))
def nothing_but_empty_answers(call: Call) -> None:
    """Every answer is 200 without content."""
    call.answer.body = b""


@behaviour(_LISTS, **_READ)
def documents_are_empty(call: Call) -> None:
    """Lists and members are answered with 200 and an empty document."""
    _say(call, b"")
    _say(call, b"", "json")


@behaviour(_LISTS, **_READ, finds=("DC-DOC-001",))
def random_bytes(call: Call) -> None:
    """XML documents are 64 KiB of bytes that are no text."""
    _say(call, bytes((n * 37 + n // 251) % 256 for n in range(65536)))


@behaviour(_LISTS, **_READ, finds=("DC-DOC-001",))
def nul_in_documents(call: Call) -> None:
    """Documents hold NUL and other control characters."""
    if call.answer.ok:
        call.answer.body = call.answer.body.replace(b"<name>", b"<name>\x00\x01\x1b[2J")


# ---------------------------------------------------------------- encodings


@behaviour(codes=(1,), finds=("DC-DOC-001",), says=("the entry point cannot be read",))
def encoding_that_does_not_exist(call: Call) -> None:
    """XML documents declare an encoding that does not exist."""
    call.answer.replace('encoding="utf-8"', 'encoding="x-klingon-8"')


@behaviour(_LISTS, **_READ)
def utf_16(call: Call) -> None:
    """Documents are in UTF-16 with a byte order mark, whatever they declare."""
    if call.answer.ok:
        call.answer.body = call.answer.body.decode().encode("utf-16")


@behaviour(
    _LISTS,
    **_READ,
)
def utf_7(call: Call) -> None:
    """XML documents declare UTF-7, in which markup can hide."""
    text = '<?xml version="1.0" encoding="utf-7"?><realms>+ADw-realm id=+ACI-x+ACI-/+AD4-</realms>'
    _say(call, text)


@behaviour(_LISTS, **_READ)
def utf_8_that_is_none(call: Call) -> None:
    """Text holds bytes that are not UTF-8: overlong forms, halves of surrogates, cut characters."""
    if call.answer.ok:
        broken = b"<name>\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82"
        call.answer.body = call.answer.body.replace(b"<name>", broken)
        call.answer.body = call.answer.body.replace(b'"name":"', b'"name":"\xc0\xaf\xed\xa0\x80')


# ---------------------------------------------------------------- entities


@behaviour(_LISTS, **_READ, finds=("DC-DOC-022",))
def entity_names_a_file(call: Call) -> None:
    """An entity of the document names a file of the kit's machine."""
    _say(
        call,
        _realms(
            '<realm id="x" href="http://x/"><name>&file;</name></realm>',
            '<!DOCTYPE realms [<!ENTITY file SYSTEM "file:///etc/passwd">]>',
        ),
    )


@behaviour(_LISTS, **_READ, finds=("DC-DOC-022",))
def entity_is_elsewhere(call: Call) -> None:
    """Entities, the document type and a style sheet are at another origin."""
    trap = call.trap.origin
    declared = f'<!DOCTYPE realms SYSTEM "{trap}/realms.dtd" [<!ENTITY % more SYSTEM "{trap}/more">'
    declared += f'%more;<!ENTITY x SYSTEM "{trap}/x">]>'
    sheet = f'<?xml-stylesheet type="text/xsl" href="{trap}/sheet.xsl"?>'
    _say(call, _realms('<realm id="x"><name>&x;</name></realm>', sheet + declared))


@behaviour(_LISTS, **_READ, finds=("DC-DOC-001",))
def billion_laughs(call: Call) -> None:
    """Entities that hold each other ten times over would become a billion words."""
    entities = '<!ENTITY a0 "ha">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
    )
    inner = '<realm id="x"><name>&a9;</name></realm>'
    _say(call, _realms(inner, f"<!DOCTYPE realms [{entities}]>"))


@behaviour(_LISTS, **_READ, finds=("DC-DOC-001",))
def quadratic_entities(call: Call) -> None:
    """An entity of 100,000 letters is used 10,000 times."""
    long = f'<!DOCTYPE realms [<!ENTITY a "{"a" * 100_000}">]>'
    _say(call, _realms(f'<realm id="x"><name>{"&a;" * 10_000}</name></realm>', long))


@behaviour(_LISTS, **_READ)
def inclusions(call: Call) -> None:
    """Documents ask to include a file of the kit's machine, and a document of another origin."""
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" parse="text" href="{}"/>'
    both = include.format("file:///etc/passwd") + include.format(call.trap.origin)
    place = "xsi:schemaLocation='http://x/ {0}/x.xsd' xsi:noNamespaceSchemaLocation='{0}/y.xsd'"
    name = "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "
    _say(call, _realms(both, "", name + place.format(call.trap.origin)))


# ---------------------------------------------------------------- small input, large cost


@behaviour(_LISTS, **_READ)
def deep_xml(call: Call) -> None:
    """Lists are 100,000 elements, one in the other."""
    _say(call, _realms("<realm>" * 100_000 + "</realm>" * 100_000))


@behaviour(_LISTS, **_READ)
def deep_json(call: Call) -> None:
    """Lists in JSON are 100,000 arrays, one in the other."""
    _say(call, '{"realms":' + "[" * 100_000 + "]" * 100_000 + "}", "json")


@behaviour(_LISTS, **_READ)
def deep_and_wide(call: Call) -> None:
    """Each of 60 nested elements holds 175 bytes and 500 elements of its own."""
    level = (
        '<realm id="x" href="http://x/api/realms/x"><name>' + "n" * 120 + "</name>" + "<a/>" * 500
    )
    _say(call, _realms(level * 60 + "</realm>" * 60))


@behaviour(_LISTS, checks=_FEW, codes=(0, 1, 3))
def a_million_members(call: Call) -> None:
    """Lists have a million members that lack everything."""
    _say(call, _realms("<realm/>" * 1_000_000))


@behaviour(_LISTS, **_READ)
def many_wrong_members(call: Call) -> None:
    """Lists have 20,000 members, each of which is wrong in several ways."""
    members = "".join(
        f'<realm id=" {n} " href="elsewhere/{n}?"><name>{n}</name><state>x</state></realm>'
        for n in range(20_000)
    )
    _say(call, _realms(members))


@behaviour(_LISTS, **_READ)
def many_attributes(call: Call) -> None:
    """An element has 50,000 attributes and 10,000 namespaces."""
    names = " ".join([f'a{n}="x"' for n in range(50_000)])
    spaces = " ".join([f'xmlns:n{n}="http://x/{n}"' for n in range(10_000)])
    _say(call, _realms(f'<realm id="x" {names} {spaces}/>'))


@behaviour(_LISTS, checks=_FEW, codes=(0, 1, 3))
def many_comments(call: Call) -> None:
    """Documents consist of 200,000 comments and processing instructions, and a long one."""
    _say(call, _realms("<!-- x --><?x y?>" * 200_000 + f"<!--{'x' * 5_000_000}-->"))


@behaviour(_LISTS, checks=_FEW, codes=(0, 1, 3))
def long_words(call: Call) -> None:
    """Names are one word of 8 million letters."""
    _say(call, _realms(f'<realm id="x"><name>{"w" * 8_000_000}</name><state>UP</state></realm>'))


@behaviour(_LISTS, checks=_FEW, codes=(0,), says=(r"Not judged: realms.index: .*limit attribute",))
def long_id(call: Call) -> None:
    """The id of a realm has a million characters that must be percent-encoded."""
    _say(call, _realms(f'<realm id="{"ü" * 1_000_000}"><name>x</name><state>UP</state></realm>'))


@behaviour("keys.*", checks="keys", codes=(1,))
def looks_like_a_private_key(call: Call) -> None:
    """Keys are 3 MB of what a private key begins with, and never end."""
    begin = "-----BEGIN RSA PRIVATE KEY-----\n" * 30_000 + "A" * 2_000_000 + "-" * 100_000
    call.answer.replace("<fingerprint>", f"<fingerprint>{begin}")


@behaviour(checks=_FEW, codes=(0, 1))
def looks_like_a_traceback(call: Call) -> None:
    """Refusals are error documents whose message looks like the begin of many stack traces."""
    if call.answer.status >= 400:
        frames = 'Traceback (most recent  File "x", line 1, in \tat a.b.C(D.java:1' * 10_000
        call.answer.replace("<message>", f"<message>{frames}{' ' * 200_000}")
        call.answer.replace("<![CDATA[", f"<![CDATA[{frames}{' ' * 200_000}")


@behaviour("realms.* images.* instances.*", checks="realms or images or instances", codes=(1,))
def blanks(call: Call) -> None:
    """Names, states and addresses are surrounded by a million blanks."""
    call.answer.body = re.sub(
        rb"<(name|state)>", lambda tag: tag[0] + b" " * 1_000_000, call.answer.body, count=2
    )


# ---------------------------------------------------------------- absurd values


def _announce(call: Call, number: str) -> None:
    constraint = f'<constraint name="max_length" value="{number}"/>'
    call.answer.body = re.sub(
        rb'(<feature name="user_name"[^>]*>).*?</feature>',
        lambda found: found[1] + f'<param name="name">{constraint}</param></feature>'.encode(),
        call.answer.body,
        flags=re.DOTALL,
    )


@behaviour("api.show", checks="launch_features or entry_point", codes=(0, 1, 3))
def longest_name_is_absurd(call: Call) -> None:
    """The entry point announces names of 10^30 characters."""
    _announce(call, "1" + "0" * 30)


@behaviour("api.show", codes=(3,), says=("limit attribute",), report=False)
def longest_name_has_many_digits(call: Call) -> None:
    """The entry point announces a longest name as a number of 100,000 digits."""
    _announce(call, "9" * 100_000)


@behaviour("api.show", checks="launch_features or entry_point", codes=(0, 1, 3))
def longest_name_is_no_number(call: Call) -> None:
    """The entry point announces a longest name of `²`, in turn with `-1`, ` ` and `1e3`."""
    _announce(call, ("²", "-1", " ", "1e3")[call.number % 4])


@behaviour("api.show", codes=(3,), report=False, says=("limit body",))
def many_features(call: Call) -> None:
    """The entry point announces 100,000 features."""
    feature = '<feature name="f{}" rel="create"><param name="p"/></feature>'
    many = "".join(map(feature.format, range(100_000)))
    call.answer.replace("</link>", f"{many}</link>")


@behaviour("api.show", checks="entry_point", codes=(1, 3))
def many_collections(call: Call) -> None:
    """The entry point lists 20,000 collections that the API does not know."""
    url = call.endpoint.url
    links = "".join(f'<link rel="c{n}" href="{url}/c{n}"/>' for n in range(20_000))
    call.answer.replace("</api>", f"{links}</api>")


@behaviour(
    "hardware_profiles.*",
    checks="hardware_profiles or overrides",
    codes=(1, 3),
    finds=("DC-HWP-012",),
)
def absurd_hardware(call: Call) -> None:
    """Hardware profiles offer numbers that are none, negative, infinite or endless."""
    numbers = iter(["²", "-1", "NaN", "1e999", "9" * 5000, "", " 1 ", "0x10", "\u0661"] * 50)
    call.answer.body = re.sub(
        rb'\b(value|first|last)="\d+[^"]*"',
        lambda found: found[1] + f'="{next(numbers)}"'.encode(),
        call.answer.body,
    )


@behaviour(
    "realms.* buckets.* storage_volumes.*",
    checks="realms or buckets or storage_volumes",
    codes=(1,),
)
def absurd_json(call: Call) -> None:
    """Numbers in JSON are NaN, 1e999, of 50,000 digits; texts hold halves of surrogates."""
    if _is(call, "json"):
        values = iter([b"NaN", b"1e999", b"9" * 50_000, b"-0", rb'"\ud800"', b"null", b"[]"] * 50)
        call.answer.body = re.sub(
            rb'("(?:size|capacity|limit|name|state)": ?)("[^"]*"|[^,}\]]+)',
            lambda found: found[1] + next(values),
            call.answer.body,
        )


@behaviour("realms.* keys.*", checks="realms or keys", codes=(0, 1), finds=("DC-DOC-018",))
def names_repeat_in_json(call: Call) -> None:
    """JSON objects have 50,000 members of one name."""
    if _is(call, "json"):
        call.answer.body = call.answer.body.replace(b"{", b"{" + b'"id":"x",' * 50_000, 1)


@behaviour(_LISTS, checks=_FEW, codes=(1,))
def terminal_codes(call: Call) -> None:
    """Names and ids hold codes that clear a terminal, set its title, or turn the text around."""
    codes = "&#x9b;2J&#x202e;\u009d0;conformant\u009c\ufeff"
    call.answer.replace("<name>", f"<name>{codes}")
    call.answer.replace("<state>", f"<state>{codes}")


@behaviour(_LISTS, checks=_FEW, codes=(1,))
def markup_for_reports(call: Call) -> None:
    """Names hold script, Markdown and the ends of CDATA sections."""
    text = "]]&gt;&lt;/pre>&lt;script>alert(1)&lt;/script>&lt;img src=x onerror=alert(1)>"
    call.answer.replace("<name>", f"<name>{text}| ` [x](javascript:alert(1))")
    call.answer.replace("<state>", f"<state>{text}")


@behaviour(_LISTS, **_READ)
def members_of_another_kind(call: Call) -> None:
    """Lists are an HTML page with scripts and a `base` at another origin."""
    _say(
        call,
        f"<!DOCTYPE html><html><head><base href='{call.trap.origin}/'/>"
        f"<meta http-equiv='refresh' content='0;url={call.trap.origin}/'/></head>"
        f"<body><a href='x'>x</a><img src='y'/></body></html>",
    )
