"""Rules on what clients ask for: operations that there are, and parameters that they have."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from functools import cache
from urllib.parse import parse_qsl, unquote

from tck.endpoint.exchange import Exchange
from tck.rules.clients import sending
from tck.rules.clients.engine import client_rule
from tck.rules.clients.messages import is_readable_form
from tck.rules.clients.session import Session, path_of
from tck.rules.judgement import Judgement, absent, contains, holds, one_of, present, shown
from tck.schemas.operations import API, Operation, Parameter

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH")
# Answers to what an endpoint does not offer; another answer says that it knows the request.
_NOT_OFFERED = (400, 404, 405, 410, 501)
# What any request may carry: choice of format, credentials to be checked, what scripts add (C4).
_ANYWHERE = frozenset({"format", "force_auth", "_", "_method"})
_SOURCE = re.compile(r"ip[-_]address", re.IGNORECASE)  # of a firewall rule, as 1.1.3 reads it (C30)
# Names under which credentials are sent in the wrong place.
CREDENTIALS = {"user", "username", "passwd", "password", "pwd", "pass", "api_key", "apikey"}
CREDENTIALS |= {"secret", "token", "access_token", "credentials", "authorization", "auth"}
_METADATA = re.compile(r"meta_(params|name\d+|value\d+)")
_INTEGER = re.compile(r"[+-]?\d{1,18}")


@client_rule("DC-CLI-016", "DC-CLI-017", "DC-CLI-018")
def operation(session: Session, x: Exchange) -> Iterator[Judgement]:
    """A client asks for operations of the API, or for what an answer led it to.

    What an endpoint answers with success, it offers: nobody is blamed for asking for that.
    """
    path = x.api_path
    led = session.redirect is not None and session.redirect.path == path_of(x.request.url)
    if path is None or x.request.malformed or led:  # how redirects are followed is DC-CLI-046
        return
    astray = "" if x.operation else _astray(session, x, path)
    if astray == "DC-CLI-018":
        yield holds("DC-CLI-018", "target", "ids that are not empty", path, ok=False)
    methods = [method for method in METHODS if API.match(method, path)]
    if methods and (x.operation or astray == "DC-CLI-017"):
        yield one_of("DC-CLI-017", "method", (*methods, "OPTIONS"), x.method)
    if x.operation or astray == "DC-CLI-016":
        yield holds("DC-CLI-016", "target", "a path of the API", path, not astray)


def _astray(session: Session, x: Exchange, path: str) -> str:
    """Which requirement a request violates that is for no operation of the API; empty if none."""
    if x.method == "OPTIONS" or x.status not in _NOT_OFFERED:
        return ""
    if any(API.match(method, path) for method in METHODS):
        return "DC-CLI-017"
    if re.search(r"//|/$", path) and unquote(x.request.path) not in session.given:
        return "DC-CLI-018"
    collection, declared = path.strip("/").partition("/")[0], session.declared(x)
    vendors = collection not in API.top_level and declared and declared.declares(collection)
    return "" if vendors or path_of(x.request.url) in session.given else "DC-CLI-016"


def _known(x: Exchange) -> Operation | None:
    """The operation, if all that was sent with it can be read."""
    op = x.operation
    if op is None or x.request.method == "HEAD" or not sending.are_known(x):
        return None
    return op if op.body == "bytes" or is_readable_form(x) else None


@client_rule("DC-CLI-019", "DC-CLI-020")
def required(_: Session, x: Exchange) -> Iterator[Judgement]:
    """What an operation requires is there, and not empty."""
    op = _known(x)
    if op is None:
        return
    sent = {**dict(sending.matrix(x)), **sending.values(x)}  # links have some there (C8)
    meant = {_spellings(op.id).get(_plain(name)) for name in sent}
    for parameter in op.params:
        if parameter.required and (parameter.name in sent or parameter.name not in meant):
            yield contains("DC-CLI-019", f"parameters of {op.id}", parameter.name, sent)
            if parameter.name in sent and not parameter.may_be_empty:
                value = sent[parameter.name]
                yield present("DC-CLI-020", f"parameter {parameter.name}", "a value", value)


@client_rule("DC-CLI-021", "DC-CLI-022")
def names(session: Session, x: Exchange) -> Iterator[Judgement]:
    """Parameters are spelled as the API has them, and others are not sent."""
    op = _known(x)
    if op is None:
        return
    declared = session.declared(x)
    offered = {p for f in declared.features.values() for p in f.params} if declared else set()
    for query in session.queries.get(path_of(x.request.url), ()):
        offered |= {name for name, _ in parse_qsl(query, keep_blank_values=True)}
    spellings = _spellings(op.id)
    for name in dict.fromkeys(sent.name for sent in sending.parameters(x)):
        place = f"parameters of {op.id}"
        known = name in offered or bool(find(op, name)) or name in _ANYWHERE | {"id"}
        meant = spellings.get(_plain(name))
        elsewhere = name.lower() in CREDENTIALS or (  # which DC-CLI-031 and DC-CLI-025 are about
            op.collection == "blobs" and _METADATA.fullmatch(name)
        )
        if known or meant:
            expected = f"spelled {shown(meant or name)}"
            yield holds("DC-CLI-021", place, expected, name, known)
        if known or not (meant or elsewhere):
            yield holds("DC-CLI-022", place, "names that the API has", name, known)


@client_rule("DC-CLI-023")
def value_forms(_: Session, x: Exchange) -> Iterator[Judgement]:
    """Values have the form of their parameter."""
    op = _known(x)
    for sent in sending.parameters(x) if op else ():
        parameter = find(op, sent.name) if op else None
        if parameter and sent.value.strip() and (expected := _form(parameter)):
            ok = _has_form(parameter, sent.value.strip())
            yield holds("DC-CLI-023", f"parameter {sent.name}", expected, sent.value, ok)


def _form(parameter: Parameter) -> str:
    if parameter.values:
        return "one of " + ", ".join(parameter.values)
    limits = ", ".join(f"{name} {value}" for name, value in parameter.schema.items())
    words = {"integer": f"a whole number {limits}".strip(), "cidr": "an address range (CIDR)"}
    return words.get(parameter.type, "")


def _has_form(parameter: Parameter, value: str) -> bool:
    if parameter.values:
        return value.lower() in {v.lower() for v in parameter.values}
    if parameter.type == "integer":
        low, high = (parameter.schema.get(end) for end in ("minimum", "maximum"))
        return bool(
            _INTEGER.fullmatch(value)
            and (low is None or int(value) >= low)
            and (high is None or int(value) <= high)
        )
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return True


@client_rule("DC-CLI-024")
def once_each(_: Session, x: Exchange) -> Iterator[Judgement]:
    """A parameter is sent with one value."""
    op = _known(x)
    if op is None or op.method != "POST" or not sending.parameters(x):
        return
    values: dict[str, set[str]] = {}
    for sent in sending.parameters(x):
        values.setdefault(sent.name, set()).add(sent.value)
    several = [name for name, found in values.items() if len(found) > 1 and name != "_"]
    yield absent("DC-CLI-024", f"parameters of {op.id}", "one value each", several)


@client_rule("DC-CLI-025", "DC-CLI-026")
def blobs(_: Session, x: Exchange) -> Iterator[Judgement]:
    """Metadata of a blob is where the operation looks for it, and a PUT says how long it is."""
    op = _known(x)
    if op is None or op.collection != "blobs":
        return
    sent = sending.values(x)
    given = sorted(name for name in sent if _METADATA.fullmatch(name))
    if op.name == "create" and given:
        count = int(sent["meta_params"]) if sent.get("meta_params", "").isdecimal() else 0
        numbers = range(1, min(count, 1000) + 1)
        named = {f"meta_{kind}{n}" for n in numbers for kind in ("name", "value")}
        expected = "meta_params, and as many names and values"
        ok = set(given) - {"meta_params"} == named
        yield holds("DC-CLI-025", f"parameters of {op.id}", expected, given, ok)
    elif op.name in ("put", "stream", "update"):
        expected = "metadata in X-Deltacloud-Blobmeta fields"
        yield holds("DC-CLI-025", f"parameters of {op.id}", expected, given, not given)
    if op.body == "bytes":
        length = x.request.headers.get("Content-Length")
        yield present("DC-CLI-026", "Content-Length", "the length of the content", length)


@client_rule("DC-CLI-027", "DC-CLI-028", "DC-CLI-029")
def combinations(_: Session, x: Exchange) -> Iterator[Judgement]:
    """What belongs together is sent together, and makes sense together."""
    op = _known(x)
    if op is None:
        return
    sent = sending.values(x)
    if op.id == "firewalls.rules":
        sources = [n for n in sent if _SOURCE.match(n) or re.fullmatch(r"group\d*", n)]
        expected = "at least one ip_addressN or groupN"
        yield present("DC-CLI-027", f"parameters of {op.id}", expected, sources)
        ports = [sent.get("port_from", "").strip(), sent.get("port_to", "").strip()]
        if all(_INTEGER.fullmatch(port) for port in ports):
            in_order = int(ports[0]) <= int(ports[1])
            yield holds("DC-CLI-029", f"parameters of {op.id}", "from <= to", ports, in_order)
    elif op.id == "instances.run":
        keys = [name for name in ("private_key", "password") if sent.get(name)]
        expected = "private_key or password"
        yield present("DC-CLI-028", f"parameters of {op.id}", expected, keys)


# ---------------------------------------------------------------- names of parameters


def find(op: Operation, name: str) -> Parameter | None:
    """The parameter of an operation that a name means, of the operation itself or of a feature."""
    known = parameters(op.id)
    if name in known:
        return known[name]
    if op.id == "firewalls.rules" and _SOURCE.match(name):
        return known["ip_address*"]
    for family, parameter in known.items():
        if "*" in family:
            front, _, end = family.partition("*")
            middle = r".+" if front == "hwp_" else r"\d+"
            if re.fullmatch(re.escape(front) + middle + re.escape(end), name):
                return parameter
    return None


@cache
def parameters(operation: str) -> Mapping[str, Parameter]:
    """All parameters of an operation by name: its own, its filters and those of features."""
    op = API.operations[operation]
    found = {name: Parameter(name) for name in op.filters}
    for feature in API.features_of(op.collection):
        if feature.operation == op.name:
            for name, text in feature.params.items():
                family = f"{name}*" if feature.type == "array" else name
                found[family] = Parameter(family, text=text)
                if feature.name == "user_files":
                    found[f"{name}*"] = found[family]
    return found | {parameter.name: parameter for parameter in op.params}


def of_features(operation: str) -> dict[str, str]:
    """`instances.user_name` by parameter, of those parameters that only a feature brings."""
    op = API.operations[operation]
    own = {parameter.name for parameter in op.params} | set(op.filters)
    return {
        name: f"{op.collection}.{feature.name}"
        for feature in API.features_of(op.collection)
        if feature.operation == op.name
        for name in feature.params
        if name not in own
    }


@cache
def _spellings(operation: str) -> Mapping[str, str]:
    return {_plain(name): name for name in parameters(operation)}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())
