"""Values that are worked out once for an object, and kept as long as it lives."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Owner = TypeVar("Owner")
Value = TypeVar("Value")
_LEAST_SWEPT = 64


class Kept(Generic[Owner, Value]):
    """By the owner itself, not by its content: the owners are large, and comparing them costs more than the value.

    What is kept for owners that are gone is thrown away from time to time, and not by a callback at their end: that could
    come in the middle of a parser's deepest recursion, and fail there.
    """

    def __init__(self) -> None:
        self._values: dict[int, tuple[weakref.ref[Owner], dict[Hashable, Value]]] = {}
        self._sweep_at = _LEAST_SWEPT

    def of(self, owner: Owner, make: Callable[[], Value], key: Hashable = None) -> Value:
        """The owner's value of that key, made where it is not there yet."""
        known = self._values.get(id(owner))
        # An id is given out again once its object is gone.
        own = known[1] if known is not None and known[0]() is owner else self._begin(owner)
        if key not in own:
            own[key] = make()
        return own[key]

    def _begin(self, owner: Owner) -> dict[Hashable, Value]:
        if len(self._values) >= self._sweep_at:
            self._values = {one: entry for one, entry in self._values.items() if entry[0]() is not None}
            self._sweep_at = max(_LEAST_SWEPT, 2 * len(self._values))
        own: dict[Hashable, Value] = {}
        self._values[id(owner)] = (weakref.ref(owner), own)
        return own
