"""The state machine that hypothesis drives: it draws the steps of histories.

What a rule draws never depends on what a server answered. So drawing and performing are two things: the same seed gives the
same histories on every server, and one that failed can be shrunk and played again without hypothesis.
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisWarning
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from conformance.histories.performing import SESSIONS_MOST
from conformance.histories.steps import FIELDS, Step

STEPS_MOST = 10
"""Drawn steps of a history. Longer ones are rarely better: what breaks a session needs few steps, and many histories."""
EXAMPLES = 30
"""Histories of one search of hypothesis."""
_ALIKE = 5
"""Histories whose first so many steps are of the same kinds are alike."""

EPILOGUE: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("finish", {"again": True}),
    ("duplicate", {"back": 1, "body": "same", "twice": True}),
    ("resume", {"back": 0, "eighths": 2, "by": "header"}),
    ("duplicate", {"back": 0, "body": "text", "twice": False}),
    ("resume", {"back": 0, "eighths": 5, "by": "query"}),
    (
        "post",
        {
            "tier": None,
            "id": "absent",
            "attachments": 0,
            "header": True,
            "before": True,
            "to_the_end": True,
        },
    ),
    ("messages", {}),
)
"""What every history ends with, in every session: what a step has left behind is seen only by another one after it."""

_LIKELY: Mapping[str, Sequence[Any]] = {
    "id": ("fresh", "absent", "fresh", "null"),
    "attachments": (0, 0, 1, 0, 2, 0),
    "to_the_end": (False, True, False),
    "header": (False, True, False),
    "again": (False, True, False),
}
"""Where the values of a field are not equally worth the time, how often each is drawn."""


class Intent:
    """What the steps so far are meant to have brought about, whatever the server made of them.

    It decides which steps make sense next. It may not ask the server: then the draws would depend on its answers.
    """

    def __init__(self) -> None:
        self.sessions = 1
        self.posted: set[int] = set()
        self.running: set[int] = set()

    def allows(self, do: str) -> bool:
        """Whether such a step would do something."""
        if do in WHILE_RUNNING:
            return bool(self.running)
        if do == "open":
            return bool(self.posted) and self.sessions < SESSIONS_MOST
        if do == "foreign":
            return bool(self.posted) and self.sessions > 1
        return do in ("post", "race") or bool(self.posted)

    def meant(self, do: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """The fields of the step, its session one in which it does something."""
        if "session" not in given:
            return given
        fit = (
            self.running if do in WHILE_RUNNING else self.posted if do in _BEHIND_A_POST else set(range(self.sessions))
        )
        wanted = given["session"] % self.sessions
        return {**given, "session": wanted if wanted in fit or not fit else min(fit)}

    def follow(self, step: Step) -> None:
        if step.do == "open":
            self.sessions += 1
            return
        session = step.given["session"]
        if step.do in ("post", "race"):
            self.posted.add(session)
        if step.do in _SETTLING:
            self.running.discard(session)
        if (step.do == "post" and not step.given["to_the_end"]) or (step.do == "race" and step.given["one_id"]):
            self.running.add(session)


DURING = ("duplicate", "break_off", "break_off", "uncursored", "messages", "stranger", "post_while_running")
"""What is done while the turn of a ``busy_turn`` runs: a rule of its own, or few turns would see two of these together."""
WHILE_RUNNING = frozenset({"break_off", "uncursored", "post_while_running", "finish"})
_BEHIND_A_POST = frozenset({"duplicate", "resume", "resume_both", "quiet", "messages"})
_SETTLING = frozenset({"post", "race", "finish", "resume", "resume_both", "quiet"})


def _fields(do: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(_drawn(do))


def _drawn(do: str) -> dict[str, st.SearchStrategy[Any]]:
    """What each field of such a step may be."""
    return {name: st.sampled_from(_LIKELY.get(name, values)) for name, values in FIELDS[do].items()}


def drawn_histories(drawn_from: int) -> Iterator[tuple[Step, ...]]:
    """Histories without end, each unlike the ones before; the same number gives the same ones.

    Nothing is performed while hypothesis draws. It likes to draw variations of what it has drawn, and of the plainest draw
    of all; of those that begin alike only the first is given.
    """
    begun: set[tuple[str, ...]] = set()
    for number in count():
        for steps in _search(random.Random(f"{drawn_from} {number}").getrandbits(64)):
            beginning = tuple(step.do for step in steps[:_ALIKE])
            if steps and beginning not in begun:
                begun.add(beginning)
                yield steps


def _search(drawn_from: int) -> Sequence[tuple[Step, ...]]:
    """What one search of hypothesis draws."""
    found: list[tuple[Step, ...]] = []
    options = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS_MOST,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
        verbosity=Verbosity.quiet,
        print_blob=False,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HypothesisWarning)
        run_state_machine_as_test(seed(drawn_from)(_machine(found)), settings=options)
    return found


def _machine(found: list[tuple[Step, ...]]) -> type[RuleBasedStateMachine]:
    """A class of machines, as hypothesis wants one; each adds the history that it was led through."""

    class SessionMachine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.intent = Intent()
            self.steps: list[Step] = []

        def do(self, name: str, given: dict[str, Any]) -> None:
            step = Step(name, self.intent.meant(name, given))
            self.intent.follow(step)
            self.steps.append(step)

        def teardown(self) -> None:
            for session in sorted(self.intent.posted):
                self.steps += [Step(do, {"session": session, **given}) for do, given in EPILOGUE]
            found.append(tuple(self.steps))

        @rule(
            given=_fields("post"),
            during=st.lists(st.one_of([st.tuples(st.just(do), _fields(do)) for do in DURING]), min_size=2, max_size=4),
            finished=st.booleans(),
        )
        def busy_turn(self, given: dict[str, Any], during: list[tuple[str, dict[str, Any]]], finished: bool) -> None:
            known = "null" if given["id"] == "null" else "fresh"
            self.do("post", {**given, "id": known, "to_the_end": False})
            for do, fields in during:
                if self.intent.allows(do):
                    self.do(do, {**fields, "session": given["session"]})
            if finished:
                self.do("finish", {"session": given["session"], "again": True})

    for do in FIELDS:
        _add(SessionMachine, do)
    return SessionMachine


def _add(machine: Any, do: str) -> None:
    """The rule for one kind of step."""

    def perform(self: Any, given: dict[str, Any]) -> None:
        self.do(do, given)

    perform.__name__ = perform.__qualname__ = do
    made = rule(given=_fields(do))(perform)
    setattr(machine, do, precondition(lambda self: self.intent.allows(do))(made))
