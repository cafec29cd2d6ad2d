"""Methods of a driver: realms, hardware profiles, images, instances, keys and metrics."""

from __future__ import annotations

from collections.abc import Sequence

from tck.reference_server import resources as r
from tck.reference_server.drivers.interface.caller import Caller, Family, Filters
from tck.reference_server.errors import CapabilityError


class Compute:
    """Methods for realms, hardware profiles, images, instances, keys and metrics."""

    def realms(self, caller: Caller, filters: Filters) -> Sequence[r.Realm]:
        """The places where things can be created; the first is the default. Filter: id."""
        raise CapabilityError

    def hardware_profiles(self, caller: Caller, filters: Filters) -> Sequence[r.HardwareProfile]:
        """The sizes of instances, smallest first. Filters: id, architecture (A187).

        An enumeration fits an architecture that it contains. Called without `authenticate`:
        raise AuthenticationError if the provider has to be asked and the credentials are bad.
        """
        raise CapabilityError

    def images(self, caller: Caller, filters: Filters) -> Sequence[r.Image]:
        """The images that can be listed. Filters: id, architecture, owner_id (A62).

        owner_id is a feature (A28); its value `self` stands for the caller.
        """
        raise CapabilityError

    def image(self, caller: Caller, image_id: str) -> r.Image | None:
        """One image, even one that is not listed; None if there is none (answered with 404)."""
        raise CapabilityError

    def create_image(
        self,
        caller: Caller,
        *,
        instance_id: str,
        name: str | None = None,
        description: str | None = None,
    ) -> r.Image:
        """Make an image of an instance (A65); without a name the driver chooses one.

        NotFoundError: no such instance (T194); ConflictError or ForbiddenError: not of this
        one, which then has `create_image` False (A66).
        """
        raise CapabilityError

    def destroy_image(self, caller: Caller, image_id: str) -> None:
        """Remove an image; instances that were launched from it stay. NotFoundError."""
        raise CapabilityError

    def instances(self, caller: Caller, filters: Filters) -> Sequence[r.Instance]:
        """The caller's instances (A77). Filters: id, state, realm_id (feature realm_filter).

        `state` is compared with the instance's, in upper case. Destroyed instances are left
        out, or shown as FINISH.
        """
        raise CapabilityError

    def create_instance(
        self,
        caller: Caller,
        *,
        image_id: str,
        realm_id: str | None = None,
        hwp_id: str | None = None,
        hwp: Family | None = None,
        firewalls: Family | None = None,
        **features: str,
    ) -> r.Instance | Sequence[r.Instance]:
        """Launch an instance, or several if the feature instance_count asks for them (A36, A88).

        Without `realm_id` and `hwp_id` the driver chooses. `hwp` holds sizes within the profile
        (A50; `sizes.overrides` checks them), `firewalls` ids (A33), `features` the parameters
        of the other features in operations.toml. ValidationError: image, realm or profile does
        not exist, or a size does not fit (stances 34 to 38); then nothing is launched.
        """
        raise CapabilityError

    def start_instance(self, caller: Caller, instance_id: str) -> r.Instance:
        """Start, and return the instance as it is then: RUNNING, or a state on the way (A84).

        NotFoundError (stance 14); MethodNotAllowedError from `require_action` if the state
        does not allow it (stance 13). The same holds for stop, reboot and destroy.
        """
        raise CapabilityError

    def stop_instance(self, caller: Caller, instance_id: str) -> r.Instance:
        """Stop, and return the instance: STOPPED, or a state on the way. Errors as for start."""
        raise CapabilityError

    def reboot_instance(self, caller: Caller, instance_id: str) -> r.Instance:
        """Restart, and return the instance. Errors as for start."""
        raise CapabilityError

    def destroy_instance(self, caller: Caller, instance_id: str) -> None:
        """Destroy. What it had is free or gone, and nothing refers to it (stance 60).

        Errors as for start.
        """
        raise CapabilityError

    def run_on_instance(
        self,
        caller: Caller,
        instance_id: str,
        *,
        cmd: str,
        private_key: str | None = None,
        password: str | None = None,
        ip: str | None = None,
        port: str | None = None,
    ) -> r.RunResult:
        """Run a command over SSH (A85), logged in with the key or the password.

        `ip` and `port` replace the instance's public address and 22. NotFoundError;
        ProviderError if the instance cannot be logged in to (A87).
        """
        raise CapabilityError

    def keys(self, caller: Caller, filters: Filters) -> Sequence[r.Key]:
        """The caller's keys, without their private parts (stance 39). Filter: id."""
        raise CapabilityError

    def create_key(self, caller: Caller, *, name: str, public_key: str | None = None) -> r.Key:
        """A new key with the id `name`, and with `pem`, the private part, this one time (A97).

        With `public_key` (feature import_key, A180) an imported one, without `pem`.
        ForbiddenError or ConflictError: the name is taken (stance 40).
        """
        raise CapabilityError

    def destroy_key(self, caller: Caller, key_id: str) -> None:
        """Remove a key. NotFoundError."""
        raise CapabilityError

    def metrics(self, caller: Caller, filters: Filters) -> Sequence[r.Metric]:
        """One for each instance that is measured, under its id; without samples.

        With the filter id, the one metric with its samples.
        """
        raise CapabilityError
