"""Refusals: every error the server answers, with its status and its name on the wire.

Drivers raise these as well; the frontend renders them (facts 4.2, stance 27). The class
names in the JSON form are the original's, because clients have them in their code.
"""

from __future__ import annotations

from typing import ClassVar


class ApiError(Exception):
    """A request that is answered with an error document."""

    status: int = 500
    wire_name: ClassVar[str] = "BackendError"
    default: ClassVar[str] = "Internal Server Error"

    def __init__(self, message: str | None = None, headers: dict[str, str] | None = None) -> None:
        super().__init__(message or self.default)
        self.headers = headers or {}

    @property
    def message(self) -> str:
        return str(self.args[0])


class ValidationError(ApiError):
    status = 400
    wire_name = "ValidationFailure"
    default = "Bad Request"


class MalformedError(ValidationError):
    """What came is no request as HTTP has it; the status says in which way not."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class AuthenticationError(ApiError):
    status = 401
    wire_name = "AuthenticationFailure"
    default = "Unauthorized"


class ForbiddenError(ApiError):
    status = 403
    wire_name = "ForbiddenError"
    default = "Forbidden"


class NotFoundError(ApiError):
    status = 404
    wire_name = "ObjectNotFound"
    default = "Not Found"


class MethodNotAllowedError(ApiError):
    """A method the path does not know, or an action the state does not allow (stance 13)."""

    status = 405
    wire_name = "MethodNotAllowed"
    default = "Method Not Allowed"


class NotAcceptableError(ApiError):
    status = 406
    wire_name = "UnknownMediaTypeError"
    default = "Not Acceptable"


class ConflictError(ApiError):
    status = 409
    wire_name = "Conflict"
    default = "Resource Conflict"


class CapabilityError(ApiError):
    """The driver lacks the operation (facts 1.8, stance 9)."""

    status = 412
    wire_name = "PreconditionFailed"
    default = "Precondition Failed"


class TooLargeError(ApiError):
    status = 413
    wire_name = "RequestEntityTooLarge"
    default = "Request Entity Too Large"


class RangeError(ApiError):
    status = 416
    wire_name = "RangeNotSatisfiable"
    default = "Range Not Satisfiable"


class BackendError(ApiError):
    """Something failed behind the frontend; also what an unforeseen exception becomes."""


class NotSupportedError(ApiError):
    status = 501
    wire_name = "NotImplemented"
    default = "Not Supported"


class ProviderError(ApiError):
    status = 502
    wire_name = "ProviderError"
    default = "Backend Server Error"


class ProviderTimeoutError(ApiError):
    status = 504
    wire_name = "ProviderTimeout"
    default = "Gateway Timeout"
