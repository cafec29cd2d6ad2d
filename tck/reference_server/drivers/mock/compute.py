"""Realms, sizes, images and keys of the mock."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from tck.reference_server.drivers.base import Caller, Filters
from tck.reference_server.drivers.mock.backend import Backend, by_id, matching, usable_id
from tck.reference_server.drivers.mock.instances import Instances
from tck.reference_server.errors import (
    ApiError,
    BackendError,
    ForbiddenError,
    NotFoundError,
    NotSupportedError,
    ProviderError,
    ProviderTimeoutError,
    ValidationError,
)
from tck.reference_server.resources import HardwareProfile, Image, Key, Realm


class Compute(Instances, Backend):
    """What instances are made of, and what people log in with."""

    def realms(self, caller: Caller, filters: Filters) -> Sequence[Realm]:
        if failure := _FAILURES.get(filters.get("id", "")):
            raise failure[0](failure[1])
        with self.objects_of(caller) as tx:
            return by_id(tx.all(Realm), filters)

    def hardware_profiles(self, caller: Caller, filters: Filters) -> Sequence[HardwareProfile]:
        """Sorted by cpu, then memory; those without them are last."""
        profiles = by_id(self.shape.hardware_profiles, filters)
        if architecture := filters.get("architecture"):
            profiles = [p for p in profiles if _includes(p, "architecture", architecture)]
        return sorted(profiles, key=_size)

    def images(self, caller: Caller, filters: Filters) -> Sequence[Image]:
        if filters.get("owner_id") == "self":
            filters = {**filters, "owner_id": caller.user}
        with self.objects_of(caller) as tx:
            found = matching(
                tx.all(Image), filters, id="id", architecture="architecture", owner_id="owner_id"
            )
        return sorted(found, key=lambda image: (image.owner_id, image.description or ""))

    def image(self, caller: Caller, image_id: str) -> Image | None:
        with self.objects_of(caller) as tx:
            return tx.get(Image, image_id)

    def create_image(
        self,
        caller: Caller,
        *,
        instance_id: str,
        name: str | None = None,
        description: str | None = None,
    ) -> Image:
        """The name is also the id while it is free; an image is never overwritten."""
        with self.objects_of(caller) as tx:
            instance = self.instance_record(tx, instance_id)
            if instance is None:
                raise NotFoundError(f"There is no instance {instance_id!r}.")
            if not instance.create_image:
                raise ForbiddenError("CreateImageNotSupported")
            image_id = usable_id(name) if name else None
            if image_id is None or tx.get(Image, image_id) is not None:
                image_id = self.new_id(tx, Image, f"{image_id or 'image'}_")
            image = Image(
                image_id,
                name=name or image_id,
                owner_id="root",
                architecture="i386",
                description=description,
                creation_time=self.now(),
                hardware_profiles=tuple(p.id for p in self.shape.hardware_profiles),
            )
            tx.put(image)
            return image

    def destroy_image(self, caller: Caller, image_id: str) -> None:
        with self.objects_of(caller) as tx:
            if tx.remove(Image, image_id) is None:
                raise NotFoundError

    def keys(self, caller: Caller, filters: Filters) -> Sequence[Key]:
        with self.objects_of(caller) as tx:
            return by_id(tx.all(Key), filters)

    def create_key(self, caller: Caller, *, name: str, public_key: str | None = None) -> Key:
        """The private key is only in this answer, and not kept (stance 39)."""
        with self.objects_of(caller) as tx:
            if tx.get(Key, usable_id(name)) is not None:
                raise ForbiddenError("Key with same name already exists")
            pem = None
            if public_key and self.shape.announces("keys", "import_key"):
                key = Key(name, fingerprint=_fingerprint(public_key))
            else:
                pem, private = _private_key(self.conditions.chance)
                key = Key(name, fingerprint=":".join(f"{b:02x}" for b in private))
            tx.put(key)
        return replace(key, pem=pem)

    def destroy_key(self, caller: Caller, key_id: str) -> None:
        with self.objects_of(caller) as tx:
            if tx.remove(Key, key_id) is None:
                raise NotFoundError


# Ids of realms that fail on purpose, so that authors of clients can try what then happens.
_FAILURES: dict[str, tuple[type[ApiError], str]] = {
    "500": (BackendError, "DeltacloudErrorMessage"),
    "501": (NotSupportedError, "NotImplementedMessage"),
    "502": (ProviderError, "ProviderErrorMessage"),
    "504": (ProviderTimeoutError, "ProviderTimeoutMessage"),
}


def _includes(profile: HardwareProfile, name: str, value: str) -> bool:
    dimension = profile.property(name)
    return dimension is not None and value in (dimension.values or (dimension.value,))


def _size(profile: HardwareProfile) -> tuple[float, float]:
    cpu, memory = profile.property("cpu"), profile.property("memory")
    last = float("inf")
    if cpu is None or memory is None:
        return last, last
    return float(cpu.value), float(memory.value)


def _private_key(chance: Callable[[int], bytes]) -> tuple[str, bytes]:
    """Random bytes in the form of a private key, and a digest for its public half."""
    lines = re.findall(".{1,64}", base64.b64encode(chance(1191)).decode())
    begin, end = (f"-----{word} RSA PRIVATE KEY-----" for word in ("BEGIN", "END"))
    return "\n".join((begin, *lines, end)), chance(20)


def _fingerprint(public_key: str) -> str:
    """MD5 of the key's bytes, as ssh-keygen shows it; the key is `type base64 comment`."""
    fields = public_key.split()
    try:
        blob = base64.b64decode(fields[min(1, len(fields) - 1)], validate=True)
    except (IndexError, binascii.Error, ValueError):
        raise ValidationError("public_key is not a public key.") from None
    return hashlib.md5(blob, usedforsecurity=False).digest().hex(":")
