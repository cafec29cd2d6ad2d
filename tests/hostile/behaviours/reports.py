"""Answers that are meant for the report: to fill the disk with it, or to break its files."""

from __future__ import annotations

import json

from ..behaviour import Behaviours
from ..endpoint import Call

BEHAVIOURS = behaviour = Behaviours()

# What takes more room in a report than on the wire, or ends something there.
_WORDS = ("\x07", "&amp;", "]]>", "</pre><script>alert(1)</script>", "\N{EURO SIGN}", "`|*", "a")
_MARKUP = "\x1b[2J]]></failure></script><script>alert(1)</script>\u202e`|<!-- ${jndi:x} \"'%00"


def _comment(call: Call, content: str) -> None:
    """Put a comment into an XML document, which stays right."""
    if "xml" in call.answer.get("Content-Type"):
        call.answer.body += f"<!--{content}-->".encode()


@behaviour(codes=(0, 1, 3), seconds=60)
def megabytes_in_every_document(call: Call) -> None:
    """Every XML document is followed by a comment of 3 MB, which is allowed."""
    _comment(call, "€" * 1_000_000)


@behaviour(codes=(1, 5), left="told", seconds=60)
def megabytes_in_every_wrong_document(call: Call) -> None:
    """Every document has 3 MB of text where a client looks, and every status is a wrong one."""
    word = _WORDS[len(call.asked.target) % len(_WORDS)]
    if call.asked.path:
        call.answer.status = 203 if call.answer.ok else 418
        call.answer.body = f"<error><message>{word * (3_000_000 // len(word))}".encode()


@behaviour("realms.* keys.index", checks="realms or keys or documents", codes=(1,))
def ten_thousand_wrong_links(call: Call) -> None:
    """Lists hold 10,000 links, each at another place and wrong in another way."""
    if call.answer.ok and "xml" in call.answer.get("Content-Type"):
        links = "".join(f'<x{n} href="elsewhere/{n}">{n}</x{n}>' for n in range(10_000))
        call.answer.body = call.answer.body.replace(b"</realms>", f"{links}</realms>".encode())
        call.answer.body = call.answer.body.replace(b"</keys>", f"{links}</keys>".encode())


@behaviour(checks="keys or realms or entry_point", codes=(1, 3), seconds=60)
def long_header_fields_in_every_answer(call: Call) -> None:
    """Every answer has 60 KB of header fields, among them Location, ETag and a word without end."""
    call.answer.set("ETag", "x" * 20_000)
    call.answer.set("Location", "http://" + "a" * 20_000)
    call.answer.headers += [(f"X-{n}", "y" * 300) for n in range(60)]


@behaviour(checks="keys or realms or errors", codes=(0, 1))
def long_reasons(call: Call) -> None:
    """The reason of every status line is a word of 50,000 letters."""
    call.answer.reason = "r" * 50_000


@behaviour(
    "realms.* images.* hardware_profiles.* instance_states.*",
    checks="realms or images or hardware_profiles or documents",
    codes=(0, 1, 3),
)
def markup_of_reports_in_names(call: Call) -> None:
    """Names end what stands around them in XML, HTML, Markdown and on a terminal."""
    text = _MARKUP.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    call.answer.replace("<name>", f"<name>{text.replace(chr(27), '')}")
    if "json" in call.answer.get("Content-Type") and call.answer.ok:
        call.answer.replace('"name": "', f'"name": "{json.dumps(_MARKUP)[1:-1]}')


@behaviour(checks="keys or realms or errors", codes=(1, 3))
def markup_of_reports_in_reasons_and_fields(call: Call) -> None:
    """Reasons and header fields end what stands around them in a report."""
    call.answer.reason = _MARKUP
    call.answer.headers.append(("X-Note", _MARKUP))
    call.answer.set("Content-Type", f"{call.answer.get('Content-Type')}; {_MARKUP[4:]}")


@behaviour("api.show", checks="entry_point or keys", codes=(0, 1, 3), seconds=60)
def an_entry_point_of_long_words(call: Call) -> None:
    """Version, driver and the names of 400 more collections are words of 8,000 letters."""
    head, api, rest = call.answer.body.partition(b"<api")
    for name in (b"version", b"driver"):
        rest = rest.replace(name + b'="', name + b'="' + name[:1] * 8_000, 1)
    call.answer.body = head + api + rest
    if "xml" in call.answer.get("Content-Type"):
        links = "".join(f'<link rel="{"c" * 8_000}{n}" href="x"/>' for n in range(400))
        call.answer.replace("</api>", f"{links}</api>")
