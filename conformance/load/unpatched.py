"""Locust with its patches is refused: what it replaces has to stay what it is (``conformance.load``)."""

from __future__ import annotations

import sys

from conformance.load import LOCUST_UNPATCHED
from conformance.outcomes import BadInput


def require_unpatched() -> None:
    """:raises BadInput: Locust was imported before this package, and has patched the sockets."""
    monkey = sys.modules.get("gevent.monkey")
    if monkey is not None and monkey.is_module_patched("socket"):
        raise BadInput(f"Locust has patched Python's sockets; start it with {LOCUST_UNPATCHED}=1 in the environment")
