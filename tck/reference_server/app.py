"""The server as a WSGI application: negotiation, routing, authentication, error documents."""

from __future__ import annotations

import contextlib
import errno
import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_etags

from tck import __version__
from tck.reference_server import answers, pages
from tck.reference_server.call import Call
from tck.reference_server.drivers import registry
from tck.reference_server.drivers.base import Caller, Driver
from tck.reference_server.drivers.mock import MockDriver
from tck.reference_server.drivers.mock.backend import Conditions
from tck.reference_server.errors import (
    ApiError,
    AuthenticationError,
    BackendError,
    CapabilityError,
    ContentCodingError,
    ForbiddenError,
    FullError,
    MalformedError,
    MethodNotAllowedError,
    NotAcceptableError,
    TooLargeError,
    ValidationError,
)
from tck.reference_server.handlers import handler
from tck.reference_server.http import forwarding
from tck.reference_server.http.negotiation import CONTENT_TYPES, DEFAULT, choose
from tck.reference_server.http.parameters import is_text, require_text
from tck.reference_server.http.request import Environ, Request
from tck.reference_server.http.response import STATUS_LINES, Headers, Response, field_value
from tck.reference_server.http.routing import Route, resolve
from tck.reference_server.http1 import REFUSAL, ProtocolError
from tck.reference_server.representations import FORMATS, render
from tck.reference_server.representations.entry import Failure
from tck.reference_server.site import Site
from tck.reference_server.storage.store import Memory, Stores
from tck.schemas.operations import API

SERVER = f"Deltacloud-TCK/{__version__}"
CHALLENGE = {"WWW-Authenticate": 'Basic realm="deltacloud"'}

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
BLOB_LIMIT = 1024**3  # bytes of a blob, where `storage` is memory

_log = logging.getLogger(__name__)


class Application:
    """A WSGI application that serves the API (PEP 3333); made by `create_app`.

    `default` is the driver of requests that name none. Another is started when a request first
    names it (A173). Threads may call the application at the same time.
    """

    def __init__(
        self,
        driver: str | Driver,
        provider: str | None,
        conditions: Conditions,
        trust_forwarded: bool,
        stores: Stores,
    ) -> None:
        self._provider = provider
        self._trusts_proxy = trust_forwarded
        self._conditions = conditions
        self._stores = stores
        self._drivers: dict[str, Driver] = {}
        self._starting = threading.Lock()
        if isinstance(driver, Driver):
            self._drivers[driver.shape.id] = driver
            driver = driver.shape.id
        self._asks_provider = driver in registry.provider_drivers()
        default = self.find(driver)
        if default is None:
            raise ValueError(f"no driver {driver!r}; there are {', '.join(registry.personas())}")
        self.default = default
        for name in stores.drivers():
            self.find(name)

    def find(self, name: str) -> Driver | None:
        """The driver of an id, started when first asked for; None if there is no such driver.

        Provider drivers are found only if the default driver is one: no header can make another
        server send requests to a provider.
        """
        driver = self._drivers.get(name)
        offered = name in registry.personas()
        if self._asks_provider:
            offered = offered or name in registry.provider_drivers()
        if driver is None and offered:
            with self._starting:
                if name not in self._drivers:
                    self._drivers[name] = self._start(name)
                driver = self._drivers[name]
        return driver

    def _start(self, name: str) -> Driver:
        if name in registry.provider_drivers():
            credentials = (self._conditions.user, self._conditions.password)
            return registry.start(name, self._provider, credentials)
        other = self._conditions.other
        others = self._stores.store(f"{name} of {other[0]}") if other else None
        return MockDriver(registry.shape(name), self._stores.store(name), self._conditions, others)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if self._trusts_proxy:
            forwarding.restore(environ)
        request = Request(environ)
        response = _Exchange(self, request).answer()
        request.close()
        return _send(response, environ, start_response)

    def selected(self, request: Request) -> tuple[str, str | None]:
        """Driver id, in lower case, and provider for a request.

        From a matrix parameter of the base path, else the query, else a header (A173), else the
        defaults.
        """
        matrix = {n: v for segment, n, v in request.target.matrix if f"/{segment}" == API.base}

        def named(name: str) -> str | None:
            if (value := matrix.get(name)) is None:
                value = request.query.get(f"api[{name}]")
            return request.header(f"X_DELTACLOUD_{name.upper()}") if value is None else value

        driver = named("driver")
        default = self.default.shape.id
        return (default if driver is None else driver.lower()), named("provider") or self._provider

    def close(self) -> None:
        """Close the storage, so that another server can open the file."""
        self._stores.close()


class _Exchange:
    """Serves one request. Checks, and thus refusals, come in the order of stance 11.

    What is known of the request so far is kept for the error document: format, site, route.
    """

    def __init__(self, application: Application, request: Request) -> None:
        self._app = application
        self._request = request
        self._format: str | None = None  # None until negotiated
        self._site = Site("", application.default.shape)
        self._route: Route | None = None

    def answer(self) -> Response:
        """The response: a document, or the error document of what was raised."""
        try:
            return self._serve()
        except ApiError as refusal:
            return self._refuse(refusal)
        except ProtocolError as error:
            return self._refuse(MalformedError(error.status, error.message))
        except HTTPException as error:  # of Werkzeug's: a body that breaks off
            return self._refuse(ValidationError(error.description))
        except Exception as error:  # noqa: BLE001 - any failure is answered
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                return self._refuse(FullError())
            _log.exception("%s could not be served", self._request.url)
            return self._refuse(BackendError())

    def _serve(self) -> Response:
        request = self._request
        if REFUSAL in request.environ:
            raise request.environ[REFUSAL]
        name, provider = self._app.selected(request)
        driver = self._app.find(name)
        printable = provider if provider is None or is_text(provider) else None
        self._site = Site("", (driver or self._app.default).shape, printable)
        self._format = format_ = self._negotiated()
        base = request.base
        if (request.header("CONTENT_ENCODING") or "identity").lower() != "identity":
            raise ContentCodingError(headers={"Accept-Encoding": "identity"})
        self._refuse_other_sites()
        self._admit_form(driver or self._app.default, provider)
        self._route = route = resolve(request.method, request.target.segments)
        if driver is None:
            raise ValidationError(f"There is no driver {quote(name)!r}.")
        require_text(provider or "")
        self._site = site = Site(base, driver.shape, provider, self._matrix())
        if request.method == "OPTIONS":
            return Response(200, [("Allow", ", ".join(route.allowed)), *self._common()])
        if not driver.shape.offers(route.operation):
            raise CapabilityError(f"The driver lacks {route.operation.capability}.")
        call = Call(
            request,
            driver,
            site,
            format_,
            route.operation,
            route.ids,
            self._authenticated(driver, route, provider),
        )
        response = answers.redirect_browser(handler(route.operation)(call), call)
        response.headers += self._common()
        if call.runtime is not None:
            response.headers.append(("X-Backend-Runtime", f"{call.runtime:.6f}"))
        return response

    def _admit_form(self, driver: Driver, provider: str | None) -> None:
        """Before a form that is large is read: whether the caller may send any.

        The method, and with it the operation, may depend on a field of the form (`_method`), but
        in no such case are large forms open to all.
        """
        request = self._request
        if not request.has_large_form:
            return
        with contextlib.suppress(MethodNotAllowedError):
            if resolve("POST", request.target.segments).operation.auth != "required":
                raise TooLargeError
        self._known(driver, provider)
        request.most = driver.shelf.limit

    def _refuse_other_sites(self) -> None:
        """Refuse changes by pages of other sites: browsers add the credentials that they hold.

        Whichever field says that the request comes from elsewhere is believed; what is no
        browser sends none of them. Other ports of the same host are other sites, too.
        """
        request = self._request
        if request.environ["REQUEST_METHOD"] in SAFE:
            return
        site, origin = request.header("SEC_FETCH_SITE"), request.header("ORIGIN")
        source = request.header("REFERER") if origin is None else origin
        own = source is None or _authority(source) == _authority(request.base)
        if site not in (None, "same-origin", "none") or not own:
            raise ForbiddenError("A page of another site cannot change anything here.")

    def _matrix(self) -> str:
        """Driver and provider as matrix parameters of the target, for the links of a page."""
        if self._format != "html":
            return ""
        base = API.base.strip("/")
        pairs = ((n, v) for segment, n, v in self._request.target.matrix if segment == base)
        return "".join(f";{quote(n, safe='')}={quote(v, safe='')}" for n, v in pairs)

    def _negotiated(self) -> str:
        """The format of documents; blobs and documentation are sent whatever is accepted."""
        request = self._request
        try:
            return choose(request.environ.get("HTTP_ACCEPT"), request.query.get("format"), FORMATS)
        except NotAcceptableError:
            with contextlib.suppress(ApiError, ProtocolError):
                route = resolve(request.method, request.target.segments)
                if route.operation.document == "bytes":
                    return DEFAULT
                if route.operation.document == "html":
                    return "html"
            raise

    def _accepted(self) -> str:
        """The format of the error document for a request whose target cannot be parsed."""
        try:
            return choose(self._request.environ.get("HTTP_ACCEPT"), None, FORMATS)
        except NotAcceptableError:
            return DEFAULT

    def _authenticated(self, driver: Driver, route: Route, provider: str | None) -> Caller:
        """The caller; credentials are checked only where the operation needs them (A9).

        The entry point, open to all, checks them if `force_auth` is sent (C6).
        """
        forced = route.operation.id == "api.show" and "force_auth" in self._request.parameters
        if route.operation.auth == "required" or forced:
            return self._known(driver, provider)
        return Caller(*(self._request.credentials or ("", "")), provider)

    def _known(self, driver: Driver, provider: str | None) -> Caller:
        """The caller, whose credentials are right; AuthenticationError otherwise."""
        if self._request.credentials is None:
            raise AuthenticationError
        caller = Caller(*self._request.credentials, provider)
        driver.authenticate(caller)
        return caller

    def _common(self) -> Headers:
        """Headers of every response."""
        headers = [("Server", SERVER), ("X-Deltacloud-Driver", self._site.shape.id)]
        if self._site.provider is not None:
            headers.append(("X-Deltacloud-Provider", field_value(self._site.provider)))
        headers.append(("X-Content-Type-Options", "nosniff"))
        headers.append(("Vary", "Accept, X-Deltacloud-Driver, X-Deltacloud-Provider"))
        return headers

    def _refuse(self, refusal: ApiError) -> Response:
        headers = [*refusal.headers.items(), *self._common()]
        if isinstance(refusal, AuthenticationError):
            headers += CHALLENGE.items()
        if isinstance(refusal, MethodNotAllowedError) and not refusal.headers and self._route:
            headers.append(("Allow", ", ".join(self._route.allowed)))
        if isinstance(refusal, NotAcceptableError):
            body, media_type = refusal.message.encode() + b"\n", "text/plain;charset=utf-8"
        else:
            mount: str = self._request.environ.get("SCRIPT_NAME", "")
            url, name = mount + self._request.url, refusal.wire_name
            failure = Failure(refusal.status, url, refusal.message, name)
            format_ = self._format or self._accepted()
            if format_ == "html":
                headers += pages.HEADERS
                body = pages.failure(failure, self._site)
            else:
                body = render(format_, "error", failure, self._site)
            media_type = CONTENT_TYPES[format_]
        return Response(refusal.status, [("Content-Type", media_type), *headers], body)


def _authority(url: str) -> str:
    """Host and port of a URL, for comparison."""
    scheme, _, rest = url.lower().partition("://")
    default = {"http": ":80", "https": ":443"}.get(scheme, "")
    return rest.partition("/")[0].removesuffix(default)


def _send(
    response: Response, environ: Environ, start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """Send a response through WSGI, after If-None-Match, Content-Length and HEAD are applied."""
    status, headers, body = response.status, response.headers, response.body
    head = environ["REQUEST_METHOD"] == "HEAD"
    condition = environ.get("HTTP_IF_NONE_MATCH")
    if condition and status in (200, 206) and (head or environ["REQUEST_METHOD"] == "GET"):
        tag = next((value for name, value in headers if name == "ETag"), None)
        if tag is not None and parse_etags(condition).contains_weak(tag.strip('"')):
            status, body = 304, b""
            headers = [(n, v) for n, v in headers if not n.startswith("Content-")]
    if isinstance(body, bytes):
        if status not in (204, 304):
            headers = [*headers, ("Content-Length", str(len(body)))]
        body = iter((body,))
    start_response(STATUS_LINES[status], headers)
    return () if head else body


def create_app(
    driver: str | Driver = "mock",
    provider: str | None = None,
    *,
    user: str = "mockuser",
    password: str = "mockpassword",
    other: tuple[str, str] | None = None,
    transition_time: float = 0.0,
    transition_polls: int = 0,
    clock: Callable[[], float] = time.time,
    chance: Callable[[int], bytes] = secrets.token_bytes,
    trust_forwarded: bool = False,
    storage: Path | Stores | None = None,
    blob_limit: int | None = None,
) -> Application:
    """A reference server, with its objects as at the first start or as `storage` holds them.

    `driver` is a persona (see `personas/`), a provider driver of `drivers.registry`, or a driver.
    `driver` and `provider` hold for requests that name none; `user` and `password` are the only
    credentials the mock accepts, beside the user and password `other`, whose account is another:
    it shares realms and images. An instance stays in a transient state for `transition_time`
    seconds of `clock` (seconds since the epoch) and then until `transition_polls` requests have
    shown it there. `chance(n)` gives the n random bytes of passwords, keys and ids.

    With `trust_forwarded`, hrefs follow X-Forwarded-Host, -Proto and -Port, which only a proxy
    should be able to set. `storage`: a file for all objects, or stores (None: memory). A blob above
    `blob_limit` bytes is refused with 413; None means `BLOB_LIMIT` in memory, no limit in a file.

    ValueError if there is no such driver, `storage` cannot be opened, or both users have one name.
    """
    if other and other[0] == user:
        raise ValueError(f"both users are {user!r}")
    pace = (transition_time, transition_polls)
    conditions = Conditions(user, password, other, *pace, clock, chance)
    if isinstance(storage, Path):
        from tck.reference_server.storage.disk import Disk  # noqa: PLC0415 - SQLite costs start-up time

        stores: Stores = Disk(storage, blob_limit)
    else:
        stores = storage or Memory(BLOB_LIMIT if blob_limit is None else blob_limit)
    try:
        return Application(driver, provider, conditions, trust_forwarded, stores)
    except BaseException:
        stores.close()
        raise
