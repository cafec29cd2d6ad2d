"""The second port of `serve --control-port`: the running server is changed and asked over HTTP.

docs/control.md describes it. It listens on 127.0.0.1 only, and answers nobody who came to it under
another name or with a form, as a page in a browser would.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

from tck.audit.injected import KINDS, NAMED
from tck.audit.live import LiveAudit
from tck.commands.exits import UsageError
from tck.prove.altered.alteration import Alteration
from tck.prove.controlled import Controlled
from tck.prove.faults import faults
from tck.prove.faults.fault import Fault
from tck.prove.variants import variants
from tck.reference_server.http1 import REFUSAL
from tck.reference_server.serving import Server
from tck.schemas.operations import API

ROOT = "/_tck/"
_HOSTS = ("127.0.0.1", "localhost")
_MOST = 64 << 10  # bytes of a body
_LAST = 253402300799.0  # seconds since the epoch: the end of the year 9999


@dataclass
class _Refusal(Exception):
    """An error answer."""

    status: int
    message: str
    fields: tuple[tuple[str, str], ...] = ()


class Control:
    """A WSGI application (PEP 3333) that changes a server and tells what its clients did."""

    def __init__(self, controlled: Controlled, live: LiveAudit, url: Callable[[], str]) -> None:
        """`url`: gives that of the entry point of the server."""
        self._controlled, self._live, self._url = controlled, live, url
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer in JSON."""
        try:
            value, status = self._answer(environ), 200
            fields: tuple[tuple[str, str], ...] = ()
        except _Refusal as refusal:
            status, fields, value = refusal.status, refusal.fields, {"error": refusal.message}
        body = json.dumps(value, indent=1).encode() + b"\n"
        about = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response(f"{status} {HTTPStatus(status).phrase}", [*about, *fields])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _answer(self, environ: Mapping[str, Any]) -> Any:
        if refusal := environ.get(REFUSAL):
            raise _Refusal(refusal.status, str(refusal))
        if environ.get("HTTP_HOST", "").rpartition(":")[0] not in _HOSTS:
            raise _Refusal(403, f"the control port is at one of {', '.join(_HOSTS)}")
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        methods = _ROUTES.get(path.removeprefix(ROOT) if path.startswith(ROOT) else "?")
        if methods is None:
            known = ", ".join(ROOT + name for name in _ROUTES)
            raise _Refusal(404, f"there is nothing at {path}, but at {known}")
        act = methods.get("GET" if method == "HEAD" else method)
        if act is None:
            allowed = ", ".join(methods)
            raise _Refusal(405, f"{path} has {allowed}", (("Allow", allowed),))
        given = _given(environ) if method in ("PUT", "POST") else {}
        with self._lock:
            try:
                return act(self, given)
            except (LookupError, ValueError) as error:
                raise _Refusal(400, str(error.args[0])) from error

    # ------------------------------------------------------------ what there is

    def state(self, _: Mapping[str, Any]) -> Any:
        """What the server is like at this moment."""
        return {
            "url": self._url(),
            "persona": self._controlled.persona,
            "faults": self._names(Fault),
            "variants": self._names(None),
            "disturbances": [each.to_json() for each in self._controlled.disturbances],
            "clock": self.clock({}),
        }

    def _names(self, kind: type[Alteration] | None) -> list[str]:
        """Faults in force, or with None all others."""
        altered = self._controlled.alterations
        return [a.name for a in altered if isinstance(a, Fault) == (kind is Fault)]

    def faults(self, _: Mapping[str, Any]) -> Any:
        """The faults in force, and all that there are."""
        return {"active": self._names(Fault), "known": _texts(faults)}

    def variants(self, _: Mapping[str, Any]) -> Any:
        """The variants in force, and all that there are."""
        return {"active": self._names(None), "known": _texts(variants)}

    def set_faults(self, given: Mapping[str, Any]) -> Any:
        """Have other faults; variants stay."""
        names = _listed(given, faults(), "fault")
        self._controlled.alter(*self._names(None), *names)
        return self.state({})

    def set_variants(self, given: Mapping[str, Any]) -> Any:
        """Have other variants; faults stay."""
        names = _listed(given, variants(), "variant")
        self._controlled.alter(*names, *self._names(Fault))
        return self.state({})

    def disturbances(self, _: Mapping[str, Any]) -> Any:
        """The disturbances in force, and the kinds that there are."""
        active = [each.to_json() for each in self._controlled.disturbances]
        return {"active": active, "known": [*KINDS, *NAMED]}

    def disturb(self, given: Mapping[str, Any]) -> Any:
        """Add a disturbance."""
        self._controlled.disturb(given)
        return self.state({})

    def calm(self, _: Mapping[str, Any]) -> Any:
        """End all disturbances."""
        self._controlled.calm()
        return self.state({})

    def clock(self, _: Mapping[str, Any]) -> Any:
        """The server's time."""
        clock = self._controlled.clock
        return {"now": clock(), "stands": clock.stands}

    def set_clock(self, given: Mapping[str, Any]) -> Any:
        """Let time pass, stand still at a time, or be that of the machine."""
        clock = self._controlled.clock
        if set(given) == {"machine"} and given["machine"] is True:
            clock.run()
        elif set(given) in ({"now"}, {"advance"}):
            name, seconds = next(iter(given.items()))
            is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
            at = (clock() if name == "advance" else 0) + (seconds if is_number else _LAST + 1)
            if not 0 <= at <= _LAST:
                raise ValueError(f"{name} is a number of seconds that leads to a time until 9999")
            (clock.advance if name == "advance" else clock.set)(float(seconds))
        else:
            raise ValueError('one of "now", "advance" and "machine" (true) is expected')
        return self.clock({})

    def reset(self, _: Mapping[str, Any]) -> Any:
        """Have the objects of a new server, and forget what clients did."""
        self._controlled.reset()
        self._live.forget()
        return self.state({})

    def findings(self, _: Mapping[str, Any]) -> Any:
        """What clients did wrong, until this moment."""
        return self._live.to_json()

    def forget(self, _: Mapping[str, Any]) -> Any:
        """Begin the audit again."""
        self._live.forget()
        return self.findings({})


_Act = Callable[[Control, Mapping[str, Any]], Any]
_ROUTES: dict[str, dict[str, _Act]] = {
    "": {"GET": Control.state},
    "faults": {
        "GET": Control.faults,
        "PUT": Control.set_faults,
        "DELETE": lambda control, _: control.set_faults({"names": []}),
    },
    "variants": {
        "GET": Control.variants,
        "PUT": Control.set_variants,
        "DELETE": lambda control, _: control.set_variants({"names": []}),
    },
    "disturbances": {
        "GET": Control.disturbances,
        "POST": Control.disturb,
        "DELETE": Control.calm,
    },
    "clock": {"GET": Control.clock, "PUT": Control.set_clock},
    "reset": {"POST": Control.reset},
    "findings": {"GET": Control.findings, "DELETE": Control.forget},
}


def _given(environ: Mapping[str, Any]) -> Mapping[str, Any]:
    """The JSON object that was sent; an empty one if there was no body."""
    body = environ["wsgi.input"].read(_MOST + 1)
    if len(body) > _MOST:
        raise _Refusal(413, f"a body has at most {_MOST} bytes")
    if not body and environ["PATH_INFO"] == f"{ROOT}reset":
        return {}
    media_type = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise _Refusal(415, "Content-Type must be application/json")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _Refusal(400, f"the body is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise _Refusal(400, "the body must be a JSON object")
    return value


def _listed(given: Mapping[str, Any], known: Mapping[str, Alteration], kind: str) -> list[str]:
    """The names that were sent. Raises ValueError."""
    names = given.get("names")
    if set(given) != {"names"} or not isinstance(names, list):
        raise ValueError('{"names": [...]} is expected')
    for name in names:
        if not isinstance(name, str) or name not in known:
            raise ValueError(f"there is no {kind} {name!r}")
    return names


@cache
def _texts(all_of: Callable[[], Mapping[str, Alteration]]) -> Mapping[str, str]:
    """What each of them does, by name."""
    return {alteration.name: alteration.text for alteration in all_of().values()}


class ControlledServer:
    """What `serve --control-port` runs: the application `app`, and the audit `live` of clients."""

    def __init__(self, persona: str | None, *alterations: str, **options: Any) -> None:
        """The arguments are those of `Controlled`, whose errors it raises."""
        self.app = Controlled(persona, *alterations, **options)
        self.live = LiveAudit("clients of the reference server")

    @contextlib.contextmanager
    def serving(self, server: Server, port: int) -> Iterator[str]:
        """Have the control of `server` on a port of 127.0.0.1, 0 for a free one; its URL.

        Raises UsageError.
        """
        control = Control(self.app, self.live, lambda: self.app.url(server))
        second = Server(control, "127.0.0.1", port)
        try:
            second.start()
        except (OSError, OverflowError) as error:
            raise UsageError(f"cannot listen on 127.0.0.1:{port}: {error}") from error
        try:
            yield second.url.removesuffix(API.base) + ROOT
        finally:
            second.stop()
