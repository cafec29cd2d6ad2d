"""Everything that could lead the kit, with its credentials, to another origin."""

from __future__ import annotations

from ..behaviour import Behaviours
from ..endpoint import Call

BEHAVIOURS = behaviour = Behaviours()

_CREATING = "keys or storage_volumes or lifecycle"


@behaviour(checks=_CREATING, codes=(1,), finds=("DC-DOC-008",))
def hrefs_are_elsewhere(call: Call) -> None:
    """Every href in every document, and every Location, is at another origin."""
    call.answer.replace(call.endpoint.origin, call.trap.origin)


@behaviour("api.show", checks=_CREATING, codes=(1,), finds=("DC-DOC-008",))
def collections_are_elsewhere(call: Call) -> None:
    """The entry point says that all collections are at another origin."""
    call.answer.replace(call.endpoint.origin, call.trap.origin)


@behaviour("*.create", checks=_CREATING, codes=(1, 5), finds=("DC-HTTP-031",))
def created_things_are_elsewhere(call: Call) -> None:
    """What is created is at another origin, by its href and Location."""
    call.answer.replace(call.endpoint.origin, call.trap.origin)


@behaviour("*.create", checks=_CREATING, codes=(1, 5), finds=("DC-HTTP-031",))
def created_things_are_elsewhere_in_disguise(call: Call) -> None:
    """What is created is at `http://endpoint@elsewhere`, `//elsewhere` and the like."""
    own, other = call.endpoint.origin, call.trap.origin
    disguises = (
        f"{own}@{other.removeprefix('http://')}",
        f"//{other.removeprefix('http://')}",
        f"{other}\\@{own.removeprefix('http://')}",
        f"{own}.{other.removeprefix('http://')}",
    )
    call.answer.replace(own, disguises[call.number % 4])


@behaviour("*.create", checks=_CREATING, codes=(1, 5), finds=("DC-HTTP-028",))
def created_things_are_nowhere(call: Call) -> None:
    """What is created is at an address that is none: port 99999, `http://[`, `file:///etc/passwd`."""
    nowhere = ("http://127.0.0.1:99999", "http://[", "file:///etc", "http://\x00", "gopher://x")
    call.answer.replace(call.endpoint.origin, nowhere[call.number % 5])


@behaviour("*.create", checks=_CREATING, codes=(1, 5))
def created_things_are_above(call: Call) -> None:
    """What is created is at the right origin, but above the base: `/api/../admin`, `/other`."""
    above = (f"{call.endpoint.origin}/api/../admin", f"{call.endpoint.origin}/other")
    call.answer.replace(call.endpoint.url, above[call.number % 2])


def _redirecting(status: int) -> None:
    @behaviour(
        "realms.* keys.*",
        name=f"redirects-with-{status}",
        checks="keys or realms",
        codes=(1,),
        finds=("DC-HTTP-027",),
    )
    def redirects(call: Call) -> None:
        """Requests for realms and keys are redirected to another origin."""
        call.refuse(status, ("Location", call.trap.origin + call.asked.target))


for _status in (301, 302, 303, 307, 308):
    _redirecting(_status)


@behaviour(codes=(3,), report=False, says=("not a Deltacloud entry point",))
def entry_point_redirects(call: Call) -> None:
    """The entry point is redirected to another origin."""
    call.refuse(302, ("Location", call.trap.origin + call.asked.target))


@behaviour("*.destroy instances.stop", checks=_CREATING, codes=(1, 5), left="told")
def removals_redirect(call: Call) -> None:
    """DELETE and stop are redirected to another origin, and do nothing."""
    call.refuse(307, ("Location", call.trap.origin + call.asked.target))


@behaviour("realms.* keys.*", checks="keys or realms", codes=(1,))
def redirects_in_circles(call: Call) -> None:
    """Requests for realms and keys are redirected to themselves."""
    call.refuse(302, ("Location", call.endpoint.origin + call.asked.target))


@behaviour(checks="keys or realms", codes=(0,))
def fields_that_lead_away(call: Call) -> None:
    """Fields of every answer lead elsewhere: Refresh, Link, Alt-Svc, Set-Cookie and others."""
    trap = call.trap.origin
    call.answer.headers += [
        ("Refresh", f"0; url={trap}/"),
        ("Link", f"<{trap}/style.css>; rel=preload; as=style"),
        ("Alt-Svc", f'h2="{trap.removeprefix("http://")}"; ma=86400'),
        ("Content-Location", f"{trap}/api/realms"),
        ("Set-Cookie", "session=tracked; Path=/"),
        ("Strict-Transport-Security", "max-age=31536000"),
        ("Proxy-Authenticate", f'Basic realm="{trap}"'),
        ("Report-To", f'{{"endpoints":[{{"url":"{trap}"}}]}}'),
    ]


@behaviour("realms.* keys.*", checks="keys or realms", codes=(1,))
def asks_for_a_proxy(call: Call) -> None:
    """Requests are answered `305 Use Proxy` and `407 Proxy Authentication Required`."""
    status = (305, 407)[call.number % 2]
    challenge = ("Proxy-Authenticate", 'Basic realm="proxy"')
    call.refuse(status, ("Location", call.trap.origin), challenge)
