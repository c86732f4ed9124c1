"""What a mock server is told at its start, and the bounds it works within."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from typing import Final

from conformance.mock.policy import Policy

MAX_BODY_BYTES: Final = 1_048_576
"""Largest JSON request body; a larger one is answered 413."""
MAX_JSON_DEPTH: Final = 64
"""Deepest nesting of a request body."""
MAX_HEADER_BYTES: Final = 32_768
"""Largest request line plus headers that the HTTP parser takes."""
MAX_IMAGE_BYTES: Final = 5_242_880
"""``max_image_bytes`` of an upload grant."""
MAX_GRANTS: Final = 2_000
"""Upload grants of one session."""
MAX_MESSAGES: Final = 20_000
"""Messages of one session."""
STREAM_LENGTH: Final = 20_000
"""Approximate number of events that a session's stream keeps."""
TAIL_SECONDS: Final = 3_600.0
"""Longest life of one tail."""
RETENTION_SECONDS: Final = 86_400
"""How long anything of a session is kept after it was last touched."""
GRANT_SECONDS: Final = 600
"""Life of a signed upload URL."""

_RATE = re.compile(r"([1-9][0-9]{0,6})/([0-9]{1,6}(?:\.[0-9]{1,3})?)")


@dataclass(frozen=True)
class RateLimit:
    """``requests`` per sliding window of ``seconds``, for all keys of a tenant together (G7)."""

    requests: int = 1200
    seconds: float = 60.0

    @staticmethod
    def parse(text: str) -> RateLimit:
        """Read ``N/SECONDS``.

        :raises ValueError: another form, or a window of no length.
        """
        match = _RATE.fullmatch(text)
        if match is None or float(match[2]) <= 0:
            raise ValueError(f"a rate limit is N/SECONDS, such as 1200/60, not {text!r}")
        return RateLimit(int(match[1]), float(match[2]))

    def __str__(self) -> str:
        return f"{self.requests}/{self.seconds:g}"


@dataclass(frozen=True)
class Settings:
    """One server: where it listens, how long a scripted turn takes, where its state is.

    ``port`` 0 takes a free one; ``redis_url`` None keeps the state in this process (fakeredis).
    """

    host: str = "127.0.0.1"
    port: int = 0
    turn_seconds: float = 0.4
    rate: RateLimit = field(default_factory=RateLimit)
    redis_url: str | None = None
    workers: int = 1
    policy: Policy = field(default_factory=Policy)
    variants: tuple[str, ...] = ()
    """Names of :mod:`conformance.mock.variants`."""
    fault: str | None = None
    """A name of :mod:`conformance.mock.faults`."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.turn_seconds) and 0 <= self.turn_seconds <= 600):
            raise ValueError("the length of a turn is between 0 and 600 seconds")
        if not 0 <= self.port <= 65_535:
            raise ValueError("a port is between 0 and 65535")
        if not 1 <= self.workers <= 64:
            raise ValueError("the number of workers is between 1 and 64")
        if self.workers > 1 and self.redis_url is None:
            raise ValueError("several workers share their state in a Redis: give --redis-url as well")

    def to_json(self) -> str:
        """All settings as text, for the environment of a worker process."""
        return json.dumps(
            {
                "host": self.host,
                "port": self.port,
                "turn_seconds": self.turn_seconds,
                "rate": str(self.rate),
                "redis_url": self.redis_url,
                "workers": self.workers,
                "policy": self.policy.to_json(),
                "variants": self.variants,
                "fault": self.fault,
            }
        )

    @staticmethod
    def from_json(text: str) -> Settings:
        """The inverse of :meth:`to_json`."""
        given = json.loads(text)
        rate, policy = RateLimit.parse(given.pop("rate")), Policy.from_json(given.pop("policy"))
        variants = tuple(given.pop("variants"))
        return Settings(rate=rate, policy=policy, variants=variants, **given)
