"""One caller's access to AWS: the services that the driver calls, and their errors."""

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

# Error codes of AWS to errors of the API; a star stands for any beginning or end.
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
    """The error of the API for one of AWS, with its message: by its code, else by its status."""
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
    """Raise what boto3 raises as an error of the API."""
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
    """Turn 404 into 400: not the path, but a parameter names what does not exist (stance 34)."""
    try:
        yield
    except NotFoundError as error:
        raise ValidationError(error.message) from error


class Service:
    """A client of boto3: its operations are repeated while throttled, and raise ApiErrors."""

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
        """All members of a paginated answer, page by page; each page is repeated by itself."""
        sent, received = {"Marker": ("Marker", "NextMarker")}.get(token, (token, token))
        if token == "ContinuationToken":
            received = "NextContinuationToken"
        more: dict[str, Any] = {}
        while True:
            page = getattr(self, operation)(**parameters, **more)
            yield from page.get(key) or ()
            if not page.get(received):
                return
            more = {sent: page[received]}


class Account:
    """Services of one caller in one region; each is opened when it is first used."""

    def __init__(self, caller: Caller, url: str | None, region: str, backoff: Backoff) -> None:
        self._session = boto3.Session(
            aws_access_key_id=caller.user,
            aws_secret_access_key=caller.password,
            region_name=region,
        )
        self._url, self._backoff = url, backoff
        self.region = region
        self._services: dict[str, Service] = {}
        self._cache: dict[str, Any] = {}
        self.id = str(self.service("sts").get_caller_identity()["Account"])

    def service(self, name: str) -> Service:
        """The service `ec2`, `s3`, `elb`, `ssm` or `sts`."""
        if name not in self._services:
            with translating():
                client = self._session.client(name, endpoint_url=self._url, config=self._config())
            self._services[name] = Service(client, self._backoff)
        return self._services[name]

    def cached(self, name: str, ask: Callable[[], T]) -> T:
        """What AWS says of itself (types, current images): asked for once in a connection."""
        if name not in self._cache:
            self._cache[name] = ask()
        value: T = self._cache[name]
        return value

    def _config(self) -> Config:
        # Retries are those of Backoff; a URL for all services has no host names for buckets.
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
    """What all parts of the driver share."""

    def connect(self, caller: Caller) -> Account:
        """Credentials are good if STS accepts them: that needs no permission."""
        region = self.endpoint.region_for(caller.provider) or REGION
        try:
            return Account(caller, self.endpoint.url, region, self.backoff)
        except (ForbiddenError, ValidationError) as refused:
            raise AuthenticationError(refused.message) from refused

    def realm(self, account: Account, realm_id: str | None) -> str:
        """The zone that a request names, or the first if it names none (A144).

        ValidationError if there is no such zone: EC2 refuses it, but not every emulator does.
        """
        names = sorted(str(zone["ZoneName"]) for zone in zones(account))
        if realm_id and realm_id not in names:
            raise ValidationError(f"There is no realm {realm_id!r}.")
        return realm_id or names[0]


def zones(account: Account) -> list[dict[str, Any]]:
    """Availability zones of the region."""
    raws: list[dict[str, Any]] = account.ec2.describe_availability_zones()["AvailabilityZones"]
    return [zone for zone in raws if zone.get("ZoneType", "availability-zone").startswith("avail")]


def matching(**filters: str | list[str] | None) -> list[dict[str, Any]]:
    """Filters of EC2: `volume_id="vol-1"` is volume-id=vol-1; None is left out.

    With a filter instead of an id, an unknown or malformed id gives an empty answer, not an error;
    but stars and question marks in filters are wildcards: see `exactly`.
    """
    return [
        {"Name": name.replace("__", ".").replace("_", "-"), "Values": values}
        for name, value in filters.items()
        if value is not None
        for values in (value if isinstance(value, list) else [value],)
    ]


def exactly(raws: Iterable[dict[str, Any]], key: str, id_: str | None) -> list[dict[str, Any]]:
    """What has the id in its `key`; everything if the id is None."""
    return [raw for raw in raws if id_ in (None, raw[key])]


def tagged(kind: str, **tags: str | None) -> list[dict[str, Any]]:
    """Tags at creation: name and description of what has no attributes for them."""
    pairs = [{"Key": key, "Value": value} for key, value in tags.items() if value]
    return [{"ResourceType": kind, "Tags": pairs}] if pairs else []


def tag(described: dict[str, Any], key: str) -> str | None:
    """A tag of something described, None if it has none."""
    tags = described.get("Tags") or ()
    return next((str(t["Value"]) for t in tags if t["Key"] == key), None)


def stamp(moment: Any) -> str:
    """A time as the API shows it (stance 52)."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment is not None else ""
