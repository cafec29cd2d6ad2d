"""Key pairs as keys."""

from __future__ import annotations

from collections.abc import Sequence

from tck.reference_server.drivers.base import Caller, Filters
from tck.reference_server.drivers.ec2.account import Ec2Part, exactly, matching
from tck.reference_server.errors import NotFoundError
from tck.reference_server.resources import Key


class Keys(Ec2Part):
    """The id of a key is its name, which is unique in a region."""

    def keys(self, caller: Caller, filters: Filters) -> Sequence[Key]:
        criteria = matching(key_name=filters.get("id"))
        found = self.connection(caller).ec2.describe_key_pairs(Filters=criteria)["KeyPairs"]
        return [
            Key(pair["KeyName"], fingerprint=pair.get("KeyFingerprint"))
            for pair in exactly(found, "KeyName", filters.get("id"))
        ]

    def create_key(self, caller: Caller, *, name: str, public_key: str | None = None) -> Key:
        """EC2 returns the private key this once, and none for an imported key."""
        ec2 = self.connection(caller).ec2
        if public_key:
            created = ec2.import_key_pair(KeyName=name, PublicKeyMaterial=public_key.encode())
        else:
            created = ec2.create_key_pair(KeyName=name)
        self.backoff.wait_for(lambda: self.keys(caller, {"id": name}), bool)
        return Key(name, fingerprint=created["KeyFingerprint"], pem=created.get("KeyMaterial"))

    def destroy_key(self, caller: Caller, key_id: str) -> None:
        """EC2 does not say whether the key existed; this API does (stance 15)."""
        if not self.keys(caller, {"id": key_id}):
            raise NotFoundError
        self.connection(caller).ec2.delete_key_pair(KeyName=key_id)
