"""Checks: scenarios that drive an endpoint, one module for each collection or subject."""
