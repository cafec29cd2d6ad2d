"""Clients that take answers wrongly: redirects, refusals, what was lost, and time."""

from __future__ import annotations

import re
from functools import partial

from tck.audit.disturbances import busy, dropped, leading_away, lost_create, redirecting
from tck.prove.clients.caller import Caller
from tck.prove.clients.client import Clients

broken = Clients()


@broken("DC-CLI-046", layer=redirecting)
def posts_where_303_leads(c: Caller) -> None:
    """Follows 303 with the same POST."""
    c.entry()
    id_ = c.instance()
    c.post(f"/instances/{id_}/stop")
    c.post(f"/instances/{id_}")


@broken("DC-CLI-046", layer=partial(leading_away, "/moved", "keys", "307 Temporary Redirect"))
def gets_where_307_leads(c: Caller) -> None:
    """Follows 307 with GET."""
    c.entry()
    c.post("/keys", {"name": "k"})
    c.get("/moved/api/keys", at=c.url.removesuffix("/api"))


@broken("DC-CLI-047", layer=lost_create)
def repeats_a_launch(c: Caller) -> None:
    """Launches again when the answer was lost."""
    c.entry()
    c.instance(name="web")
    c.instance(name="web")


@broken("DC-CLI-047", layer=lost_create)
def repeats_a_volume(c: Caller) -> None:
    """Creates a volume again when the answer was lost, after something else."""
    c.entry()
    c.post("/storage_volumes", {"capacity": "1"})
    c.get("/realms")
    c.post("/storage_volumes", {"capacity": "1"})


@broken("DC-CLI-048", layer=partial(busy, 30))
def does_not_wait(c: Caller) -> None:
    """Asks again at once, although Retry-After says otherwise."""
    c.entry()
    c.get("/images")
    c.get("/instances")
    c.get("/instances")


@broken("DC-CLI-048", layer=partial(busy, 30))
def waits_too_short(c: Caller) -> None:
    """Waits a second where thirty were asked for."""
    c.entry()
    c.get("/images")
    c.get("/instances")
    c.wait(1)
    c.get("/instances")


@broken("DC-CLI-049")
def polls_without_a_pause(c: Caller) -> None:
    """Waits for a state by asking as fast as it can."""
    c.entry()
    for _ in range(30):
        c.get("/instances/inst0")


@broken("DC-CLI-049")
def polls_four_times_a_second(c: Caller) -> None:
    """Asks for a list four times a second."""
    c.entry()
    for _ in range(60):
        c.get("/images")
        c.wait(0.25)


@broken("DC-CLI-050", "DC-CLI-042")
def destroys_until_it_works(c: Caller) -> None:
    """Destroys a running instance again and again."""
    c.entry()
    id_ = c.instance()
    for _ in range(4):
        c.delete(f"/instances/{id_}")


@broken("DC-CLI-051", "DC-CLI-019")
def repeats_what_was_malformed(c: Caller) -> None:
    """Sends a request that lacks a parameter again and again."""
    c.entry()
    for _ in range(4):
        c.post("/keys", {})


@broken("DC-CLI-051", "DC-CLI-004")
def insists_on_a_format(c: Caller) -> None:
    """Asks again and again for what cannot be given."""
    c.entry()
    for _ in range(4):
        c.get("/realms", fields={"Accept": "image/png"})


@broken("DC-CLI-052", "DC-CLI-042")
def stops_twice(c: Caller) -> None:
    """Stops an instance again because it does not stop at once."""
    c.entry()
    id_ = c.instance()
    c.post(f"/instances/{id_}/stop")
    c.post(f"/instances/{id_}/stop")


@broken("DC-CLI-053")
def stops_what_is_gone(c: Caller) -> None:
    """Attaches a volume that it has destroyed."""
    c.entry()
    id_ = c.post("/storage_volumes", {"capacity": "1"}).id
    c.delete(f"/storage_volumes/{id_}")
    c.post(f"/storage_volumes/{id_}/attach", {"instance_id": "inst0", "device": "/dev/sdc"})


@broken("DC-CLI-054", layer=partial(leading_away, "http://elsewhere.test"))
def does_not_follow(c: Caller) -> None:
    """Asks again and again for what has moved."""
    c.entry()
    for _ in range(4):
        c.get("/realms")


# ---------------------------------------------------------------- how it ends


def _read_strictly(text: str, known: set[str]) -> None:
    unknown = set(re.findall(r"<(\w+)", text)) - known
    if unknown:
        raise ValueError(f"unknown elements: {unknown}")


@broken("DC-CLI-055", variants=("extra-elements",))
def fails_at_unknown_elements(c: Caller) -> None:
    """Reads documents strictly, and fails at an element that it does not know."""
    c.entry()
    _read_strictly(c.get("/realms").body, {"realms", "realm", "name", "state", "limit"})


@broken("DC-CLI-055", variants=("ids-uuid",))
def expects_ids_of_one_form(c: Caller) -> None:
    """Takes ids apart that are of another form elsewhere."""
    c.entry()
    for id_ in re.findall(r'<instance [^>]*\bid="([^"]+)"', c.get("/instances").body):
        int(id_.removeprefix("inst"))


@broken("DC-CLI-056", layer=partial(busy, 1))
def fails_at_503(c: Caller) -> None:
    """Takes it for the end that the endpoint is busy."""
    c.entry()
    for path in ("/images", "/realms", "/keys"):
        if c.get(path).status != 200:
            raise ValueError(path)


@broken("DC-CLI-056", layer=dropped)
def fails_at_a_broken_connection(c: Caller) -> None:
    """Does not open a connection again that broke."""
    c.entry()
    if not c.get("/images").status:
        raise ConnectionError


@broken("DC-CLI-057")
def crashes(c: Caller) -> None:
    """Is ended by a signal, in the middle."""
    c.entry()
    raise SystemExit(-11)
