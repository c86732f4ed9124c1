"""The manners of load: what the sessions of a soak do, how often, and whether they do it together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True)
class Profile:
    """Chances are between 0 and 1, times in seconds.

    ``turns``, ``pause``, ``think``: the least and the most of a session's turns, of the pauses between two sessions of a
    user, and of those before each later turn of a session.
    ``during``: what may be done while a turn runs; ``after``: when it is over. Each is drawn by itself, so several may
    be. ``together``: sessions begin at multiples of so many seconds of the wall clock, on all machines alike; None: whenever.
    """

    name: str
    about: str
    turns: tuple[int, int]
    pause: tuple[float, float]
    think: tuple[float, float]
    during: Mapping[str, float] = field(default_factory=dict)
    after: Mapping[str, float] = field(default_factory=dict)
    race: float = 0.12
    """That a turn is begun by several messages at once."""
    two_sessions: float = 0.08
    """That a session has a second one beside it, whose cursor it tries."""
    attachments: float = 0.08
    smart: float = 0.3
    together: float | None = None


_DURING: Final = {
    "break_off": 0.3,
    "duplicate": 0.25,
    "uncursored": 0.1,
    "messages": 0.1,
    "stranger": 0.12,
    "post_while_running": 0.06,
}
_AFTER: Final = {"again": 0.25, "resume": 0.4, "resume_both": 0.08, "quiet": 0.1, "duplicate": 0.3, "stranger": 0.06}

PROFILES: Final[Mapping[str, Profile]] = {
    one.name: one
    for one in (
        Profile(
            "steady", "sessions of a few turns, one after another", (2, 4), (0.5, 2.0), (1.0, 6.0), _DURING, _AFTER
        ),
        Profile(
            "burst",
            "all users begin at the same moments",
            (1, 3),
            (0.0, 0.0),
            (0.0, 0.5),
            _DURING,
            _AFTER,
            race=0.2,
            together=15.0,
        ),
        Profile(
            "reconnect-storm",
            "tails are cut and resumed again and again",
            (2, 4),
            (0.2, 1.0),
            (0.0, 0.5),
            {**_DURING, "break_off": 1.0, "uncursored": 0.2},
            {**_AFTER, "again": 0.5, "resume": 1.0, "resume_both": 0.4},
            race=0.05,
        ),
        Profile(
            "churn",
            "many short sessions, left as soon as their turn is over",
            (1, 1),
            (0.0, 0.2),
            (0.0, 0.0),
            {**_DURING, "break_off": 0.15},
            {"again": 0.1, "resume": 0.2, "duplicate": 0.4},
        ),
    )
}
