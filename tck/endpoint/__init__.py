"""Talking to an endpoint and recording what was said: transport, exchanges, redaction, files."""
