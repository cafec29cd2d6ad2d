"""Holes in the authentication."""

from __future__ import annotations

from collections.abc import Callable

from tck.prove.altered import http, requests
from tck.prove.altered.change import Change, in_document, in_request
from tck.prove.altered.messages import Answer, Asked
from tck.prove.faults.fault import fault


def _hole(where: str, text: str, lets_in: Callable[[Asked], bool]) -> Change:
    """Requests that are let in although their credentials are not right."""

    def act(asked: Asked) -> None:
        if asked.sent != asked.known and lets_in(asked):
            asked.authorize()

    return in_request(where, text, act)


def _user(asked: Asked) -> str | None:
    return asked.sent and asked.sent[0]


def _password(asked: Asked) -> str | None:
    return asked.sent and asked.sent[1]


def _connection(asked: Asked) -> str:
    return f"connection {asked.environ.get('REMOTE_PORT')}"


def _by_connection(asked: Asked) -> bool:
    return bool(asked.memory.get(_connection(asked)))


def _remember_connection(asked: Asked) -> None:
    if asked.sent == asked.known:
        asked.memory[_connection(asked)] = True


def _set_cookie(asked: Asked, answer: Answer) -> None:
    if asked.sent == asked.known and answer.ok:
        answer.set("Set-Cookie", "session=4711; path=/")


def _with_cookie(asked: Asked) -> bool:
    return "session=4711" in (asked.header("Cookie") or "")


def _forced(asked: Asked) -> bool:
    return "force_auth" in asked.query


def _status(where: str, old: int, new: int) -> Change:
    def act(_asked: Asked, answer: Answer) -> None:
        if answer.status == old:
            answer.replace(new, "denied")

    return in_document(where, f"answers {new} instead of {old}", act)


def _crash(asked: Asked) -> Answer | None:
    said = asked.header("Authorization")
    if said and asked.sent is None:
        return Answer(500, [("Content-Type", "text/plain")], b"undefined method `split' for nil")
    return None


def _no_basic_in_lower_case(asked: Asked) -> None:
    said = asked.header("Authorization") or ""
    if not said.startswith("Basic "):
        asked.set_header("Authorization", None)


_PROTECTED = "images.* instances.* realms.* keys.* addresses.* buckets.* storage_volumes.*"

FAULTS = [
    fault(
        "no-authentication",
        "DC-AUT-001 DC-AUT-002 DC-AUT-003",
        _hole("*", "lets everybody in", lambda _: True),
    ),
    fault(
        "anonymous-let-in",
        "DC-AUT-001",
        _hole("*", "lets in who sends no credentials", lambda a: not a.header("Authorization")),
    ),
    fault("anonymous-403", "DC-AUT-001", _status("!*", 401, 403)),
    fault("anonymous-404", "DC-AUT-001", _status("!keys.*", 401, 404)),
    fault("anonymous-redirected", "DC-AUT-001", _status("!images.*", 401, 302)),
    fault(
        "keys-open", "DC-AUT-001", _hole("keys.index", "lists keys to everybody", lambda _: True)
    ),
    fault(
        "realms-open", "DC-AUT-001", _hole("realms.*", "shows realms to everybody", lambda _: True)
    ),
    fault(
        "buckets-open",
        "DC-AUT-001",
        _hole("buckets.*", "shows buckets to everybody", lambda _: True),
    ),
    fault(
        "metrics-open",
        "DC-AUT-001",
        _hole("metrics.*", "shows metrics to everybody", lambda _: True),
    ),
    fault(
        "any-credentials",
        "DC-AUT-002",
        _hole("*", "lets in who sends any credentials", lambda a: a.sent is not None),
    ),
    fault(
        "wrong-credentials-403",
        "DC-AUT-002",
        in_document(
            "!*",
            "answers 403 to wrong credentials",
            lambda a, x: x.replace(403) if x.status == 401 and a.sent else None,
        ),
    ),
    fault(
        "wrong-credentials-empty-list",
        "DC-AUT-002",
        in_document(
            "!*.index",
            "shows an empty list to wrong credentials",
            lambda a, x: (
                x.replace(200, f"<{a.collection}/>", "application/xml")
                if x.status == 401 and a.sent
                else None
            ),
        ),
    ),
    fault(
        "only-user-checked",
        "DC-AUT-003",
        _hole("*", "looks at the user only", lambda a: _user(a) == a.known[0]),
    ),
    fault(
        "only-password-checked",
        "DC-AUT-003",
        _hole("*", "looks at the password only", lambda a: _password(a) == a.known[1]),
    ),
    fault(
        "password-prefix-enough",
        "DC-AUT-003",
        _hole(
            "*",
            "compares the beginning of the password",
            lambda a: _user(a) == a.known[0] and (_password(a) or "?").startswith(a.known[1]),
        ),
    ),
    fault(
        "empty-password-enough",
        "DC-AUT-003",
        _hole(
            "*", "takes an empty password", lambda a: _user(a) == a.known[0] and _password(a) == ""
        ),
    ),
    fault(
        "password-of-instances-unchecked",
        "DC-AUT-003",
        _hole(
            "instances.*", "looks at the user only, for instances", lambda a: _user(a) == a.known[0]
        ),
    ),
    fault("no-challenge", "DC-AUT-004", http.field("!*", "WWW-Authenticate", None)),
    fault(
        "no-challenge-to-wrong-credentials",
        "DC-AUT-004",
        in_document(
            "!*",
            "sends no challenge to wrong credentials",
            lambda a, x: x.set("WWW-Authenticate", None) if a.sent else None,
        ),
    ),
    fault(
        "no-challenge-to-force-auth",
        "DC-AUT-004",
        http.field("!api.show", "WWW-Authenticate", None),
    ),
    fault(
        "challenge-digest",
        "DC-AUT-005",
        http.field("!*", "WWW-Authenticate", 'Digest realm="deltacloud", nonce="1"'),
    ),
    fault(
        "challenge-malformed",
        "DC-AUT-005",
        http.field("!*", "WWW-Authenticate", 'Basic realm="deltacloud'),
    ),
    fault("challenge-without-realm", "DC-AUT-005", http.field("!*", "WWW-Authenticate", "Basic")),
    fault(
        "entry-point-closed",
        "DC-AUT-006",
        requests.instead(
            "api.show",
            "wants credentials for the entry point",
            lambda a: (
                None if a.sent else Answer(401, [("WWW-Authenticate", 'Basic realm="x"')], b"")
            ),
        ),
    ),
    fault(
        "drivers-closed",
        "DC-AUT-007",
        requests.instead(
            "drivers.index",
            "wants credentials for drivers",
            lambda a: (
                None if a.sent else Answer(401, [("WWW-Authenticate", 'Basic realm="x"')], b"")
            ),
        ),
    ),
    fault(
        "states-closed",
        "DC-AUT-007",
        requests.instead(
            "instance_states.index",
            "wants credentials for states",
            lambda a: (
                None if a.sent else Answer(401, [("WWW-Authenticate", 'Basic realm="x"')], b"")
            ),
        ),
    ),
    fault("force-auth-ignored", "DC-AUT-008 DC-AUT-009", requests.ignore("api.show", "force_auth")),
    fault(
        "force-auth-true-only",
        "DC-AUT-008",
        requests.replace(
            "api.show",
            "understands force_auth=true only",
            lambda g: (
                g
                if g.get("force_auth") == "true"
                else {k: v for k, v in g.items() if k != "force_auth"}
            ),
        ),
    ),
    fault(
        "force-auth-lets-anonymous-in",
        "DC-AUT-008",
        _hole(
            "api.show",
            "lets force_auth without credentials pass",
            lambda a: _forced(a) and not a.sent,
        ),
    ),
    fault(
        "force-auth-lets-wrong-in",
        "DC-AUT-009",
        _hole(
            "api.show",
            "lets force_auth with any credentials pass",
            lambda a: _forced(a) and a.sent is not None,
        ),
    ),
    fault(
        "force-auth-checks-user-only",
        "DC-AUT-009",
        _hole(
            "api.show",
            "checks the user only, on force_auth",
            lambda a: _forced(a) and _user(a) == a.known[0],
        ),
    ),
    fault(
        "force-auth-refuses-right",
        "DC-AUT-010",
        requests.instead(
            "api.show",
            "answers force_auth with 400",
            lambda a: Answer(400, [], b"") if _forced(a) else None,
        ),
    ),
    fault(
        "force-auth-without-document",
        "DC-AUT-010",
        in_document(
            "api.show",
            "answers force_auth with 204",
            lambda a, x: x.replace(204) if _forced(a) else None,
        ),
    ),
    fault(
        "malformed-credentials-500",
        "DC-AUT-011",
        requests.instead(_PROTECTED, "fails on malformed credentials", _crash),
    ),
    fault(
        "malformed-credentials-let-in",
        "DC-AUT-011",
        _hole(
            "*",
            "lets in who sends malformed credentials",
            lambda a: a.sent is None and bool(a.header("Authorization")),
        ),
    ),
    fault(
        "bearer-let-in",
        "DC-AUT-011",
        _hole(
            "*",
            "lets in who sends another scheme",
            lambda a: (a.header("Authorization") or "").startswith("Bearer"),
        ),
    ),
    fault(
        "scheme-case-matters",
        "DC-AUT-012",
        in_request("*", "knows Basic in this case only", _no_basic_in_lower_case),
    ),
    fault(
        "anonymous-creates-keys",
        "DC-AUT-013",
        _hole("keys.create", "creates keys for everybody", lambda _: True),
    ),
    fault(
        "anonymous-destroys-keys",
        "DC-AUT-013",
        _hole("keys.destroy", "destroys keys for everybody", lambda _: True),
    ),
    fault(
        "anonymous-create-refused-too-late",
        "DC-AUT-013",
        _hole("keys.create", "creates before it looks at credentials", lambda _: True),
        in_document(
            "keys.create",
            "refuses after it created",
            lambda a, x: (
                x.replace(401)
                if a.sent != a.known or not a.environ.get("HTTP_AUTHORIZATION")
                else None
            ),
        ),
    ),
    fault(
        "head-open",
        "DC-AUT-014",
        _hole("*", "answers HEAD without credentials", lambda a: a.method == "HEAD"),
    ),
    fault(
        "connection-authenticated",
        "DC-AUT-015",
        _hole("*", "remembers connections", _by_connection),
        in_request("*", "trusts a connection", _remember_connection),
    ),
    fault(
        "session-cookie",
        "DC-AUT-015",
        _hole("*", "lets in who sends its cookie", _with_cookie),
        in_document("*", "sets a session cookie", _set_cookie),
    ),
    fault(
        "members-open", "DC-AUT-016", _hole("*.show", "shows members to everybody", lambda _: True)
    ),
    fault(
        "images-open-by-id",
        "DC-AUT-016",
        _hole("images.show", "shows an image to who knows its id", lambda a: not a.sent),
    ),
    fault(
        "members-open-to-any-credentials",
        "DC-AUT-016",
        _hole("*.show", "shows members to any credentials", lambda a: a.sent is not None),
    ),
]
