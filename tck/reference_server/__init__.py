"""The Deltacloud reference server: the whole API on a small cloud in memory or in a file.

`create_app` makes the WSGI application, `Server` serves it on a port.
"""

from tck.reference_server.app import Application, create_app
from tck.reference_server.serving import Server

__all__ = ["Application", "Server", "create_app"]
