"""The conformance suite for the chat surface of the Neo Public API."""

__version__ = "0.1.0"
