"""Values that are worked out once for an object, and kept as long as it lives."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Owner = TypeVar("Owner")
Value = TypeVar("Value")


class Kept(Generic[Owner, Value]):
    """By the owner itself, not by its content: the owners are large, and comparing them costs more than the value."""

    def __init__(self) -> None:
        self._values: dict[int, dict[Hashable, Value]] = {}

    def of(self, owner: Owner, make: Callable[[], Value], key: Hashable = None) -> Value:
        """The owner's value of that key, made where it is not there yet."""
        own = self._values.get(id(owner))
        if own is None:
            own = self._values[id(owner)] = {}
            # An id may be given out again once its object is gone.
            weakref.finalize(owner, self._values.pop, id(owner), None)
        if key not in own:
            own[key] = make()
        return own[key]
