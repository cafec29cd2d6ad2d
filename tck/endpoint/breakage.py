"""Why a request could not be sent, or was not answered: what the errors of libraries mean."""

from __future__ import annotations

from http.client import RemoteDisconnected

import requests

from tck.endpoint.redaction import GATE

_LONGEST = 300  # characters: a reason may quote what came


def never_connected(error: requests.ConnectionError) -> bool:
    """Whether there was no connection at all."""
    text = repr(error)
    return "NewConnectionError" in text or "NameResolutionError" in text or "SSLError" in text


def is_closed(error: requests.ConnectionError) -> bool:
    """Whether the connection ended in place of an answer: a kept one may (RFC 9112 9.5)."""
    return isinstance(_cause(error), RemoteDisconnected | ConnectionError)


def _cause(error: BaseException) -> BaseException:
    """The innermost cause: requests and urllib3 wrap errors up to three times."""
    while True:
        inner = getattr(error, "reason", None) or error.__cause__
        if not isinstance(inner, BaseException):
            inner = next((a for a in error.args if isinstance(a, BaseException)), None)
        if inner is None or inner is error:
            return error
        error = inner


def why(error: BaseException) -> str:
    """Why something failed, in a few words."""
    error = _cause(error)
    text = str(error).split(": ", 1)[-1] if "object at 0x" in str(error) else str(error)
    return GATE.cut(text, _LONGEST) or type(error).__name__
