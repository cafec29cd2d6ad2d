"""Clients that are right when something goes wrong between them and the endpoint."""

from __future__ import annotations

from functools import partial

from tck.audit.disturbances import (
    busy,
    dropped,
    expired,
    lost_create,
    other_hrefs,
    redirecting,
    refused_action,
)
from tck.prove.clients.caller import Caller
from tck.prove.clients.client import Clients

right = Clients()


@right(layer=lost_create)
def looks_after_a_lost_answer(c: Caller) -> None:
    """Looks at the list when the answer to a create was lost, and then creates again."""
    c.entry()
    c.post("/keys", {"name": "k"})
    c.get("/keys")
    c.post("/keys", {"name": "k2"})
    c.get("/keys/k")
    c.post("/keys", {"name": "k"})


@right(layer=dropped)
def repeats_a_read(c: Caller) -> None:
    """Repeats a GET whose connection broke, at once."""
    c.entry()
    c.get("/images")
    c.get("/images")
    c.get("/instances")


@right(layer=partial(busy, 5))
def waits_as_told(c: Caller) -> None:
    """Waits as long as Retry-After says, also before a write."""
    c.entry()
    c.get("/images")
    c.post("/keys", {"name": "k"})
    c.wait(5)
    c.post("/keys", {"name": "k"})


@right(layer=partial(busy, 60))
def asks_for_something_else(c: Caller) -> None:
    """Goes on with something else when it is told to wait."""
    c.entry()
    c.get("/images")
    c.get("/realms")
    c.get("/instances")
    c.get("/keys")


@right(layer=redirecting)
def follows_303(c: Caller) -> None:
    """Follows 303 with GET."""
    c.entry()
    id_ = c.instance()
    c.post(f"/instances/{id_}/stop")
    c.get(f"/instances/{id_}")


@right(layer=redirecting)
def ignores_303(c: Caller) -> None:
    """Does not follow a redirect, and looks at the list."""
    c.entry()
    id_ = c.instance()
    c.post(f"/instances/{id_}/stop")
    c.get("/instances")


@right(layer=refused_action)
def looks_after_405(c: Caller) -> None:
    """Looks at an object whose action was refused, and tries again if it is offered."""
    c.entry()
    id_ = c.instance()
    c.post(f"/instances/{id_}/stop")
    c.get(f"/instances/{id_}")
    c.post(f"/instances/{id_}/stop")


@right(layer=expired)
def stops_when_credentials_expire(c: Caller) -> None:
    """Tries once more when its credentials are refused, and gives up."""
    c.entry()
    for path in ("/images", "/realms", "/instances", "/keys", "/keys"):
        c.get(path)


@right(elsewhere=True)
def goes_elsewhere_without_credentials(c: Caller) -> None:
    """Follows a redirect to another origin, and leaves its credentials at home."""
    c.entry()
    c.get("/realms")
    c.get("/realms", at=c.others["elsewhere"], auth=False)


@right(layer=partial(other_hrefs, "keys", folder="/accounts/1"))
def follows_hrefs(c: Caller) -> None:
    """Asks for a collection where it was told that it is."""
    c.entry()
    c.get("/accounts/1/keys")


@right(layer=partial(other_hrefs, "images", "?view=all"))
def keeps_the_query(c: Caller) -> None:
    """Uses a URL with the query that it was given with, and adds to it."""
    c.entry()
    c.get("/images?view=all")
    c.get("/images?view=all&architecture=i386")


@right(layer=redirecting)
def destroys_without_following(c: Caller) -> None:
    """Does not follow 303 of a stop, and destroys the instance at the place where it led."""
    c.entry()
    id_ = c.instance()
    c.post(f"/instances/{id_}/stop")
    c.delete(f"/instances/{id_}")


@right(layer=partial(redirecting, "307 Temporary Redirect"))
def looks_where_307_leads(c: Caller) -> None:
    """Does not follow 307, and looks at the instance, which it knew."""
    c.entry()
    id_ = c.instance()
    c.post(f"/instances/{id_}/stop")
    c.get(f"/instances/{id_}")


@right(layer=lost_create)
def repeats_what_can_be_done_once(c: Caller) -> None:
    """Creates a key again when the answer was lost: there cannot be two of one name."""
    c.entry()
    c.post("/keys", {"name": "k"})
    c.post("/keys", {"name": "k"})


@right(layer=lost_create)
def launches_again_later(c: Caller) -> None:
    """Launches again ten minutes after an answer was lost, as somebody decided."""
    c.entry()
    c.instance()
    c.wait(600)
    c.instance()
