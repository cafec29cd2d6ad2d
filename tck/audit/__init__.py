"""Auditing clients: watches a server in this process, and judges whoever talks to it."""
