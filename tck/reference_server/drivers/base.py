"""The driver interface: what a driver implements, and the rules that all of its methods share.

The frontend (`app.py`, `handlers.py`) understands HTTP and the API, a driver understands a cloud.
`interface/` has the methods, `resources.py` what they return, `errors.py` what they raise,
`shape.py` what a driver declares. docs/write-a-driver.md leads through an example.

Which methods. A method has the name of the operation's capability in operations.toml. Exceptions:
`blob` also needs `blob_content`, `init_segmented_blob` also `blob_segment` and
`create_blob_from_segments`, `associate_address` also `disassociate_address`;
`instance_state_machine` has no method, the frontend answers it from the shape. Implement those of
the capabilities that the shape declares; the frontend refuses all others with 412 (stance 9) and
calls none of their methods.

How they are called. `method(caller, *ids of the path, **parameters)`, from several threads at the
same time, and after `authenticate` has accepted the caller (hardware_profiles: without it). Ids are
decoded; a blob's id may hold slashes. Parameters are texts as they were sent. The frontend has
checked that required ones are there and not empty (stance 8), and that XML can carry them, nothing
else: types, ranges and references are the driver's to check. One that was not sent is not passed.
Parameters of features are passed whether or not the shape announces the feature.

Indexes. An index gets `filters`, all query parameters of the request. It returns only objects whose
attribute equals the filter's value, for the filters that its description names, and ignores the
others. Every index but that of load_balancers knows `id`: one object is shown by asking for
`{"id": ...}`. No match is an empty sequence, never None and never an error. The order is the
driver's, and the same every time.

What they return. Values of `resources.py`; ids as other methods take them. What was created or
changed is returned as it is then, and must be found by the methods that read. What a method
returns for an operation without a document (destroy, associate) is ignored.

What they raise. Subclasses of `errors.ApiError`, with a message for the client:
`ValidationError` (400) if a parameter is nonsense or refers to nothing, `NotFoundError` (404) if an
id of the path does, `ConflictError` (409) or `ForbiddenError` (403) if what is there does not allow
it. Any method may raise `AuthenticationError` (401) or `ForbiddenError` if the provider refuses the
caller, `ProviderError` (502), `ProviderTimeoutError` (504) and `NotSupportedError` (501). Any other
exception is a defect of the driver: it is logged, and answered with 500. A method that raises has
changed nothing.
"""

from __future__ import annotations

from tck.reference_server.content import Shelf
from tck.reference_server.drivers.interface.caller import Caller, Family, Filters
from tck.reference_server.drivers.interface.compute import Compute
from tck.reference_server.drivers.interface.network import Network
from tck.reference_server.drivers.interface.storage import Storage
from tck.reference_server.drivers.shape import Shape
from tck.reference_server.errors import MethodNotAllowedError

__all__ = ["Caller", "Driver", "Family", "Filters"]


class Driver(Compute, Storage, Network):
    """Base class: every method raises CapabilityError.

    Subclasses override the methods that their shape declares.

    `shelf` receives the bytes of uploads on their way to the driver; by default in memory or in
    files without a name, of any size. A driver may replace it.
    """

    shelf = Shelf()

    def __init__(self, shape: Shape) -> None:
        """`shape`: what the driver declares; its id is the driver's name in URLs."""
        self.shape = shape

    def authenticate(self, caller: Caller) -> None:
        """Raise AuthenticationError if the provider would refuse the credentials (A177).

        Called before each operation that needs credentials, and for `force_auth` (C6).
        """

    def require_action(self, state: str, action: str) -> str:
        """The state, in lower case, to which an action leads from `state`.

        `action`: start, stop, reboot or destroy. MethodNotAllowedError if the shape's machine
        does not allow it (stance 13).
        """
        to = self.shape.machine.after(state, action) if self.shape.machine else None
        if to is None:
            raise MethodNotAllowedError
        return to
