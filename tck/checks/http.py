"""Checks of HTTP as such: safe methods, HEAD, OPTIONS, entity-tags, paths."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tck.checks.buckets import bucket, stored
from tck.checks.support import instances
from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.shared import content, need_shown, skip_unless_listed
from tck.checks.support.verify import Verify
from tck.endpoint.exchange import Exchange
from tck.rules.judgement import is_refusal
from tck.schemas.operations import API

# Measurements change by themselves; everything else stays as it is until somebody acts.
STEADY = tuple(name for name in API.top_level if name != "metrics")
# How often a difference must show before the endpoint is blamed, and not another user.
_ATTEMPTS = 5
# How often safe requests must have changed a collection that others leave alone, of how many tries.
_ROUNDS, _MOST_ROUNDS = 3, 12


def _steady_pair(cloud: Cloud, verify: Verify, target: str) -> tuple[Exchange, Exchange]:
    """Two successful GETs of one target, one right after the other."""
    first, second = cloud.get(target), cloud.get(target)
    if first.status != 200 or second.status != 200:
        verify.inconclusive(f"GET of {target or 'the entry point'} does not answer 200")
    return first, second


@check("DC-HTTP-045", "DC-HTTP-020")
@pytest.mark.parametrize("collection", STEADY)
def test_repeated_get_is_stable(cloud: Cloud, verify: Verify, collection: str) -> None:
    """Two GETs with nothing in between give the same document and the same ETag.

    On a shared cloud somebody else may act, so a difference must show every time.
    """
    for _ in range(_ATTEMPTS):
        first, second = _steady_pair(cloud, verify, cloud.path(collection))
        if content(first) == content(second):
            break
    _judge_same(verify, "DC-HTTP-045", first, second)
    tags = first.headers.get("ETag"), second.headers.get("ETag")
    if any(tags) and first.body == second.body:
        verify.equal("DC-HTTP-020", "ETag", *tags, x=second)


@check("DC-HTTP-020", needs="keys", writes=True)
def test_changed_document_has_another_tag(cloud: Cloud, verify: Verify) -> None:
    """The list of keys has another ETag once there is another key."""
    before = cloud.index("keys")
    _, key = cloud.create("keys", {"name": cloud.new_name()})
    if key is None:
        verify.inconclusive("no key could be created")
    _judge_tags(verify, before, cloud.index("keys"))


@check("DC-HTTP-020", needs="buckets", writes=True)
def test_changed_bucket_has_another_tag(cloud: Cloud, verify: Verify) -> None:
    """A bucket has another ETag once there is a blob in it."""
    where = bucket(cloud, verify)
    before = cloud.get(where.href)
    stored(cloud, verify, where)
    _judge_tags(verify, before, cloud.get(where.href))


@check("DC-HTTP-020", needs=("instances", "images"), writes=True)
def test_changed_instance_has_another_tag(cloud: Cloud, verify: Verify) -> None:
    """An instance has another ETag once it is stopped."""
    instance, before = instances.launch_running(cloud, verify)
    if "stop" not in instances.links(before):
        verify.inconclusive("a running instance cannot be stopped")
    after = instances.follow_to_rest(cloud, verify, instance, before, "stop")
    _judge_tags(verify, before, after)


def _judge_same(verify: Verify, requirement: str, first: Exchange, second: Exchange) -> None:
    """Two answers have the same content, whatever the order of its parts."""
    ok = content(first) == content(second)
    verify.holds(requirement, "body", "the same document", second.body, ok, x=second)


def _judge_tags(verify: Verify, before: Exchange, after: Exchange) -> None:
    """Two documents of one object that differ have entity-tags that differ."""
    tags = before.headers.get("ETag"), after.headers.get("ETag")
    if not (before.ok and after.ok) or before.body == after.body or not all(tags):
        verify.inconclusive("the document did not change, or has no ETag")
    verify.holds("DC-HTTP-020", "ETag", "another ETag", tags[1], tags[0] != tags[1], x=after)


@check("DC-HTTP-019")
@pytest.mark.parametrize("target", ["", "/realms", "/instance_states"])
def test_if_none_match(cloud: Cloud, verify: Verify, target: str) -> None:
    """If-None-Match with the current ETag is answered 304, with another ETag 200."""
    skip_unless_listed(cloud, target)
    for _ in range(_ATTEMPTS):
        tag = cloud.get(target).headers.get("ETag")
        if not tag:
            verify.inconclusive("the answer has no ETag")
        x = cloud.get(target, headers={"If-None-Match": tag})
        if x.status == 304 or x.headers.get("ETag") in (tag, ""):
            break
    else:
        verify.inconclusive("the document changed all the time")
    verify.status("DC-HTTP-019", x, 304, why=f"If-None-Match: {tag}")
    other = cloud.get(target, headers={"If-None-Match": '"no-such-tag"'})
    verify.accepted("DC-HTTP-019", other, why="another ETag")


@check("DC-HTTP-021", "DC-HTTP-022", "DC-HTTP-011")
@pytest.mark.parametrize("target", ["", *(f"/{name}" for name in API.top_level)])
def test_head_is_get_without_content(cloud: Cloud, verify: Verify, target: str) -> None:
    """HEAD has the status, Content-Type and ETag that GET would have."""
    skip_unless_listed(cloud, target)
    got, head = cloud.get(target), cloud.request("HEAD", target)
    verify.equal("DC-HTTP-021", "status", got.status, head.status, x=head)
    verify.equal("DC-HTTP-021", "Content-Type", got.media_type, head.media_type, x=head)
    tags = {cloud.get(target).headers.get("ETag") for _ in range(2)}
    if (tag := got.headers.get("ETag")) and tags == {tag}:
        verify.equal("DC-HTTP-022", "ETag", tag, head.headers.get("ETag"), x=head)


@check("DC-HTTP-021")
@pytest.mark.parametrize("collection", API.top_level)
def test_head_of_an_unknown_member(cloud: Cloud, verify: Verify, collection: str) -> None:
    """HEAD of what does not exist answers as GET does."""
    target = cloud.path(collection, cloud.unknown_id())
    got, head = cloud.get(target), cloud.request("HEAD", target)
    verify.equal("DC-HTTP-021", "status", got.status, head.status, x=head)


@check("DC-HTTP-025", "DC-HTTP-024")
@pytest.mark.parametrize("collection", API.top_level)
def test_options(cloud: Cloud, verify: Verify, collection: str) -> None:
    """OPTIONS of a collection and of a member names the methods in Allow."""
    cloud.request("OPTIONS", "")
    x = cloud.request("OPTIONS", cloud.path(collection))
    allowed = {method.strip() for method in x.headers.get("Allow").split(",")}
    verify.contains("DC-HTTP-025", "Allow", "GET", allowed, x=x)
    if "show" in API.collections[collection].operations:
        for member in cloud.members(collection)[:1]:
            x = cloud.request("OPTIONS", cloud.path(collection, member.id))
            allow = x.headers.all("Allow")
            got, ok = {"status": x.status, "Allow": allow}, x.ok and bool(allow)
            verify.holds("DC-HTTP-025", "Allow", "2xx with Allow", got, ok, x=x)


@check("DC-HTTP-032")
@pytest.mark.parametrize("collection", STEADY)
def test_safe_methods_change_nothing(cloud: Cloud, verify: Verify, collection: str) -> None:
    """GET, HEAD and OPTIONS, even of action URLs, leave a collection as it was.

    Somebody else may act, as other processes of this run do. So a difference must show every time,
    and it counts only where the collection stays as it is while nothing is asked of it.
    """
    target = cloud.path(collection)
    counted = 0
    for _ in range(_MOST_ROUNDS):
        paths = _paths_of_a_member(cloud, collection)
        if counted and not paths:
            break  # there is nothing left to try it on again
        x, changed = _first_that_changes(cloud, target, [target, *paths])
        if not changed:
            break
        counted += _is_left_alone(cloud, target)
        if counted == _ROUNDS:
            break
    else:
        verify.inconclusive(f"others change {collection} all the time")
    got = f"another one after {x.request.url}" if changed else None
    verify.absent("DC-HTTP-032", "body", "the same document", got, x=x)


def _first_that_changes(cloud: Cloud, target: str, paths: list[str]) -> tuple[Exchange, bool]:
    """The first safe request after which the collection at `target` was different, or the last.

    It is read after each path: what GET of `stop` does, GET of `start` could undo.
    """
    before = content(cloud.get(target))
    for path in paths:
        for method in ("GET", "HEAD", "OPTIONS"):
            x = cloud.request(method, path)
        if content(cloud.get(target)) != before:
            return x, True
    return x, False


def _is_left_alone(cloud: Cloud, target: str) -> bool:
    """True if a collection does not change while other things are asked for."""
    before = content(cloud.get(target))
    for _ in range(_ROUNDS):
        for _ in range(_ROUNDS):
            cloud.get("")
        if content(cloud.get(target)) != before:
            return False
    return True


def _paths_of_a_member(cloud: Cloud, collection: str) -> list[str]:
    """Paths of every operation on the first member."""
    paths = [
        op.path.replace("{id}", quote(member.id, safe=""))
        for member in cloud.members(collection)[:1]
        for op in API.collections[collection].operations.values()
    ]
    return [path for path in dict.fromkeys(paths) if "{" not in path]


@check("DC-HTTP-033")
@pytest.mark.parametrize("target", ["/tck_no_such_collection", "/tck_no_such_collection/id"])
def test_unknown_path(cloud: Cloud, verify: Verify, target: str) -> None:
    """A path that the API does not have is answered 404."""
    need_shown(cloud, verify, "")
    verify.status("DC-HTTP-033", cloud.get(target), 404)


@check("DC-HTTP-034", writes=True)
@pytest.mark.parametrize(
    ("method", "target"),
    [("PUT", "/realms"), ("PATCH", "/realms"), ("POST", "/realms"), ("PUT", "")],
)
def test_method_not_offered(cloud: Cloud, verify: Verify, method: str, target: str) -> None:
    """A method that a path does not have is refused, and not with a failure of the server.

    DELETE is not tried: on a wrong endpoint it might destroy what is not ours.
    """
    skip_unless_listed(cloud, target)
    need_shown(cloud, verify, target)
    verify.status("DC-HTTP-034", cloud.request(method, target), 405, 404, 501)


@check("DC-HTTP-035")
@pytest.mark.parametrize("collection", API.top_level)
def test_empty_id(cloud: Cloud, verify: Verify, collection: str) -> None:
    """A member path with an empty id shows the collection or is refused; it shows no member."""
    x = cloud.get(cloud.path(collection) + "/")
    listed = x.ok and x.xml is not None and x.xml.tag == API.collections[collection].document
    ok = not x.ok or listed
    verify.holds("DC-HTTP-035", "status", "404, or the collection", x.status, ok, x=x)


@check("DC-HTTP-037")
@pytest.mark.parametrize("target", ["", *(f"/{name}" for name in STEADY)])
def test_unknown_query_parameter(cloud: Cloud, verify: Verify, target: str) -> None:
    """Unknown query parameters make no difference: jQuery adds `_=…` to every request."""
    skip_unless_listed(cloud, target)
    plain = cloud.get(target)
    x = cloud.get(target, params={"_": "1258466", "tck_unknown": "1"})
    verify.equal("DC-HTTP-037", "status", plain.status, x.status, x=x)
    _judge_same(verify, "DC-HTTP-037", plain, x)


@check("DC-HTTP-042")
@pytest.mark.parametrize(
    "tail",
    ["a" * 2000, "..%2f..%2fetc", "%00", "%ff%fe", "a%20b%3Cc%3E", "%E9%9B%B2", "*", "a;b=c"],
    ids=["long", "dots", "nul", "no-utf8", "markup", "cloud", "star", "matrix"],
)
def test_strange_ids(cloud: Cloud, verify: Verify, tail: str) -> None:
    """An id of any form is refused with 4xx, and does not make the server fail."""
    targets = [f"{cloud.path(collection)}/{tail}" for collection in cloud.declared_collections()]
    for target in targets:
        x = cloud.get(target)
        verify.holds("DC-HTTP-042", "status", "4xx", x.status or x.failure, is_refusal(x), x=x)
