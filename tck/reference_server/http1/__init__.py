"""An HTTP/1.1 server for a WSGI application (RFC 9112).

One thread waits for requests on all connections and hands those that are complete to worker
threads: a client that sends nothing, or slowly, holds a socket but no thread. The package knows
nothing of Deltacloud and imports nothing of the kit.
"""

from tck.reference_server.http1.connection import Wsgi, date_of
from tck.reference_server.http1.protocol_error import REFUSAL, ProtocolError
from tck.reference_server.http1.server import HttpServer

__all__ = ["REFUSAL", "HttpServer", "ProtocolError", "Wsgi", "date_of"]
