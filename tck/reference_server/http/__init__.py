"""Requests and answers as the API sees them: parsing, routing, negotiation, parameters."""
