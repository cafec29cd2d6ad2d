"""An HTTP/1.1 server for a WSGI application (RFC 9112).

Every connection has a thread, and there are only so many: a client that sends nothing, or slowly,
holds up nobody, and makes room when others come. The package knows nothing of Deltacloud and
imports nothing of the kit.
"""

from tck.reference_server.http1.connection import Wsgi, date_of
from tck.reference_server.http1.limits import Limits
from tck.reference_server.http1.protocol_error import REFUSAL, ProtocolError
from tck.reference_server.http1.server import HttpServer
from tck.reference_server.http1.tap import Seen, Watch

__all__ = [
    "REFUSAL",
    "HttpServer",
    "Limits",
    "ProtocolError",
    "Seen",
    "Watch",
    "Wsgi",
    "date_of",
]
