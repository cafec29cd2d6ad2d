"""A hostile endpoint: a right one on a socket, with a behaviour between it and the client."""

from __future__ import annotations

import contextlib
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from tck.schemas.operations import API

from .account import Account
from .messages import Answer, Asked, Connection


class Listener:
    """A port of this machine; every connection is served in a thread of its own.

    `failures`: tracebacks of what went wrong here, not at the client.
    """

    def __init__(self) -> None:
        self.closing = threading.Event()
        self.failures: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.origin = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connected, _ = self._socket.accept()
                connected.settimeout(60)
                connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._guarded, args=(connected,), daemon=True).start()

    def _guarded(self, connected: socket.socket) -> None:
        with contextlib.suppress(OSError), connected:  # the client hung up
            try:
                self.serve(connected)
            except (LookupError, TypeError, ValueError, AttributeError):
                self.failures.append(traceback.format_exc())

    def serve(self, connected: socket.socket) -> None:
        raise NotImplementedError

    def refuse(self) -> None:
        """Accept no connection any more."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._socket.close()

    def stop(self) -> None:
        self.closing.set()
        self.refuse()


class Trap(Listener):
    """Another origin, to which a hostile endpoint points; whoever connects is written down."""

    def __init__(self) -> None:
        self.caught: list[bytes] = []
        super().__init__()

    def serve(self, connected: socket.socket) -> None:
        self.caught.append(b"")
        place = len(self.caught) - 1
        self.caught[place] = connected.recv(65536)
        body = b"<api driver='mock' version='1'/>"
        connected.sendall(Answer(200, [("Content-Type", "application/xml")], body).encode())


class Call:
    """One request at a hostile endpoint, on its way through a behaviour.

    The account is asked, and thus a request takes effect, when `answer` is first read. What is not
    sent by the behaviour itself is sent after it.
    """

    def __init__(self, endpoint: Endpoint, asked: Asked, connected: socket.socket, number: int):
        """`number`: how many requests the endpoint has got, with this one."""
        self.endpoint = endpoint
        self.account = endpoint.account
        self.trap = endpoint.trap
        self.memory = endpoint.memory
        self.asked = asked
        self.number = number
        self.sent = False
        self.socket = connected

    @cached_property
    def answer(self) -> Answer:
        return self.account.answer(self.asked)

    def refuse(self, status: int, *headers: tuple[str, str], body: bytes = b"") -> None:
        """Answer so, and do not ask the account: the request has no effect."""
        kind = ("Content-Type", "application/xml")
        body = body or b'<error status="%d"><message>no</message></error>' % status
        self.answer = Answer(status, [kind, *headers], body)

    def send(self, data: bytes) -> None:
        """Send bytes as they are; then nothing else is sent."""
        self.sent = True
        self.socket.sendall(data)

    def send_answer(self) -> None:
        self.send(self.answer.encode(self.asked.method))

    def pause(self, seconds: float) -> None:
        """Do nothing for a while; OSError once the endpoint is stopped."""
        if self.endpoint.closing.wait(seconds):
            raise ConnectionAbortedError

    def drip(self, data: bytes, seconds: float = 0.05) -> None:
        """Send byte by byte."""
        for place in range(len(data)):
            self.send(data[place : place + 1])
            self.pause(seconds)

    def send_for_ever(self, data: bytes, seconds: float = 0.0) -> None:
        while True:
            self.send(data)
            self.pause(seconds)

    def hang_up(self) -> None:
        """Close the connection, and with it forget what was not sent."""
        self.sent = True
        self.socket.close()

    def reset(self) -> None:
        """Close the connection so that the client's system reports a reset."""
        linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.hang_up()


Act = Callable[[Call], None]


class Endpoint(Listener):
    """Answers as `account` does, after `act` had its way with every call.

    `memory` is for what a behaviour has to remember. `on_answer` is called with every call, after
    the answer to it.
    """

    def __init__(self, act: Act, account: Account, trap: Trap) -> None:
        self.act = act
        self.account = account
        self.trap = trap
        self.memory: dict[str, Any] = {}
        self.requests = 0
        self.on_answer: Callable[[Call], None] = lambda _: None
        self._lock = threading.Lock()
        super().__init__()

    @property
    def url(self) -> str:
        return self.origin + API.base

    def serve(self, connected: socket.socket) -> None:
        connection = Connection(connected)
        while (asked := connection.request()) is not None:
            with self._lock:
                self.requests += 1
            call = Call(self, asked, connected, self.requests)
            self.act(call)
            if not call.sent:
                call.send_answer()
            self.on_answer(call)


@contextlib.contextmanager
def hostile(act: Act, account: Account) -> Iterator[Endpoint]:
    """A hostile endpoint, and its trap, while the block lasts."""
    trap = Trap()
    endpoint = Endpoint(act, account, trap)
    try:
        yield endpoint
    finally:
        endpoint.stop()
        trap.stop()
