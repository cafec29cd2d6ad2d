"""One caller's access to AWS: its services as this bridge calls them, and their refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    HTTPClientError,
    ParamValidationError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from tck.reference_server.drivers.base import Caller
from tck.reference_server.drivers.provider import Backoff, ProviderDriver, Throttled, refusal
from tck.reference_server.errors import (
    ApiError,
    AuthenticationError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    NotSupportedError,
    ProviderError,
    ProviderTimeoutError,
    ValidationError,
)

REGION = "us-east-1"

T = TypeVar("T")

# Codes of errors to refusals; a word with a star at an end stands for any such code.
_CODES: tuple[tuple[type[ApiError], str], ...] = (
    (
        Throttled,
        "RequestLimitExceeded Throttling ThrottlingException SlowDown TooManyRequests* "
        "RequestThrottled* ServiceUnavailable Unavailable",
    ),
    (
        AuthenticationError,
        "AuthFailure InvalidClientTokenId SignatureDoesNotMatch InvalidAccessKeyId ExpiredToken "
        "MissingAuthenticationToken UnrecognizedClientException IncompleteSignature "
        "AuthorizationHeaderMalformed",
    ),
    (ForbiddenError, "UnauthorizedOperation AccessDenied* OptInRequired"),
    (
        ConflictError,
        "*.Duplicate *.InUse *AlreadyExists* *AlreadyAssociated DependencyViolation Incorrect* "
        "VolumeInUse BucketNotEmpty OperationNotPermitted DuplicateLoadBalancerName "
        "OperationAborted *.AlreadyAssociated *AlreadyOwnedByYou",
    ),
    (NotFoundError, "*NotFound *.NotFound NoSuchBucket NoSuchKey NoSuchUpload 404"),
    (NotSupportedError, "UnsupportedOperation Unsupported NotImplemented"),
    (
        ValidationError,
        "Invalid* *.Malformed *Malformed Missing* Validation* *LimitExceeded *TooSmall *TooLarge "
        "Illegal* Bad* *UnknownZone* 412 Precondition*",
    ),
)


def _matches(code: str, pattern: str) -> bool:
    if pattern.startswith("*") and pattern.endswith("*"):
        return pattern[1:-1] in code
    if pattern.startswith("*"):
        return code.endswith(pattern[1:])
    return code.startswith(pattern[:-1]) if pattern.endswith("*") else code == pattern


def translated(error: ClientError) -> ApiError:
    """The refusal that stands for a provider's error, with the provider's message."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    message = str(error.response.get("Error", {}).get("Message") or code)
    for kind, patterns in _CODES:
        if any(_matches(code, pattern) for pattern in patterns.split()):
            return refusal(kind, message)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    by_status = {401: AuthenticationError, 403: ForbiddenError, 404: NotFoundError}
    kind = by_status.get(status, ValidationError if 400 <= status < 500 else ProviderError)
    return refusal(kind, f"{code}: {message}")


@contextmanager
def translating() -> Iterator[None]:
    """Turn whatever boto3 raises into a documented refusal (facts 4.2)."""
    try:
        yield
    except ClientError as error:
        raise translated(error) from error
    except ParamValidationError as error:
        raise refusal(ValidationError, str(error)) from error
    except (ConnectTimeoutError, ReadTimeoutError) as error:
        raise refusal(ProviderTimeoutError, str(error)) from error
    except (HTTPClientError, BotoCoreError, ResponseParserError) as error:
        raise refusal(ProviderError, str(error)) from error


@contextmanager
def not_found_as_invalid() -> Iterator[None]:
    """What a parameter names and is not there is the request's mistake (stance 34)."""
    try:
        yield
    except NotFoundError as error:
        raise ValidationError(error.message) from error


class Service:
    """A client of boto3 whose operations are patient and refuse as the API documents it."""

    def __init__(self, client: Any, backoff: Backoff) -> None:
        self.client = client
        self._backoff = backoff

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        method = getattr(self.client, operation)

        def ask(**parameters: Any) -> Any:
            with translating():
                return method(**parameters)

        return lambda **parameters: self._backoff.retry(lambda: ask(**parameters))

    def pages(
        self, operation: str, key: str, *, token: str = "NextToken", **parameters: Any
    ) -> Iterator[Any]:
        """All members of a paginated answer, page by page; each page is retried by itself."""
        asked, answered = {"Marker": ("Marker", "NextMarker")}.get(token, (token, token))
        if token == "ContinuationToken":
            answered = "NextContinuationToken"
        more: dict[str, Any] = {}
        while True:
            page = getattr(self, operation)(**parameters, **more)
            yield from page.get(key) or ()
            if not page.get(answered):
                return
            more = {asked: page[answered]}


class Account:
    """Services of one caller in one region, opened when first asked for."""

    def __init__(self, caller: Caller, url: str | None, region: str, backoff: Backoff) -> None:
        self._session = boto3.Session(
            aws_access_key_id=caller.user,
            aws_secret_access_key=caller.password,
            region_name=region,
        )
        self._url, self._backoff = url, backoff
        self.region = region
        self._services: dict[str, Service] = {}
        self._known: dict[str, Any] = {}
        self.id = str(self.service("sts").get_caller_identity()["Account"])

    def service(self, name: str) -> Service:
        """The service `ec2`, `s3`, `elb`, `ssm` or `sts`."""
        if name not in self._services:
            with translating():
                client = self._session.client(name, endpoint_url=self._url, config=self._config())
            self._services[name] = Service(client, self._backoff)
        return self._services[name]

    def known(self, name: str, ask: Callable[[], T]) -> T:
        """What AWS says of itself (types, current images): asked once a connection."""
        if name not in self._known:
            self._known[name] = ask()
        found: T = self._known[name]
        return found

    def _config(self) -> Config:
        # Retries are the bridge's own; a server with one URL for all has no names of buckets.
        return Config(
            retries={"total_max_attempts": 1},
            connect_timeout=10,
            read_timeout=60,
            ignore_configured_endpoint_urls=True,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path"} if self._url else None,
        )

    @property
    def ec2(self) -> Service:
        return self.service("ec2")

    @property
    def s3(self) -> Service:
        return self.service("s3")

    @property
    def elb(self) -> Service:
        return self.service("elb")


class Ec2Part(ProviderDriver[Account]):
    """The base of the bridge's parts."""

    def connect(self, caller: Caller) -> Account:
        """Credentials are good if STS knows them, which needs no permission."""
        region = self.endpoint.region_for(caller.provider) or REGION
        try:
            return Account(caller, self.endpoint.url, region, self.backoff)
        except (ForbiddenError, ValidationError) as refused:
            raise AuthenticationError(refused.message) from refused

    def realm(self, account: Account, wanted: str | None) -> str:
        """Where things are created: the first if the request does not say (A144).

        What does not exist is refused here: EC2 does that, but not every emulator.
        """
        known = sorted(str(zone["ZoneName"]) for zone in zones(account))
        if wanted and wanted not in known:
            raise ValidationError(f"There is no realm {wanted!r}.")
        return wanted or known[0]


def zones(account: Account) -> list[dict[str, Any]]:
    """Availability zones of the region."""
    found: list[dict[str, Any]] = account.ec2.describe_availability_zones()["AvailabilityZones"]
    return [zone for zone in found if zone.get("ZoneType", "availability-zone").startswith("avail")]


def matching(**filters: str | list[str] | None) -> list[dict[str, Any]]:
    """Filters of EC2: `volume_id="vol-1"` is volume-id=vol-1; None is no filter.

    Asking by filter instead of by id gives an empty answer where an id is unknown or malformed;
    but stars and question marks in filters stand for anything: see `exactly`.
    """
    return [
        {"Name": name.replace("__", ".").replace("_", "-"), "Values": values}
        for name, value in filters.items()
        if value is not None
        for values in (value if isinstance(value, list) else [value],)
    ]


def exactly(found: Iterable[dict[str, Any]], key: str, id_: str | None) -> list[dict[str, Any]]:
    """What was asked for by an id and has it; everything if none was asked for."""
    return [raw for raw in found if id_ in (None, raw[key])]


def tagged(kind: str, **tags: str | None) -> list[dict[str, Any]]:
    """Tags given at creation: name and description of things that have none of their own."""
    given = [{"Key": key, "Value": value} for key, value in tags.items() if value]
    return [{"ResourceType": kind, "Tags": given}] if given else []


def tag(described: dict[str, Any], key: str) -> str | None:
    """A tag of something described, None if it has none."""
    tags = described.get("Tags") or ()
    return next((str(t["Value"]) for t in tags if t["Key"] == key), None)


def stamp(moment: Any) -> str:
    """A time as the API shows it (stance 52)."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment is not None else ""
