"""The registry of faults: each breaks one thing of the contract, as a real implementation might.

A module of this package is a family of faults; each is a function that takes a :class:`Behaviour` and returns the broken
one, under :func:`conformance.mock.faults.registry.fault`. Families import nothing of each other.
"""

from __future__ import annotations

from collections.abc import Mapping

from conformance.mock.changes import Fault
from conformance.mock.families import load_families
from conformance.mock.faults.registry import FAULTS


def all_faults() -> Mapping[str, Fault]:
    """Every fault by its name, in the order of the families' names."""
    load_families(__name__, __path__)
    return FAULTS
