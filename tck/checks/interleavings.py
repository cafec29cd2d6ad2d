"""Checks that interleave operations on several resources, each step against a model."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tck.checks.addresses import holder_of
from tck.checks.buckets import bucket
from tck.checks.storage_volumes import mount_of
from tck.checks.support import instances, life
from tck.checks.support.answers import ids_at
from tck.checks.support.check import check
from tck.checks.support.cloud import Cloud
from tck.checks.support.generated import ANY, Interleaved, choose, explore
from tck.checks.support.verify import Verify
from tck.safety.resource import Resource

_SHARE = 3
# One for each volume: a cloud may refuse a second volume at a device of the same instance.
DEVICES = ("/dev/sdf", "/dev/sdg", "/dev/sdh")


class Possessions(Interleaved):
    """Volumes or addresses that pass between instances: the model is who has which.

    `give` and `take` are the actions; `gives`, `takes` and `destroys` the requirements on them.
    """

    collection: str
    give, take = "", ""
    gives, takes, destroys = "", "", ""
    holders: tuple[Resource, ...]
    most = len(DEVICES)

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.owner: dict[str, str | None] = {}
        self.things: dict[str, Resource] = {}
        self.devices: dict[str, str] = {}

    @precondition(lambda self: len(self.things) < self.most)
    @rule()
    def create(self) -> None:
        """One more, free."""
        _, thing = life.create(self.cloud, self.verify, self.gives, self.collection, {})
        life.wait_until_ready(self.cloud, thing)
        taken = {self.devices[id_] for id_ in self.things}
        self.devices[thing.id] = next(device for device in DEVICES if device not in taken)
        self.things[thing.id], self.owner[thing.id] = thing, None
        self._agree(self.gives, self.take)

    @precondition(lambda self: None in self.owner.values())
    @rule(what=ANY, whom=ANY)
    def give_away(self, what: int, whom: int) -> None:
        """A free one goes to an instance."""
        id_ = choose([id_ for id_, owner in self.owner.items() if owner is None], what)
        holder = choose(self.holders, whom)
        target = self.cloud.path(self.collection, id_, action=self.give)
        form = {"instance_id": holder.id}
        if self.collection == "storage_volumes":
            form["device"] = self.devices[id_]
        x = self.cloud.post(target, form)
        self.verify.accepted(self.gives, x)
        self.owner[id_] = holder.id
        self._agree(self.gives, self.give)

    @precondition(lambda self: any(self.owner.values()))
    @rule(what=ANY)
    def take_back(self, what: int) -> None:
        """One that is held becomes free."""
        id_ = choose([id_ for id_, owner in self.owner.items() if owner], what)
        x = self.cloud.post(self.cloud.path(self.collection, id_, action=self.take))
        self.verify.accepted(self.takes, x)
        self.owner[id_] = None
        self._agree(self.takes, self.take)

    @precondition(lambda self: None in self.owner.values())
    @rule(what=ANY)
    def destroy(self, what: int) -> None:
        """A free one is destroyed; the others stay as they are."""
        id_ = choose([id_ for id_, owner in self.owner.items() if owner is None], what)
        life.destroy(self.cloud, self.verify, self.destroys, self.things.pop(id_))
        del self.owner[id_]
        self._agree(self.destroys, "destroy")

    def teardown(self) -> None:
        """Take back what is held, so that it can be destroyed; the holders stay."""
        for id_ in (id_ for id_, owner in self.owner.items() if owner):
            self.cloud.post(self.cloud.path(self.collection, id_, action=self.take))
        super().teardown()

    def _agree(self, requirement: str, action: str) -> None:
        """Everything of the model is, after an action, as the endpoint shows it."""
        read = mount_of if self.collection == "storage_volumes" else holder_of
        for id_, owner in self.owner.items():
            x = instances.wait_until_shows(
                self.cloud, self.verify, requirement, self.things[id_], action, read, owner
            )
            self.verify.equal(requirement, f"holder of {id_}", owner, read(x), x=x)


def _explore_possessions(cloud: Cloud, verify: Verify, **members: object) -> None:
    """Let things pass between two instances; `members` are those of Possessions."""
    holders = tuple(instances.launch_running(cloud, verify)[0] for _ in range(2))
    explore(Possessions, _SHARE, cloud=cloud, verify=verify, holders=holders, **members)


@check(
    "DC-VOL-011",
    "DC-VOL-012",
    "DC-VOL-018",
    needs=("storage_volumes", "instances", "images"),
    writes=True,
)
def test_volumes_between_instances(cloud: Cloud, verify: Verify) -> None:
    """Several volumes pass between two instances, and nothing else changes."""
    _explore_possessions(
        cloud,
        verify,
        collection="storage_volumes",
        give="attach",
        take="detach",
        gives="DC-VOL-011",
        takes="DC-VOL-012",
        destroys="DC-VOL-018",
    )


@check(
    "DC-ADR-006",
    "DC-ADR-008",
    "DC-ADR-012",
    needs=("addresses", "instances", "images"),
    writes=True,
)
def test_addresses_between_instances(cloud: Cloud, verify: Verify) -> None:
    """Several addresses pass between two instances; each instance has at most one here."""
    _explore_possessions(
        cloud,
        verify,
        collection="addresses",
        give="associate",
        take="disassociate",
        gives="DC-ADR-006",
        takes="DC-ADR-008",
        destroys="DC-ADR-012",
        most=1,
    )


class Shelves(Interleaved):
    """Blobs in two buckets: the model is the bytes under each name."""

    shelves: tuple[Resource, ...]

    def __init__(self) -> None:
        """Begin with empty buckets."""
        super().__init__()
        self.content: dict[tuple[str, str], bytes] = {}
        self.blobs: dict[tuple[str, str], Resource] = {}

    @rule(shelf=st.integers(0, 1), name=st.sampled_from("abc"), content=st.binary(max_size=64))
    def put(self, shelf: int, name: str, content: bytes) -> None:
        """Store or overwrite."""
        where = self.shelves[shelf]
        x, blob = self.cloud.store_blob(where, f"tck-{name}", content)
        if x.status in life.NOT_OFFERED:
            self.verify.inconclusive("the endpoint does not store blobs")
        self.verify.accepted("DC-BLB-007", x)
        blob = self.verify.need(blob, "no blob was stored")
        self.content[where.id, blob.id], self.blobs[where.id, blob.id] = content, blob
        self._agree("DC-BLB-007")

    @precondition(lambda self: self.content)
    @rule(what=ANY)
    def delete(self, what: int) -> None:
        """Delete one; the others stay."""
        key = choose(list(self.content), what)
        life.destroy(self.cloud, self.verify, "DC-BLB-016", self.blobs.pop(key))
        del self.content[key]
        self._agree("DC-BLB-016")

    def _agree(self, requirement: str) -> None:
        """Every bucket lists its blobs, and every blob has its bytes."""
        for where in self.shelves:
            stored = sorted(blob for bucket_, blob in self.content if bucket_ == where.id)
            x = self.cloud.get(where.href)
            self.verify.equal("DC-BKT-004", f"blobs of {where.id}", stored, ids_at(x, "blob"), x=x)
        for key, content in self.content.items():
            x = self.cloud.get(self.blobs[key].href + "/content", format=None)
            self.verify.equal(requirement, "/".join(key), content, x.body, x=x)


@check("DC-BKT-004", "DC-BLB-007", "DC-BLB-016", needs="buckets", writes=True)
def test_blobs_in_two_buckets(cloud: Cloud, verify: Verify) -> None:
    """The same names in two buckets, stored, overwritten and deleted in any order."""
    shelves = tuple(bucket(cloud, verify) for _ in range(2))
    explore(Shelves, _SHARE, cloud=cloud, verify=verify, shelves=shelves)
