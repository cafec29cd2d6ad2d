"""Holes in the authentication."""

from __future__ import annotations

from collections.abc import Callable

from tck.prove.altered import http, requests
from tck.prove.altered.change import Change, in_document, in_request
from tck.prove.altered.messages import Answer, Asked, Parameters
from tck.prove.faults.fault import Faults


def _hole(where: str, text: str, lets_in: Callable[[Asked], bool]) -> Change:
    """Requests that are let in although their credentials are not right."""

    def act(asked: Asked) -> None:
        if not asked.authenticated and lets_in(asked):
            asked.authorize()

    return in_request(where, text, act)


def _user(asked: Asked) -> str | None:
    return asked.credentials and asked.credentials[0]


def _password(asked: Asked) -> str | None:
    return asked.credentials and asked.credentials[1]


def _connection(asked: Asked) -> str:
    return f"connection {asked.environ.get('REMOTE_PORT')}"


def _by_connection(asked: Asked) -> bool:
    return bool(asked.memory.get(_connection(asked)))


def _remember_connection(asked: Asked) -> None:
    if asked.authenticated:
        asked.memory[_connection(asked)] = True


def _set_cookie(asked: Asked, answer: Answer) -> None:
    if asked.authenticated and answer.ok:
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


_PROTECTED = "images.* instances.* realms.* keys.* addresses.* buckets.* storage_volumes.*"

fault = Faults()

fault(
    "no-authentication",
    "DC-AUT-001 DC-AUT-002 DC-AUT-003",
    _hole("*", "lets everybody in", lambda _: True),
)
fault(
    "anonymous-let-in",
    "DC-AUT-001",
    _hole("*", "lets in who sends no credentials", lambda a: not a.header("Authorization")),
)
fault("anonymous-403", "DC-AUT-001", _status("!*", 401, 403))
fault("anonymous-404", "DC-AUT-001", _status("!keys.*", 401, 404))
fault("anonymous-redirected", "DC-AUT-001", _status("!images.*", 401, 302))
fault("keys-open", "DC-AUT-001", _hole("keys.index", "lists keys to everybody", lambda _: True))
fault("realms-open", "DC-AUT-001", _hole("realms.*", "shows realms to everybody", lambda _: True))
fault(
    "buckets-open", "DC-AUT-001", _hole("buckets.*", "shows buckets to everybody", lambda _: True)
)
fault(
    "metrics-open", "DC-AUT-001", _hole("metrics.*", "shows metrics to everybody", lambda _: True)
)
fault(
    "any-credentials",
    "DC-AUT-002",
    _hole("*", "lets in who sends any credentials", lambda a: a.credentials is not None),
)


@fault.does("DC-AUT-002", in_document, "!*")
def wrong_credentials_403(asked: Asked, answer: Answer) -> None:
    """Answers 403 to wrong credentials."""
    answer.replace(403) if answer.status == 401 and asked.credentials else None


@fault.does("DC-AUT-002", in_document, "!*.index")
def wrong_credentials_empty_list(asked: Asked, answer: Answer) -> None:
    """Answers wrong credentials with an empty list."""
    answer.replace(
        200, f"<{asked.collection}/>", "application/xml"
    ) if answer.status == 401 and asked.credentials else None


fault(
    "only-user-checked",
    "DC-AUT-003",
    _hole("*", "looks at the user only", lambda a: _user(a) == a.right_credentials[0]),
)
fault(
    "only-password-checked",
    "DC-AUT-003",
    _hole("*", "looks at the password only", lambda a: _password(a) == a.right_credentials[1]),
)
fault(
    "password-prefix-enough",
    "DC-AUT-003",
    _hole(
        "*",
        "compares the beginning of the password",
        lambda a: (
            _user(a) == a.right_credentials[0]
            and (_password(a) or "?").startswith(a.right_credentials[1])
        ),
    ),
)
fault(
    "empty-password-enough",
    "DC-AUT-003",
    _hole(
        "*",
        "takes an empty password",
        lambda a: _user(a) == a.right_credentials[0] and _password(a) == "",
    ),
)
fault(
    "password-of-instances-unchecked",
    "DC-AUT-003",
    _hole(
        "instances.*",
        "looks at the user only, for instances",
        lambda a: _user(a) == a.right_credentials[0],
    ),
)
fault("no-challenge", "DC-AUT-004", http.field("!*", "WWW-Authenticate", None))


@fault.does("DC-AUT-004", in_document, "!*")
def no_challenge_to_wrong_credentials(asked: Asked, answer: Answer) -> None:
    """Sends no challenge in answer to wrong credentials."""
    answer.set("WWW-Authenticate", None) if asked.credentials else None


fault("no-challenge-to-force-auth", "DC-AUT-004", http.field("!api.show", "WWW-Authenticate", None))
fault(
    "challenge-digest",
    "DC-AUT-005",
    http.field("!*", "WWW-Authenticate", 'Digest realm="deltacloud", nonce="1"'),
)
fault(
    "challenge-malformed",
    "DC-AUT-005",
    http.field("!*", "WWW-Authenticate", 'Basic realm="deltacloud'),
)
fault("challenge-without-realm", "DC-AUT-005", http.field("!*", "WWW-Authenticate", "Basic"))


@fault.does("DC-AUT-006", requests.reply, "api.show")
def entry_point_closed(asked: Asked) -> Answer | None:
    """Wants credentials for the entry point."""
    return (
        None if asked.credentials else Answer(401, [("WWW-Authenticate", 'Basic realm="x"')], b"")
    )


@fault.does("DC-AUT-007", requests.reply, "drivers.index")
def drivers_closed(asked: Asked) -> Answer | None:
    """Wants credentials for drivers."""
    return (
        None if asked.credentials else Answer(401, [("WWW-Authenticate", 'Basic realm="x"')], b"")
    )


@fault.does("DC-AUT-007", requests.reply, "instance_states.index")
def states_closed(asked: Asked) -> Answer | None:
    """Wants credentials for states."""
    return (
        None if asked.credentials else Answer(401, [("WWW-Authenticate", 'Basic realm="x"')], b"")
    )


fault("force-auth-ignored", "DC-AUT-008 DC-AUT-009", requests.ignore("api.show", "force_auth"))


@fault.does("DC-AUT-008", requests.rewrite, "api.show")
def force_auth_true_only(given: Parameters) -> Parameters:
    """Ignores force_auth unless its value is true."""
    return (
        given
        if given.get("force_auth") == "true"
        else {k: v for k, v in given.items() if k != "force_auth"}
    )


fault(
    "force-auth-lets-anonymous-in",
    "DC-AUT-008",
    _hole(
        "api.show",
        "lets force_auth without credentials pass",
        lambda a: _forced(a) and not a.credentials,
    ),
)
fault(
    "force-auth-lets-wrong-in",
    "DC-AUT-009",
    _hole(
        "api.show",
        "lets force_auth with any credentials pass",
        lambda a: _forced(a) and a.credentials is not None,
    ),
)
fault(
    "force-auth-checks-user-only",
    "DC-AUT-009",
    _hole(
        "api.show",
        "checks the user only, on force_auth",
        lambda a: _forced(a) and _user(a) == a.right_credentials[0],
    ),
)


@fault.does("DC-AUT-010", requests.reply, "api.show")
def force_auth_refuses_right(asked: Asked) -> Answer | None:
    """Answers 400 to force_auth, even with the right credentials."""
    return Answer(400, [], b"") if _forced(asked) else None


@fault.does("DC-AUT-010", in_document, "api.show")
def force_auth_without_document(asked: Asked, answer: Answer) -> None:
    """Answers 204, without the entry point, to force_auth with the right credentials."""
    answer.replace(204) if _forced(asked) else None


@fault.does("DC-AUT-011", requests.reply, _PROTECTED)
def malformed_credentials_500(asked: Asked) -> Answer | None:
    """Fails with 500 on credentials that it cannot parse."""
    said = asked.header("Authorization")
    if said and asked.credentials is None:
        return Answer(500, [("Content-Type", "text/plain")], b"undefined method `split' for nil")
    return None


fault(
    "malformed-credentials-let-in",
    "DC-AUT-011",
    _hole(
        "*",
        "lets in who sends malformed credentials",
        lambda a: a.credentials is None and bool(a.header("Authorization")),
    ),
)
fault(
    "bearer-let-in",
    "DC-AUT-011",
    _hole(
        "*",
        "lets in who sends another scheme",
        lambda a: (a.header("Authorization") or "").startswith("Bearer"),
    ),
)


@fault.does("DC-AUT-012", in_request, "*")
def scheme_case_matters(asked: Asked) -> None:
    """Understands the authentication scheme only if it is written Basic."""
    said = asked.header("Authorization") or ""
    if not said.startswith("Basic "):
        asked.set_header("Authorization", None)


fault(
    "anonymous-creates-keys",
    "DC-AUT-013",
    _hole("keys.create", "creates keys for everybody", lambda _: True),
)
fault(
    "anonymous-destroys-keys",
    "DC-AUT-013",
    _hole("keys.destroy", "destroys keys for everybody", lambda _: True),
)
fault(
    "anonymous-create-refused-too-late",
    "DC-AUT-013",
    _hole("keys.create", "creates before it looks at credentials", lambda _: True),
    in_document(
        "keys.create",
        "refuses after it created",
        lambda a, x: (
            x.replace(401)
            if not a.authenticated or not a.environ.get("HTTP_AUTHORIZATION")
            else None
        ),
    ),
)
fault(
    "head-open",
    "DC-AUT-014",
    _hole("*", "answers HEAD without credentials", lambda a: a.method == "HEAD"),
)
fault(
    "connection-authenticated",
    "DC-AUT-015",
    _hole("*", "remembers connections", _by_connection),
    in_request("*", "trusts a connection", _remember_connection),
)
fault(
    "session-cookie",
    "DC-AUT-015",
    _hole("*", "lets in who sends its cookie", _with_cookie),
    in_document("*", "sets a session cookie", _set_cookie),
)
fault("members-open", "DC-AUT-016", _hole("*.show", "shows members to everybody", lambda _: True))
fault(
    "images-open-by-id",
    "DC-AUT-016",
    _hole("images.show", "shows an image to who knows its id", lambda a: not a.credentials),
)
fault(
    "members-open-to-any-credentials",
    "DC-AUT-016",
    _hole("*.show", "shows members to any credentials", lambda a: a.credentials is not None),
)
