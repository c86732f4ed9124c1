"""Typed reading of a request object: strict, no coercion, every wrong field named in one answer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.mock.answers import ApiError

MAX_INTEGER = 2**63 - 1


class Fields:
    """The members of one request object; unknown ones are never looked at (G2).

    Each reader notes what is wrong and returns a harmless value; :meth:`refuse_if_wrong` then raises once.
    """

    def __init__(self, given: Mapping[str, Any], status: int) -> None:
        self._given = given
        self._status = status
        self._wrong: list[dict[str, str]] = []

    def wrong(self, field: str, message: str) -> None:
        """Note that ``field`` is refused, and why."""
        self._wrong.append({"field": field, "message": message})

    def present(self, field: str) -> bool:
        """Whether the field is there with a value other than null."""
        return self._given.get(field) is not None

    def text(self, field: str, default: str | None = None) -> str:
        """A string; without a default it is required."""
        value = self._given.get(field, default) if default is not None else self._given.get(field)
        if isinstance(value, str):
            return value
        self.wrong(field, "has to be a string" if field in self._given else "is required")
        return ""

    def text_or_null(self, field: str) -> str | None:
        """A string or null; absent means null."""
        value = self._given.get(field)
        if value is None or isinstance(value, str):
            return value
        self.wrong(field, "has to be a string or null")
        return None

    def integer_or_null(self, field: str) -> int | None:
        """An integer or null. ``true`` is none; ``7.0`` is one, as JSON Schema counts numbers."""
        value = self._given.get(field)
        if value is None:
            return None
        if isinstance(value, float) and math.isfinite(value) and value.is_integer():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and -MAX_INTEGER <= value <= MAX_INTEGER:
            return value
        self.wrong(field, "has to be an integer or null")
        return None

    def opaque_or_null(self, field: str) -> str | int | None:
        """An id whose type is on no page: a string, an integer or null."""
        value = self._given.get(field)
        if value is None or isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        self.wrong(field, "has to be an id")
        return None

    def choice(self, field: str, choices: Sequence[str], default: str) -> str:
        """One of ``choices``, compared exactly."""
        value = self._given.get(field, default)
        if isinstance(value, str) and value in choices:
            return value
        self.wrong(field, "has to be one of " + ", ".join(choices))
        return default

    def objects(self, field: str) -> list[Mapping[str, Any]]:
        """A list of objects; absent means none."""
        value = self._given.get(field, [])
        if isinstance(value, list) and all(isinstance(member, dict) for member in value):
            return value
        self.wrong(field, "has to be a list of objects")
        return []

    def within(self, field: str, given: Mapping[str, Any]) -> Fields:
        """A reader of a nested object that reports to this one, as ``field.<member>``."""
        return _Nested(self, field, given)

    def refuse_if_wrong(self) -> None:
        """:raises ApiError: the invalid status, when any field was wrong."""
        if self._wrong:
            raise ApiError(self._status, "validation_error", "The request has invalid fields.", {"errors": self._wrong})


class _Nested(Fields):
    def __init__(self, outer: Fields, field: str, given: Mapping[str, Any]) -> None:
        super().__init__(given, 0)
        self._outer = outer
        self._field = field

    def wrong(self, field: str, message: str) -> None:
        self._outer.wrong(f"{self._field}.{field}", message)
