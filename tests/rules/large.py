"""Large answers of kinds that cost more than their size if a rule is careless, by name.

Each is a function of the number of marks (`Limits.nodes`) that its document has at most.
"""

from __future__ import annotations

from collections.abc import Callable

from tck.endpoint.exchange import Exchange, Headers, Request, Response

BASE = "http://host/api"
LONG = 8000  # characters of an attribute


def answer(
    path: str, body: str, format_: str = "xml", status: int = 200, **fields: str
) -> Exchange:
    """The answer to a GET; `fields` with `_` for `-`."""
    content = body.encode()
    headers = {"Content-Type": f"application/{format_}", "Content-Length": str(len(content))}
    headers |= {name.replace("_", "-"): value for name, value in fields.items()}
    request = Request("GET", BASE + path, Headers({"Accept": f"application/{format_}"}))
    return Exchange("x1", request, Response(status, "", Headers(headers), content), BASE)


def _xml(path: str, head: str, part: str, tail: str, **more: str) -> Callable[[int], Exchange]:
    """The document `head`, then `part` as often as there is room for, then `tail`."""
    marks = sum(map(part.count, "<=&"))
    return lambda n: answer(path, head + part * (n // marks) + tail, **more)


def _json(path: str, head: str, part: str, tail: str) -> Callable[[int], Exchange]:
    marks = 1 + sum(map(part.count, "{[:,"))
    return lambda n: answer(path, head + ",".join([part] * (n // marks)) + tail, "json")


def _failure(text: str) -> Callable[[int], Exchange]:
    def made(n: int) -> Exchange:
        trace = text * (4 * n // len(text))
        return answer("/keys", f"<error><backtrace>{trace}</backtrace></error>", status=500)

    return made


def _field(name: str, part: str, head: str = "", status: int = 200) -> Callable[[int], Exchange]:
    return lambda n: answer("/keys", "", status=status, **{name: head + part * (n // len(part))})


def _states(n: int) -> Exchange:
    states = (f'<state name="s{i}"><transition to="s{i + 1}"/></state>' for i in range(n // 6))
    return answer("/instance_states", f"<states>{''.join(states)}</states>")


def _collections(n: int) -> Exchange:
    links = (f'<link rel="a{i}" href="y"/>' for i in range(n // 3))
    return answer("", f'<api version="1.1.3" driver="mock">{"".join(links)}</api>')


def _attributes(n: int) -> Exchange:
    many = " ".join(f'a{i}="x"' for i in range(n))
    return answer("/keys/a", f'<key id="a" href="b"><actions><link {many}/></actions></key>')


def _names(n: int) -> Exchange:
    return answer("/keys", "{" + ",".join(f'"k{i}":1' for i in range(n // 3)) + "}", "json")


_ID = f'id="{"a" * LONG}" href="{BASE}/x"'
_NAME = "a" * 40_000
_BITS = "b" * 100_000
_HWP = '<hardware_profile id="a" href="b">'
_CPU = '<property name="cpu" kind="enum" unit="count" value="9">'
_INSTANCE = (
    '<instance id="a" href="b"><state>x </state><actions><link/></actions><image/>'
    "<public_addresses><address/></public_addresses></instance>"
)
LARGE: dict[str, Callable[[int], Exchange]] = {
    "members without anything": _xml("/keys", "<keys>", "<key/>", "</keys>"),
    "members with hrefs": _xml("/keys", "<keys>", '<key id="a" href="b"/>', "</keys>"),
    "links of one key": _xml(
        "/keys/a", f"<key {_ID}><actions>", '<link rel="x" href="y"/>', "</actions></key>"
    ),
    "links of a key with a long id": _xml(
        "/keys/a",
        f"<key {_ID}><actions>",
        '<link rel="destroy" href="y" method="delete"/>',
        "</actions></key>",
    ),
    "blobs of a bucket with a long id": _xml(
        "/buckets/a", f"<bucket {_ID}>", '<blob id="x" href="y"/>', "</bucket>"
    ),
    "features of a collection with a long name": _xml(
        "",
        f'<api version="1.1.3" driver="mock"><link rel="{"a" * LONG}" href="y">',
        '<feature name="x" rel="create"/>',
        "</link></api>",
    ),
    "collections": _collections,
    "attributes of one link": _attributes,
    "states": _states,
    "transitions from a state with a long name": _xml(
        "/instance_states",
        f'<states><state name="{"s" * LONG}">',
        '<transition to="s"/>',
        "</state></states>",
    ),
    "comments in a text": _xml("/keys/a", "<key><name>", "<!---->x", "</name></key>"),
    "instances": _xml("/instances", "<instances>", _INSTANCE, "</instances>"),
    "addresses of one instance": _xml(
        "/instances/a",
        '<instance id="a" href="b"><public_addresses>',
        "<address>1 </address>",
        "</public_addresses></instance>",
    ),
    "hardware profiles": _xml(
        "/hardware_profiles",
        "<hardware_profiles>",
        f'{_HWP}{_CPU}<enum><entry value="1"/></enum></property></hardware_profile>',
        "</hardware_profiles>",
    ),
    "entries of an enumeration": _xml(
        "/hardware_profiles/a",
        f"{_HWP}{_CPU}<enum>",
        '<entry value="1"/>',
        "</enum></property></hardware_profile>",
    ),
    "properties of one profile": _xml(
        "/hardware_profiles/a", _HWP, f"{_CPU}</property>", "</hardware_profile>"
    ),
    "rules of one firewall": _xml(
        "/firewalls/a",
        '<firewall id="a" href="b"><rules>',
        "<rule><sources><source/></sources></rule>",
        "</rules></firewall>",
    ),
    "samples of one metric": _xml(
        "/metrics/a",
        '<metric id="a" href="b"><properties><x>',
        '<sample><property name="minimum" value="1"/></sample>',
        "</x></properties></metric>",
    ),
    "elements on the ninetieth level": _xml(
        "/keys",
        '<keys><key id="a" href="b">' + '<a href="x">' * 90,
        '<a href="x"/>',
        "</a>" * 90 + "</key></keys>",
    ),
    "elements in one with a long name": _xml(
        "/keys", f'<keys><key id="a"><{_NAME}>', '<a href="x"/>', f"</{_NAME}></key></keys>"
    ),
    "members of a root with a long name": _xml(
        "/keys", f"<{_NAME}>", '<key href="x"/>', f"</{_NAME}>"
    ),
    "objects without anything": _json("/keys", '{"keys":[', "{}", "]}"),
    "objects": _json("/keys", '{"keys":[', '{"id":"a","href":"b","credential_type":5}', "]}"),
    "actions of an object with a long id": _json(
        "/instances/a",
        f'{{"instance":{{"id":"{_BITS}","actions":[',
        '{"rel":"stop","href":"b","method":"post"}',
        "]}}",
    ),
    "objects on the ninetieth level": _json(
        "/keys", '{"keys":[' + '{"a":[' * 44, '{"href":"b"}', "]}" * 44 + "]}"
    ),
    "objects below a long name": _json("/keys", f'{{"keys":[{{"{_BITS}":[', '{"href":"b"}', "]}]}"),
    "states as objects": _json(
        "/instance_states", "[", '{"name":"a","transitions":[{"to":"b"}]}', "]"
    ),
    "transitions of an object with a long name": _json(
        "/instance_states", f'[{{"name":"{_BITS}","transitions":[', '{"to":"b"}', "]}]"
    ),
    "features of an object with a long name": _json(
        "", f'{{"api":{{"links":[{{"rel":"{_BITS}","features":[', '{"name":"b"}', "]}]}}"
    ),
    "parameters of a feature": _json(
        "",
        '{"api":{"links":[{"rel":"instances","features":[{"name":"user_name","params":[',
        '"b"',
        "]}]}]}}",
    ),
    "names of one object": _names,
    "numbers of 300 digits": _json("/keys", "[", "9" * 300, "]"),
    "a backtrace of line ends": _failure("\n"),
    "a backtrace of quotation marks": _failure('File "'),
    "a backtrace of words": _failure("at a.b"),
    "a backtrace of line numbers": _failure(":1"),
    "a backtrace of digits": _failure("1"),
    "a backtrace of blanks": _failure(" "),
    "challenges": _field("WWW_Authenticate", ", Basic a=b", status=401),
    "a challenge of blanks": _field("WWW_Authenticate", " ", "Basic", status=401),
    "a challenge of commas": _field("WWW_Authenticate", ", ", status=401),
    "a challenge of escapes": _field("WWW_Authenticate", '\\"', 'Basic a="', status=401),
    "methods": _field("Allow", "A,", status=405),
    "a Location of escapes": _field("Location", "a%20", "http://h/", status=302),
    "an ETag without end": _field("ETag", "a", '"'),
    "seconds": _field("X_Backend_Runtime", "1", "1."),
    "a charset": _field("Content_Type", "a", "application/xml;charset="),
}
