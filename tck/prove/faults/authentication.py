"""Requests that are let in without the right credentials, or refused in a wrong way."""

from __future__ import annotations

from collections.abc import Callable

from tck.prove.altered import http, requests
from tck.prove.altered.change import Change, in_document, in_request
from tck.prove.altered.messages import Answer, Asked, Parameters
from tck.prove.faults.fault import Faults

_COOKIE = "session=4711"
_PROTECTED = "images.* instances.* realms.* keys.* addresses.* buckets.* storage_volumes.*"


def _lets_in(where: str, text: str, condition: Callable[[Asked], bool]) -> Change:
    """Treat requests that meet a condition as if they had the right credentials."""

    def act(asked: Asked) -> None:
        if not asked.authenticated and condition(asked):
            asked.authorize()

    return in_request(where, text, act)


def _everybody(_asked: Asked) -> bool:
    return True


def _anonymous(asked: Asked) -> bool:
    return not asked.credentials


def _any_credentials(asked: Asked) -> bool:
    return asked.credentials is not None


def _right_user(asked: Asked) -> bool:
    return _any_credentials(asked) and _user(asked) == asked.right_credentials[0]


def _user(asked: Asked) -> str | None:
    return asked.credentials and asked.credentials[0]


def _password(asked: Asked) -> str | None:
    return asked.credentials and asked.credentials[1]


def _forced(asked: Asked) -> bool:
    return "force_auth" in asked.query


def _status(where: str, old: int, new: int) -> Change:
    """Answer with another status, in plain text."""

    def act(_asked: Asked, answer: Answer) -> None:
        if answer.status == old:
            answer.replace(new, "denied")

    return in_document(where, f"answers {new} instead of {old}", act)


fault = Faults()

fault(
    "no-authentication",
    "DC-AUT-001 DC-AUT-002 DC-AUT-003",
    _lets_in("*", "lets everybody in, with any credentials or none", _everybody),
)


@fault.does("DC-AUT-001", _lets_in, "*")
def anonymous_let_in(asked: Asked) -> bool:
    """Lets in requests without an Authorization field."""
    return not asked.header("Authorization")


fault("anonymous-403", "DC-AUT-001", _status("!*", 401, 403))
fault("anonymous-404", "DC-AUT-001", _status("!keys.*", 401, 404))
fault("anonymous-redirected", "DC-AUT-001", _status("!images.*", 401, 302))
for name, where, text in (
    ("keys-open", "keys.index", "lists keys to everybody"),
    ("realms-open", "realms.*", "shows realms to everybody"),
    ("buckets-open", "buckets.*", "shows buckets to everybody"),
    ("metrics-open", "metrics.*", "shows metrics to everybody"),
):
    fault(name, "DC-AUT-001", _lets_in(where, text, _everybody))
fault(
    "any-credentials",
    "DC-AUT-002",
    _lets_in("*", "lets in requests with any credentials", _any_credentials),
)


@fault.does("DC-AUT-002", in_document, "!*")
def wrong_credentials_403(asked: Asked, answer: Answer) -> None:
    """Answers 403 to wrong credentials."""
    if answer.status == 401 and asked.credentials:
        answer.replace(403)


@fault.does("DC-AUT-002", in_document, "!*.index")
def wrong_credentials_empty_list(asked: Asked, answer: Answer) -> None:
    """Answers wrong credentials with an empty list."""
    if answer.status == 401 and asked.credentials:
        answer.replace(200, f"<{asked.collection}/>", "application/xml")


fault(
    "only-user-checked",
    "DC-AUT-003",
    _lets_in("*", "checks the user and not the password", _right_user),
)


@fault.does("DC-AUT-003", _lets_in, "*")
def only_password_checked(asked: Asked) -> bool:
    """Checks the password and not the user."""
    return _password(asked) == asked.right_credentials[1]


@fault.does("DC-AUT-003", _lets_in, "*")
def password_prefix_enough(asked: Asked) -> bool:
    """Lets in passwords that begin with the right one."""
    return _right_user(asked) and (_password(asked) or "?").startswith(asked.right_credentials[1])


@fault.does("DC-AUT-003", _lets_in, "*")
def empty_password_enough(asked: Asked) -> bool:
    """Lets in an empty password."""
    return _right_user(asked) and _password(asked) == ""


fault(
    "password-of-instances-unchecked",
    "DC-AUT-003",
    _lets_in("instances.*", "checks the user and not the password for instances", _right_user),
)
fault("no-challenge", "DC-AUT-004", http.field("!*", "WWW-Authenticate", None))


@fault.does("DC-AUT-004", in_document, "!*")
def no_challenge_to_wrong_credentials(asked: Asked, answer: Answer) -> None:
    """Sends no challenge in answer to wrong credentials."""
    if asked.credentials:
        answer.set("WWW-Authenticate", None)


fault("no-challenge-to-force-auth", "DC-AUT-004", http.field("!api.show", "WWW-Authenticate", None))
for name, challenge in (
    ("challenge-digest", 'Digest realm="deltacloud", nonce="1"'),
    ("challenge-malformed", 'Basic realm="deltacloud'),
    ("challenge-without-realm", "Basic"),
):
    fault(name, "DC-AUT-005", http.field("!*", "WWW-Authenticate", challenge))


def _demand_credentials(asked: Asked) -> Answer | None:
    challenge = ("WWW-Authenticate", 'Basic realm="x"')
    return Answer(401, [challenge]) if _anonymous(asked) else None


for name, id_, where, text in (
    ("entry-point-closed", "DC-AUT-006", "api.show", "the entry point"),
    ("drivers-closed", "DC-AUT-007", "drivers.index", "the list of drivers"),
    ("states-closed", "DC-AUT-007", "instance_states.index", "the states of instances"),
):
    fault(name, id_, requests.reply(where, f"demands credentials for {text}", _demand_credentials))
fault("force-auth-ignored", "DC-AUT-008 DC-AUT-009", requests.ignore("api.show", "force_auth"))


@fault.does("DC-AUT-008", requests.rewrite, "api.show")
def force_auth_true_only(sent: Parameters) -> Parameters:
    """Ignores force_auth unless its value is true."""
    return {n: v for n, v in sent.items() if n != "force_auth" or v == "true"}


@fault.does("DC-AUT-008", _lets_in, "api.show")
def force_auth_lets_anonymous_in(asked: Asked) -> bool:
    """Shows the entry point for force_auth without credentials."""
    return _forced(asked) and _anonymous(asked)


@fault.does("DC-AUT-009", _lets_in, "api.show")
def force_auth_lets_wrong_in(asked: Asked) -> bool:
    """Shows the entry point for force_auth with any credentials."""
    return _forced(asked) and _any_credentials(asked)


@fault.does("DC-AUT-009", _lets_in, "api.show")
def force_auth_checks_user_only(asked: Asked) -> bool:
    """Checks the user and not the password on force_auth."""
    return _forced(asked) and _right_user(asked)


@fault.does("DC-AUT-010", requests.reply, "api.show")
def force_auth_refuses_right(asked: Asked) -> Answer | None:
    """Answers 400 to force_auth, even with the right credentials."""
    return Answer(400, []) if _forced(asked) else None


@fault.does("DC-AUT-010", in_document, "api.show")
def force_auth_without_document(asked: Asked, answer: Answer) -> None:
    """Answers 204, without the entry point, to force_auth with the right credentials."""
    if _forced(asked):
        answer.replace(204)


@fault.does("DC-AUT-011", requests.reply, _PROTECTED)
def malformed_credentials_500(asked: Asked) -> Answer | None:
    """Fails with 500 on credentials that it cannot parse."""
    if asked.header("Authorization") and asked.credentials is None:
        return http.failure(500, "undefined method `split' for nil")
    return None


@fault.does("DC-AUT-011", _lets_in, "*")
def malformed_credentials_let_in(asked: Asked) -> bool:
    """Lets in credentials that it cannot parse."""
    return asked.credentials is None and bool(asked.header("Authorization"))


@fault.does("DC-AUT-011", _lets_in, "*")
def bearer_let_in(asked: Asked) -> bool:
    """Lets in any token of the scheme Bearer."""
    return (asked.header("Authorization") or "").startswith("Bearer")


@fault.does("DC-AUT-012", in_request, "*")
def scheme_case_matters(asked: Asked) -> None:
    """Understands the authentication scheme only if it is written Basic."""
    if not (asked.header("Authorization") or "").startswith("Basic "):
        asked.set_header("Authorization", None)


for name, where, text in (
    ("anonymous-creates-keys", "keys.create", "creates keys for everybody"),
    ("anonymous-destroys-keys", "keys.destroy", "destroys keys for everybody"),
):
    fault(name, "DC-AUT-013", _lets_in(where, text, _everybody))


def _let_in_until_answered(asked: Asked) -> None:
    asked.memory["refuse"] = not asked.authenticated
    asked.authorize()


def _refuse_now(asked: Asked, answer: Answer) -> None:
    if asked.memory["refuse"]:
        answer.replace(401)


fault(
    "anonymous-create-refused-too-late",
    "DC-AUT-013",
    in_request("keys.create", "creates keys for everybody", _let_in_until_answered),
    in_document("keys.create", "refuses wrong credentials after that", _refuse_now),
)


@fault.does("DC-AUT-014", _lets_in, "*")
def head_open(asked: Asked) -> bool:
    """Answers HEAD without credentials."""
    return asked.method == "HEAD"


def _connection(asked: Asked) -> str:
    return f"connection {asked.environ.get('REMOTE_PORT')}"


def _connection_was_authenticated(asked: Asked) -> bool:
    return bool(asked.memory.get(_connection(asked)))


def _remember_connection(asked: Asked) -> None:
    if asked.authenticated:
        asked.memory[_connection(asked)] = True


fault(
    "connection-authenticated",
    "DC-AUT-015",
    _lets_in("*", "lets in requests on that connection", _connection_was_authenticated),
    in_request("*", "remembers on which connection right credentials came", _remember_connection),
    text="lets in every request on a connection on which right credentials were sent before",
)


def _set_cookie(asked: Asked, answer: Answer) -> None:
    if asked.authenticated and answer.ok:
        answer.set("Set-Cookie", f"{_COOKIE}; path=/")


def _with_cookie(asked: Asked) -> bool:
    return _COOKIE in (asked.header("Cookie") or "")


fault(
    "session-cookie",
    "DC-AUT-015",
    _lets_in("*", "lets in requests with its session cookie", _with_cookie),
    in_document("*", "sets a session cookie", _set_cookie),
)
for name, where, text, condition in (
    ("members-open", "*.show", "shows single objects to everybody", _everybody),
    ("images-open-by-id", "images.show", "shows single images without credentials", _anonymous),
    (
        "members-open-to-any-credentials",
        "*.show",
        "shows single objects to any credentials",
        _any_credentials,
    ),
):
    fault(name, "DC-AUT-016", _lets_in(where, text, condition))
