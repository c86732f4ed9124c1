"""The registry of variants: lawful answers to the open points, and freedoms of SSE, HTTP and JSON.

A module of this package is a family; a variant is a set of policy fields or a function that takes a :class:`Behaviour`
and returns another lawful one. Families import nothing of each other.
"""

from __future__ import annotations

from collections.abc import Mapping

from conformance.mock.changes import Variant
from conformance.mock.families import load_families
from conformance.mock.variants.registry import VARIANTS


def all_variants() -> Mapping[str, Variant]:
    """Every variant by its name, in the order of the families' names."""
    load_families(__name__, __path__)
    return VARIANTS
