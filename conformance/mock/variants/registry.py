"""How a variant is registered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from conformance.mock.changes import Attach, Variant, unchanged

VARIANTS: Final[dict[str, Variant]] = {}


def variant(settles: str, *, hides: Sequence[str] = (), **policy: Any) -> Callable[[Attach], Attach]:
    """Register the function as a variant; its name is the function's, its sentence the docstring's first line.

    :param settles: the open point or the freedom; two variants of one exclude each other.
    :param hides: requirements that such a server gives no evidence of.
    :param policy: the fields that it sets.
    """

    def register(attach: Attach) -> Attach:
        does = (attach.__doc__ or "").strip().partition("\n")[0]
        _enter(Variant(attach.__name__.replace("_", "-"), settles, does, attach, policy, tuple(hides)))
        return attach

    return register


def policy_variant(name: str, settles: str, does: str, *, hides: Sequence[str] = (), **policy: Any) -> None:
    """Register a variant that is all policy."""
    _enter(Variant(name, settles, does, unchanged, policy, tuple(hides)))


def _enter(variant: Variant) -> None:
    assert variant.name not in VARIANTS, f"two variants are called {variant.name}"
    assert variant.does, f"{variant.name} has no sentence"
    VARIANTS[variant.name] = variant
