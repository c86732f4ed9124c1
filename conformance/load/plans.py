"""Draws what one session does: a list of steps, the same for the same seed, whatever a server answers."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.histories.steps import BODIES, BYS, EIGHTHS, STRANGERS, Step
from conformance.load.profiles import Profile


@dataclass(frozen=True)
class Plan:
    """``turns_most``: so many turns the steps may start, if a server accepts every message in them."""

    number: int
    steps: tuple[Step, ...]

    @property
    def turns_most(self) -> int:
        return sum(_posts(step) for step in self.steps)

    @property
    def turns(self) -> int:
        """Turns that are meant to be played one after another: how long the session takes."""
        return sum(step.do in ("post", "race", "post_while_running") for step in self.steps)


def plan(profile: Profile, number: int, seed: int, *, stranger: bool) -> Plan:
    """The plan of that number. ``stranger``: there is a second tenant, who may try."""
    return Plan(number, tuple(_Drawing(profile, random.Random(f"{seed}/{number}"), stranger).steps()))


def _posts(step: Step) -> int:
    if step.do == "race":
        return int(step.given["posts"])
    if step.do == "duplicate":
        return 2 if step.given["twice"] else 1
    if step.do == "stranger":
        return int(step.given["does"] in ("append", "append-known"))
    return int(step.do in ("post", "post_while_running"))


class _Drawing:
    def __init__(self, profile: Profile, draw: random.Random, stranger: bool) -> None:
        self._profile = profile
        self._draw = draw
        self._stranger = stranger

    def steps(self) -> Iterator[Step]:
        profile, draw = self._profile, self._draw
        two = draw.random() < profile.two_sessions
        count = draw.randint(*profile.turns)
        for turn in range(1, count + 1):
            if turn > 1 and draw.random() < profile.race:
                # Which tail shows what of several messages at once is known from a turn on that was read before them.
                yield self._step("race", posts=draw.choice((2, 2, 3)), one_id=draw.random() < 0.6)
            else:
                yield self._post()
            yield from self._some(profile.during)
            yield self._step("finish", again=draw.random() < profile.after.get("again", 0.0))
            yield from self._some({name: chance for name, chance in profile.after.items() if name != "again"})
        if two:
            yield Step("open", {})
            yield self._post(session=1)
            yield self._step("finish", session=1, again=False)
            yield self._step("foreign", by=draw.choice(BYS), session=0)
        if draw.random() < 0.5:
            yield self._step("messages")

    def _some(self, chances: Any) -> Iterator[Step]:
        draw = self._draw
        chosen = [name for name, chance in chances.items() if draw.random() < chance]
        draw.shuffle(chosen)
        for name in chosen:
            if name != "stranger" or self._stranger:
                yield self._one(name)

    def _post(self, session: int = 0) -> Step:
        draw, profile = self._draw, self._profile
        tier = "SMART" if draw.random() < profile.smart else draw.choice((None, "FAST"))
        return self._step(
            "post",
            session=session,
            tier=tier,
            id=draw.choice(("fresh", "fresh", "fresh", "absent", "null")),
            attachments=draw.choice((1, 2)) if draw.random() < profile.attachments else 0,
            header=draw.random() < 0.2,
            before=draw.random() < 0.25,
            to_the_end=False,
        )

    def _one(self, name: str) -> Step:
        choice: Any = self._draw.choice
        fields: dict[str, Sequence[Any]] = {
            "break_off": {"envelopes": (1, 2, 3, 5, 8), "by": BYS, "times": (1, 2)},
            "duplicate": {"back": (0, 0, 1), "body": (*BODIES[:3], "same"), "twice": (False, False, True)},
            "stranger": {"does": STRANGERS},
            "post_while_running": {"id": ("fresh", "absent")},
            "resume": {"back": (0, 0, 0, 1, 2), "eighths": (None, *range(EIGHTHS + 1)), "by": BYS},
            "resume_both": {"eighths": tuple(range(EIGHTHS + 1))},
        }.get(name, {})  # type: ignore[assignment]
        return self._step(name, **{field: choice(values) for field, values in dict(fields).items()})

    def _step(self, do: str, session: int = 0, **given: Any) -> Step:
        return Step(do, {"session": session, **given})
