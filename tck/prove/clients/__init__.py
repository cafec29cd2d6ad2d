"""Clients that are wrong on purpose, and others that are unusual and right: the proof of `DC-CLI`.

A client is a short script of requests, sent over a socket to a reference server. What it sent is
judged as `serve --audit` judges it.
"""
