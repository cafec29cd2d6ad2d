"""The Deltacloud reference server: the whole API on a small cloud that lives in memory.

`create_app` gives the WSGI application, `Server` puts it on a port.
"""

from tck.reference_server.app import Application, create_app
from tck.reference_server.serving import Server

__all__ = ["Application", "Server", "create_app"]
