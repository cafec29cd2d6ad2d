"""Disturbances that a test asks for by what they do: latency, refusals, lost connections.

Those of `disturbances` come by themselves, as a network and a cloud have them; these come where and
as often as they are asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any

from tck.audit import disturbances
from tck.audit.disturbances import Layer, Lost, Start, Wsgi
from tck.schemas.operations import API

REASONS = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    412: "Precondition Failed",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}
_LONGEST = 3600.0  # seconds


@dataclass(frozen=True, slots=True)
class Disturbance:
    """One disturbance: `kind` is one of KINDS, or a name of NAMED, which nothing else applies to.

    `where`: patterns of operation ids, separated by blanks, at which it comes (`instances.*`);
    `times`: how often, None for always. `seconds`: of latency. `status` and `retry_after` (seconds,
    None for no such field): of a refusal.
    """

    kind: str
    where: str = "*"
    times: int | None = None
    seconds: float = 1.0
    status: int = 503
    retry_after: int | None = 1

    def __post_init__(self) -> None:
        """Refuse what makes no sense. Raises ValueError."""
        if self.kind not in (*KINDS, *NAMED):
            known = ", ".join((*KINDS, *NAMED))
            raise ValueError(f"no disturbance {self.kind!r}; there are {known}")
        if self.status not in REASONS:
            raise ValueError(f"status is one of {', '.join(map(str, REASONS))}")
        if not 0 <= self.seconds <= _LONGEST:
            raise ValueError(f"seconds are from 0 to {_LONGEST:.0f}")
        for name in ("times", "retry_after"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise ValueError(f"{name} is from 0, or null")

    @classmethod
    def of(cls, given: str | Mapping[str, Any]) -> Disturbance:
        """From its kind, or from its fields by name. Raises ValueError."""
        if isinstance(given, str):
            return cls(given)
        kinds: dict[str, tuple[type, ...]] = {
            "kind": (str,),
            "where": (str,),
            "times": (int, type(None)),
            "seconds": (int, float),
            "status": (int,),
            "retry_after": (int, type(None)),
        }
        for name, value in given.items():
            if name not in kinds:
                raise ValueError(f"a disturbance has no {name!r}, but {', '.join(kinds)}")
            if not (isinstance(value, kinds[name]) and not isinstance(value, bool)):
                raise ValueError(f"{name} cannot be {value!r}")  # noqa: TRY004 - it was sent to us
        if "kind" not in given:
            raise ValueError("a disturbance has a kind")
        return cls(**given)

    def to_json(self) -> dict[str, Any]:
        """Its fields by name, without those that do not apply."""
        shown = {"kind", *_APPLY.get(self.kind, ())}
        return {name: value for name, value in asdict(self).items() if name in shown}

    def layer(self) -> Layer:
        """What carries it out, once."""
        named = NAMED.get(self.kind)
        return named() if named else _counted(self, KINDS[self.kind])


Act = Callable[[Disturbance, Wsgi, dict[str, Any], Start], Iterable[bytes]]


def _counted(disturbance: Disturbance, act: Act) -> Layer:
    """`act`, at the operations and as often as the disturbance says."""
    left, lock = [disturbance.times], threading.Lock()

    def is_due(environ: Mapping[str, Any]) -> bool:
        path = environ["PATH_INFO"].removeprefix(API.base).rstrip("/")
        match = API.match(environ["REQUEST_METHOD"], path)
        operation = match[0].id if match else ""
        if not any(fnmatchcase(operation, pattern) for pattern in disturbance.where.split()):
            return False
        with lock:
            if left[0] is None:
                return True
            left[0] -= 1
            return left[0] >= 0

    def around(app: Wsgi) -> Wsgi:
        def disturbed(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
            if is_due(environ):
                return act(disturbance, app, environ, start)
            return app(environ, start)

        return disturbed

    return around


def _late(
    disturbance: Disturbance, app: Wsgi, environ: dict[str, Any], start: Start
) -> Iterable[bytes]:
    """Answered later."""
    threading.Event().wait(disturbance.seconds)
    return app(environ, start)


def _refused(
    disturbance: Disturbance, _: Wsgi, _environ: dict[str, Any], start: Start
) -> Iterable[bytes]:
    """Refused, and not carried out."""
    status, after = disturbance.status, disturbance.retry_after
    needed = {405: [("Allow", "GET, HEAD")], 401: [("WWW-Authenticate", 'Basic realm="cloud"')]}
    more = needed.get(status, [] if after is None else [("Retry-After", str(after))])
    return disturbances.answer(start, f"{status} {REASONS[status]}", *more)


def _dropped(*_: object) -> Iterable[bytes]:
    """Not carried out: the connection ends without an answer."""
    raise Lost


def _unanswered(
    _: Disturbance, app: Wsgi, environ: dict[str, Any], _start: Start
) -> Iterable[bytes]:
    """Carried out: the connection ends without an answer."""
    for _piece in app(environ, lambda *_: None):
        pass
    raise Lost


KINDS: dict[str, Act] = {
    "latency": _late,
    "refusal": _refused,
    "dropped-request": _dropped,
    "lost-answer": _unanswered,
}
NAMED: dict[str, Callable[[], Layer]] = {
    "busy": disturbances.busy,
    "dropped": disturbances.dropped,
    "lost-create": disturbances.lost_create,
    "refused-action": disturbances.refused_action,
    "expired": disturbances.expired,
    "redirecting": disturbances.redirecting,
}
_APPLY = {
    "latency": ("where", "times", "seconds"),
    "refusal": ("where", "times", "status", "retry_after"),
    "dropped-request": ("where", "times"),
    "lost-answer": ("where", "times"),
}
