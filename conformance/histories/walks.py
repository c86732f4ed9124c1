"""A history that changes the tier from turn to turn, in two sessions side by side.

No documented field has the tier, so it takes several turns of each kind to see where a target shows it
(``judging/tier_evidence``): more than steps drawn by themselves bring together.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any, Final

from conformance.histories.steps import Step

_PLAIN: Final[Mapping[str, Any]] = {
    "id": "fresh",
    "attachments": 0,
    "header": False,
    "before": False,
    "to_the_end": True,
}
_BEGINNINGS: Final[tuple[tuple[tuple[str | None, ...], ...], ...]] = (
    (("FAST", None, "FAST", "SMART"), ("SMART", None, "FAST", "SMART")),
    (("FAST", None, "FAST", "SMART"), ("SMART", "FAST", None, "SMART")),
    (("FAST", "FAST", "SMART", None), (None, "SMART", "FAST", "SMART")),
)
"""Of two sessions, one of these pairs. What FAST looks like is only certain before anything could have left SMART behind,
and neither the time nor the place in the session may explain what differs: so the other session asks for SMART meanwhile.
"""
_REST: Final[tuple[str | None, ...]] = ("SMART", None, "FAST")
"""In any order."""
_WITH_ATTACHMENTS: Final = 0.4
"""Of the rest, how many."""


def tier_walk(chance: random.Random) -> tuple[Step, ...]:
    """Seven turns in each of two sessions, by turns, and what is stored of them; other orders with each call."""
    beginnings = chance.choice(_BEGINNINGS)
    plans = [[*beginning, *chance.sample(_REST, len(_REST))] for beginning in beginnings]
    steps: list[Step] = []
    for number, tiers in enumerate(zip(*plans, strict=True)):
        for session, tier in enumerate(tiers):
            if number == 0 and session == 1:
                steps.append(Step("open"))
            attached = number >= len(beginnings[session]) and chance.random() < _WITH_ATTACHMENTS
            steps.append(_post(session, tier, attached=attached))
    return (*steps, *(Step("messages", {"session": session}) for session in range(len(plans))))


def _post(session: int, tier: str | None, *, attached: bool) -> Step:
    return Step("post", {**_PLAIN, "session": session, "tier": tier, "attachments": int(attached)})


FIRST: Final = 2
EVERY: Final = 12
"""Before which of the drawn histories a walk is played: it costs as many turns as two or three of them."""


def among(drawn: Iterator[tuple[Step, ...]], drawn_from: int) -> Iterator[tuple[Step, ...]]:
    """The drawn histories, with walks among them; the same number gives the same ones."""
    chance = random.Random(f"tiers {drawn_from}")
    for number, steps in enumerate(drawn):
        if number % EVERY == FIRST:
            yield tier_walk(chance)
        yield steps
