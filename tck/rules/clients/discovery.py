"""Rules on how clients find what they ask for: entry point, links, what is declared and shown."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

from tck.endpoint.exchange import Exchange
from tck.rules.clients import sending
from tck.rules.clients.engine import client_rule
from tck.rules.clients.operations import find, of_features
from tck.rules.clients.session import Property, Session, path_of, resolved, top
from tck.rules.hardware_profiles import number
from tck.rules.judgement import Judgement, contains, holds, one_of, shown
from tck.rules.links import RELS

_SAFE = ("GET", "HEAD", "OPTIONS")
_WITHOUT = ("drivers", "instance_states")  # nobody needs to look before asking for these
_ELSEWHERE = ("load_balancers.unregister", "rules.destroy")  # links of what is in the object (A134)
_RELS = {operation: rel for rels in RELS.values() for rel, operation in rels.items()}


def _is_failure(x: Exchange) -> bool:
    return not x.status or x.status >= 400


@client_rule("DC-CLI-030")
def entry_point_first(session: Session, x: Exchange) -> Iterator[Judgement]:
    """A client reads the entry point before it uses a collection."""
    op = x.operation
    if op is None or not op.collection or op.collection in _WITHOUT:
        return
    read = session.looked
    got = "asked for" if read else "other requests only" if session.count else "nothing"
    yield holds("DC-CLI-030", "earlier requests", "the entry point", got, read)


@client_rule("DC-CLI-036", "DC-CLI-039", "DC-CLI-040")
def declared_collections(session: Session, x: Exchange) -> Iterator[Judgement]:
    """A client uses the collections that the entry point lists, where it lists them.

    What an endpoint does although it does not list it, nobody is blamed for.
    """
    op, declared = x.operation, session.declared(x)
    if op is None or not op.collection or declared is None:
        return
    collection, reads = top(op), x.method in _SAFE
    listed = declared.declares(collection)
    if listed or (_is_failure(x) and collection not in _WITHOUT):
        id_ = "DC-CLI-039" if reads else "DC-CLI-040"
        yield contains(
            id_, "target", collection, tuple(declared.collections), why="as the entry point says"
        )
    if listed and op.collection == collection and not op.path_params:
        here, there = path_of(x.request.url), resolved(x, declared.collections[collection])
        known = here == there or here in session.given
        expected = f"the URL {shown(declared.collections[collection])}"
        yield holds("DC-CLI-036", "target", expected, x.request.path, known)


@client_rule("DC-CLI-037")
def known_members(session: Session, x: Exchange) -> Iterator[Judgement]:
    """After it was shown members of a collection, a client uses those that it was shown.

    A client that never looked has the id from somebody else.
    """
    op = x.operation
    if op is None or "id" not in x.path_params or not session.knows_all:
        return
    collection, id_ = top(op), x.path_params["id"]
    if not session.ids.get(collection):
        return
    path = "/".join(path_of(x.request.url).split("/")[: _depth(x) + 2])
    known = id_ in session.ids[collection] or path in session.given
    yield holds("DC-CLI-037", "target", f"one of the {collection} that were shown", id_, known)


def _depth(x: Exchange) -> int:
    """How many segments there are up to the name of the collection."""
    return len(path_of(x.base).split("/"))


@client_rule("DC-CLI-038")
def whole_references(session: Session, x: Exchange) -> Iterator[Judgement]:
    """A URL that was only given with a query is used with it."""
    given = session.queries.get(path_of(x.request.url))
    if not given or "" in given:
        return
    sent = {(p.name, p.value) for p in sending.parameters(x)}
    names = {name for name, _ in sent}
    wanted = [parse_qsl(query, keep_blank_values=True) for query in given]
    kept = any(all(pair in sent or pair[0] in names for pair in pairs) for pairs in wanted)
    expected = f"its query, such as {shown(next(iter(sorted(given))))}"
    yield holds("DC-CLI-038", "target", expected, urlsplit(x.request.url).query, kept)


@client_rule("DC-CLI-041")
def announced_features(session: Session, x: Exchange) -> Iterator[Judgement]:
    """Parameters of a feature are sent where the entry point announces it."""
    op, declared = x.operation, session.declared(x)
    if op is None or declared is None or not declared.declares(top(op)):
        return
    features = of_features(op.id)
    for name in dict.fromkeys(sent.name.rstrip("0123456789") for sent in sending.parameters(x)):
        if name in features:
            yield contains(
                "DC-CLI-041", f"parameter {name}", features[name], tuple(declared.features)
            )


@client_rule("DC-CLI-042")
def shown_actions(session: Session, x: Exchange) -> Iterator[Judgement]:
    """An action is asked for when the object was last shown with it."""
    op = x.operation
    if op is None or op.id not in _RELS or "id" not in x.path_params or op.id in _ELSEWHERE:
        return
    known = session.actions.get((op.collection, x.path_params["id"]))
    if known is not None:
        names = {"add_rule", "update"} if op.id == "firewalls.rules" else {_RELS[op.id]}
        ok = not names.isdisjoint(known)
        expected = f"{op.name}, when it is among the actions shown"
        yield holds("DC-CLI-042", "action", expected, sorted(known), ok)


@client_rule("DC-CLI-044")
def profile_values(session: Session, x: Exchange) -> Iterator[Judgement]:
    """Sizes of an instance are within the hardware profile that is named."""
    op, sent = x.operation, sending.values(x)
    profile = session.profiles.get(sent.get("hwp_id", ""))
    if op is None or op.id != "instances.create" or profile is None:
        return
    for name, value in sent.items():
        if name.startswith("hwp_") and name != "hwp_id" and value:
            dimension = profile.get(name.removeprefix("hwp_"))
            expected = _allowed(dimension)
            ok = dimension is not None and _is_within(dimension, value)
            yield holds("DC-CLI-044", f"parameter {name}", expected, value, ok)


def _allowed(dimension: Property | None) -> str:
    if dimension is None:
        return "a dimension of the profile"
    if dimension.kind == "range":
        return f"{dimension.first} to {dimension.last}"
    return f"one of {shown(dimension.entries)}" if dimension.entries else dimension.value


def _is_within(dimension: Property, value: str) -> bool:
    asked = number(value)
    if dimension.kind == "range":
        first, last = number(dimension.first), number(dimension.last)
        bounded = first is not None and last is not None
        return not bounded or (asked is not None and Decimal(first or 0) <= asked <= (last or 0))
    allowed = dimension.entries or ((dimension.value,) if dimension.value else ())
    return not allowed or value in allowed or asked in {number(entry) for entry in allowed} - {None}


@client_rule("DC-CLI-045")
def known_ids(session: Session, x: Exchange) -> Iterator[Judgement]:
    """Where a parameter names an object, and the client has read the list, it is on the list."""
    op = x.operation
    for sent in sending.parameters(x) if op and session.knows_all else ():
        parameter = find(op, sent.name) if op else None
        names = parameter.names if parameter else None
        if names in session.whole and sent.value:
            yield one_of("DC-CLI-045", f"parameter {sent.name}", session.ids[names], sent.value)
