"""Requests and responses in the terms of the API: parsing, routing, negotiation, parameters."""
