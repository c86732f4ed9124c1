"""What a soak is to do: the same on its master and on every worker, and without any key in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from conformance.guards import guard
from conformance.load.profiles import PROFILES
from conformance.outcomes import BadInput
from conformance.requirements import Level
from conformance.target import KEY_VARIABLE, OTHER_KEY_VARIABLE, Target, parse_base_url, parse_key

TURN_TIMEOUT: Final = 60.0
SLOTS: Final = 60
"""Points in time for which the report has latencies."""


@dataclass(frozen=True)
class SoakSettings:
    """Times in seconds. ``max_turns`` None: unbounded, as only the mock may be. ``started``: Unix seconds, the origin of all
    times in the report. ``allow_production``, ``allow_http``: as the user of the master has said."""

    base_url: str
    users: int = 10
    spawn_rate: float = 5.0
    seconds: float = 60.0
    profile: str = "steady"
    seed: int = 1
    agent_id: int | None = None
    max_turns: int | None = None
    turn_timeout: float = TURN_TIMEOUT
    connect_timeout: float = 10.0
    think: float = 1.0
    """What the pauses of the profile are multiplied by."""
    level: Level = "MUST"
    embedded: bool = False
    allow_production: bool = False
    allow_http: bool = False
    started: float = 0.0

    @property
    def slot_seconds(self) -> float:
        """How long a point in time of the report is."""
        return max(1.0, self.seconds / SLOTS)

    @property
    def grace(self) -> float:
        """How long sessions that are under way may go on when the time is over."""
        return min(self.turn_timeout, 600.0) + 30.0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> SoakSettings:
        """What another process has written; what a newer one adds is ignored."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: one for name, one in value.items() if name in known})

    def target(self, environ: Mapping[str, str]) -> Target:
        """The target, with the keys of this process' own environment.

        :raises BadInput: the profile is unknown, the address or a key cannot be used, or a guard forbids the target.
        """
        if self.profile not in PROFILES:
            raise BadInput(f"--profile {self.profile!r}: one of {', '.join(PROFILES)}")
        other = environ.get(OTHER_KEY_VARIABLE)
        target = Target(
            base_url=parse_base_url(self.base_url),
            api_key=parse_key(environ.get(KEY_VARIABLE), KEY_VARIABLE),
            other_key=None if other is None else parse_key(other, OTHER_KEY_VARIABLE),
            agent_id=self.agent_id,
        )
        if not (self.embedded and target.on_loopback):
            guard(target, allow_production=self.allow_production, allow_http=self.allow_http)
        return target
