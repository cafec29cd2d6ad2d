"""Every error that the server answers, with its status and its name on the wire.

Drivers raise them as well; the frontend makes error documents of them (stance 27, J22). The names
in JSON are those of the original, because clients have them in their code. Which error a driver
raises for what is in `drivers/base.py`.
"""

from __future__ import annotations

from typing import ClassVar


class ApiError(Exception):
    """A request that is answered with an error document.

    `status` is that of the answer, `wire_name` what follows `Deltacloud::Exceptions::` in JSON.
    """

    status: int = 500
    wire_name: ClassVar[str] = "BackendError"
    default: ClassVar[str] = "Internal Server Error"

    def __init__(self, message: str | None = None, headers: dict[str, str] | None = None) -> None:
        """`message`: for the client, one line; the class's `default` if it is None or empty.

        `headers`: fields that the answer gets besides the usual ones.
        """
        super().__init__(message or self.default)
        self.headers = headers or {}

    @property
    def message(self) -> str:
        """The text of the element or key `message`."""
        return str(self.args[0])


class ValidationError(ApiError):
    """A parameter is missing, malformed, out of range, or refers to nothing (stances 7, 34, 61)."""

    status = 400
    wire_name = "ValidationFailure"
    default = "Bad Request"


class MalformedError(ValidationError):
    """What came is not a request as HTTP has it (RFC 9112). Not for drivers."""

    def __init__(self, status: int, message: str) -> None:
        """`status` says in which way: 400, 408, 413, 414, 431, 501 or 505."""
        super().__init__(message)
        self.status = status


class AuthenticationError(ApiError):
    """Credentials are missing or wrong; the frontend adds WWW-Authenticate (stance 10)."""

    status = 401
    wire_name = "AuthenticationFailure"
    default = "Unauthorized"


class ForbiddenError(ApiError):
    """The caller may not do this, or what is there forbids it (stances 40, 54)."""

    status = 403
    wire_name = "ForbiddenError"
    default = "Forbidden"


class NotFoundError(ApiError):
    """An id of the path names nothing (stances 14 to 16)."""

    status = 404
    wire_name = "ObjectNotFound"
    default = "Not Found"


class MethodNotAllowedError(ApiError):
    """A method that the path lacks, or an action that the state does not allow (stances 12, 13).

    The frontend adds Allow.
    """

    status = 405
    wire_name = "MethodNotAllowed"
    default = "Method Not Allowed"


class NotAcceptableError(ApiError):
    """No format that the client accepts is offered (stance 5). Not for drivers."""

    status = 406
    wire_name = "UnknownMediaTypeError"
    default = "Not Acceptable"


class ConflictError(ApiError):
    """What is there does not allow it: in use, not in use, a name taken (stances 53, 59)."""

    status = 409
    wire_name = "Conflict"
    default = "Resource Conflict"


class CapabilityError(ApiError):
    """The driver lacks the operation (stance 9)."""

    status = 412
    wire_name = "PreconditionFailed"
    default = "Precondition Failed"


class TooLargeError(ApiError):
    """A body is larger than the server or the provider takes (RFC 9110 15.5.14)."""

    status = 413
    wire_name = "RequestEntityTooLarge"
    default = "Request Entity Too Large"


class ContentCodingError(ApiError):
    """The body is compressed, or encoded in another way (RFC 9110 8.4). Not for drivers."""

    status = 415
    wire_name = "UnsupportedMediaType"
    default = "The body must come without a content coding."


class RangeError(ApiError):
    """The range asked for is outside of the content (RFC 9110 15.5.17). Not for drivers."""

    status = 416
    wire_name = "RangeNotSatisfiable"
    default = "Range Not Satisfiable"


class BackendError(ApiError):
    """The driver itself failed; also what an exception becomes that is not an ApiError."""


class NotSupportedError(ApiError):
    """The provider lacks the operation, though the driver declares it."""

    status = 501
    wire_name = "NotImplemented"
    default = "Not Supported"


class ProviderError(ApiError):
    """The provider failed, cannot be reached, or answered what the driver does not understand."""

    status = 502
    wire_name = "ProviderError"
    default = "Backend Server Error"


class ProviderTimeoutError(ApiError):
    """The provider did not answer in time."""

    status = 504
    wire_name = "ProviderTimeout"
    default = "Gateway Timeout"


class FullError(ApiError):
    """The disk is full; what creates nothing still works."""

    status = 507
    wire_name = "InsufficientStorage"
    default = "The disk of the server is full."
