"""Servers for the tests of histories, and single steps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from conformance.histories.steps import FIELDS, Step
from conformance.journeys.limits import Limits
from conformance.mock.accounts import FIRST_MOCK_KEY, SECOND_MOCK_KEY
from conformance.mock.embedded import running
from conformance.mock.settings import RateLimit, Settings
from conformance.target import Target

LIMITS = Limits(turn_timeout=10.0)


@contextmanager
def mock(fault: str | None = None, *variants: str, turn_seconds: float = 0.15) -> Iterator[Target]:
    """A mock in this process whose rate limit is not reached."""
    rate = RateLimit(requests=1_000_000, seconds=60.0)
    with running(Settings(turn_seconds=turn_seconds, rate=rate, fault=fault, variants=variants)) as server:
        yield Target(server.base_url, FIRST_MOCK_KEY, SECOND_MOCK_KEY)


def step(do: str, **given: Any) -> Step:
    """A step with its plainest values, but for those that are given."""
    return Step(do, {**{name: values[0] for name, values in FIELDS[do].items()}, **given})
