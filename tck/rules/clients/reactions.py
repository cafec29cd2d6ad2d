"""Rules on how clients take answers: redirects, refusals, waiting, and answers that were lost."""

from __future__ import annotations

from collections.abc import Iterator

from tck.endpoint.exchange import Exchange
from tck.endpoint.redaction import HIDDEN
from tck.rules.clients.engine import client_rule
from tck.rules.clients.session import POLLS, WINDOW, Session, path_of, signature
from tck.rules.judgement import Judgement, holds, one_of

_TRIES = 3  # so often may a request be sent that is refused with the same status every time
_REFUSALS = {401: "DC-CLI-035", 405: "DC-CLI-050"}
_FINAL = (400, 406, 410, 411, 412, 413, 414, 415, 417, 422, 501)
_REDIRECTS = (301, 302, 303, 307, 308)
_REPEATABLE = ("reboot", "run")  # actions that make sense twice
_LATER = 300.0  # seconds after which a repetition is not automatic
_CLOCK = 0.1  # seconds that two clocks may differ in their pace


@client_rule("DC-CLI-046")
def follows_redirects(session: Session, x: Exchange) -> Iterator[Judgement]:
    """Where an answer leads, a client asks with the method that the status means.

    Who asks for something else at a place that it knew does not follow, which is right as well.
    """
    led = session.redirect
    if led is None or path_of(x.request.url) != led.path:
        return
    if led.status == 303 and led.method not in ("GET", "HEAD"):
        expected = f"GET or HEAD after 303, not {led.method} again"
        yield holds("DC-CLI-046", "method", expected, x.method, x.method != led.method)
    elif led.status in (307, 308) and not led.known:
        yield one_of("DC-CLI-046", "method", (led.method,), x.method)


@client_rule("DC-CLI-047")
def no_write_twice(session: Session, x: Exchange) -> Iterator[Judgement]:
    """A POST whose answer was lost is not sent again before the client has looked."""
    doubt = session.doubted.get(signature(x))
    if doubt and doubt.when is not None and (x.started or 0.0) - doubt.when > _LATER:
        return  # somebody decided to try again
    if session.doubted and x.method == "POST":
        expected = "a look at what became of the first, which may have been done"
        again = doubt is not None
        got = "the same request again" if again else "another request"
        yield holds("DC-CLI-047", "request", expected, got, not again)


@client_rule("DC-CLI-048")
def waits_as_told(session: Session, x: Exchange) -> Iterator[Judgement]:
    """After 429 or 503 with Retry-After, a client waits as long before it asks again."""
    until = session.not_before.get(f"{x.method} {x.request.url}")
    if until is not None and x.started is not None:
        early = until - x.started
        got = f"{early:.1f} s too early" if early > _CLOCK else "later"
        yield holds("DC-CLI-048", "time", "after Retry-After", got, early <= _CLOCK)


@client_rule("DC-CLI-049")
def polls_slowly(session: Session, x: Exchange) -> Iterator[Judgement]:
    """What stays the same is not asked for more often than a client has any use of."""
    polled = session.polled.get(x.request.url)
    if polled is None or x.request.method != "GET" or x.started is None:
        return
    if len(polled.times) >= 2:
        recent = sum(time > x.started - WINDOW for time in polled.times)
        expected = f"at most {POLLS} times in {WINDOW:g} s while the answer is the same"
        yield holds("DC-CLI-049", "time", expected, f"{recent + 1} times", recent < POLLS)


@client_rule(*_REFUSALS.values(), "DC-CLI-051", "DC-CLI-054")
def takes_no_for_an_answer(session: Session, x: Exchange) -> Iterator[Judgement]:
    """A request that was refused is not sent again and again, with nothing changed or looked at.

    What may be otherwise the next time (404, 409, 403 ...) may be tried as often as one likes.
    """
    key = signature(x)
    seen = {status for status, _ in session.refused.values()}
    status, times = session.refused.get(key, (0, 0))
    for kind in sorted(seen):
        id_ = _REFUSALS.get(kind, "DC-CLI-051" if kind in _FINAL else "")
        if kind in _REDIRECTS and x.request.method in ("GET", "HEAD"):
            id_ = "DC-CLI-054"
        if id_ and not (kind == 401 and HIDDEN in x.request.headers.get("Authorization")):
            stubborn = kind == status and times + 1 >= _TRIES
            expected = f"after {kind}, something else than the same request"
            got = f"the same for the {times + 1}th time" if stubborn else "something else"
            yield holds(id_, "request", expected, got, not stubborn)


@client_rule("DC-CLI-052", "DC-CLI-053")
def remembers_what_it_did(session: Session, x: Exchange) -> Iterator[Judgement]:
    """An accepted action is awaited, not asked for again; what was removed is left alone."""
    op = x.operation
    if op is None or not op.writes or "id" not in x.path_params:
        return
    member = (op.collection, x.path_params["id"])
    if member in session.accepted and op.name not in _REPEATABLE:
        again = session.accepted[member] == op.name
        expected = f"a look at the object, since {session.accepted[member]} was accepted"
        yield holds("DC-CLI-052", "request", expected, op.name, not again)
    if session.gone and op.name != "destroy":
        expected = "objects that this client has not removed"
        alive = member not in session.gone or x.ok
        yield holds("DC-CLI-053", "target", expected, member[1], alive)
