"""What is found in the recording of one finished session: by the scenarios, and by nothing else."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from conformance import scenarios
from conformance.evidence import VIEWS, Turn, all_turns, envelopes_of
from conformance.findings import Finding, Violation, curl, describe, judge, message_of
from conformance.judging.casting import castings
from conformance.judging.neighbours import Neighbours
from conformance.recording import Exchange, Recording
from conformance.requirements import catalogue

PLAIN_RULES: Final = frozenset(
    {"ENV-01", "ENV-02", "ENV-03", "ERR-01", "ERR-04", "ERR-05", "RATE-01", "RATE-02", "SES-03"}
)
"""Judged on whatever was exchanged; the rules that need a part played are those of ``judging.casting``.

ACC-07 is in neither: what it measures is time.
"""
TIMED_RULES: Final = frozenset({"EVT-07"})
"""Judged only where the generator was not late itself meanwhile; and what a soak concludes of them, it concludes of most of
its sessions (``section``): that a crowded server stalls for a moment is no violation."""
ENDING_RULES: Final = frozenset({"EVT-05"})
"""Not judged of a session of which a turn never began."""
EXAMPLES_MOST: Final = 3
"""Findings of a requirement whose evidence is kept; further ones are counted."""
TEXT_MOST: Final = 4_000
"""Characters of a text of the evidence."""

Ruled = Literal["passed", "failed"]


@dataclass
class JudgedSession:
    """``rules``: the requirements on which the session gave evidence. ``violations``: each with its evidence, if asked for.

    ``samples``: (metric, seconds of the run, seconds) as the client measured them.
    """

    rules: dict[str, Ruled] = field(default_factory=dict)
    violations: list[dict[str, Any]] = field(default_factory=list)
    samples: list[tuple[str, float, float]] = field(default_factory=list)
    turns: int = 0
    frames: int = 0
    never_began: int = 0
    """Turns without one envelope: they may have waited for those of other sessions, which are not seen from here."""


class SessionJudge:
    """Judges one session after another; of earlier ones it knows the last, to tell whose an envelope is."""

    def __init__(self) -> None:
        scenarios.load()
        self._shown: dict[str, int] = {}
        self._neighbours = Neighbours()

    def judge(self, recording: Recording, number: int, *, timed: bool = False) -> JudgedSession:
        """``timed``: the times at which things came are the server's and not the generator's.

        :raises Exception: a mistake of the suite: a scenario that raised something that is no finding."""
        judged = JudgedSession()
        turns = all_turns(recording)
        judged.never_began = sum(not turn.envelopes for turn in turns)
        for rules, one in self._views(recording, number, timed=timed):
            if judged.never_began:
                # A turn that was queued behind those of other sessions is lawful (M10), and never ends as well.
                rules = rules - ENDING_RULES
            for rule, found in judge(one, VIEWS, rules).items():
                if rule in rules:
                    self._note(judged, rule, [(scenario.name, finding) for scenario, finding in found], number)
        judged.turns = len(turns)
        judged.frames = sum(len(exchange.frames) for exchange in recording.exchanges)
        judged.samples = [sample for turn in turns for sample in _samples(turn)]
        return judged

    def _views(self, recording: Recording, number: int, *, timed: bool) -> Iterator[tuple[frozenset[str], Recording]]:
        for casting in castings(recording):
            yield casting.rules, casting.recording
        yield PLAIN_RULES | TIMED_RULES if timed else PLAIN_RULES, recording
        together = self._neighbours.suspects(recording, str(number))
        if together is not None:
            yield frozenset({"CUR-09"}), together

    def _note(self, judged: JudgedSession, rule: str, found: list[tuple[str, Finding | None]], number: int) -> None:
        violation = next(((name, f) for name, f in found if isinstance(f, Violation)), None)
        if violation is None:
            if any(finding is None for _, finding in found):
                judged.rules.setdefault(rule, "passed")
            return
        if judged.rules.get(rule) == "failed":
            return
        judged.rules[rule] = "failed"
        entry: dict[str, Any] = {"rule": rule, "test": violation[0], "session": number}
        self._shown[rule] = self._shown.get(rule, 0) + 1
        if self._shown[rule] <= EXAMPLES_MOST:
            entry |= _evidence(rule, violation[1])
        judged.violations.append(entry)


def _evidence(rule: str, violation: Finding | None) -> dict[str, Any]:
    assert isinstance(violation, Violation)
    return {
        "reason": violation.reason[:TEXT_MOST],
        "message": message_of(violation, [catalogue()[rule]])[:TEXT_MOST],
        "evidence": [
            {
                "exchange": exchange.name,
                "sent": curl(exchange.sent)[:TEXT_MOST],
                "came": (violation.came if index == 0 else describe(exchange))[:TEXT_MOST],
                "expected": violation.expected[:TEXT_MOST],
            }
            for index, exchange in enumerate(violation.evidence[:3])
        ],
    }


def _samples(turn: Turn) -> Iterator[tuple[str, float, float]]:
    """Time to the 202, to the first envelope, between envelopes, and of the whole turn, as its main tail received it."""
    post, main = turn.post, turn.tails.get("main")
    yield "accepted", post.sent_at, post.answered_at - post.sent_at
    arrivals = [e.at for e in envelopes_of(main) if e.at >= post.sent_at]
    if not arrivals:
        return
    yield "first", post.sent_at, arrivals[0] - post.sent_at
    for one, other in itertools.pairwise(arrivals):
        yield "between", other, other - one
    if turn.ended:
        yield "turn", post.sent_at, arrivals[-1] - post.sent_at


def session_recording(
    exchanges: list[Exchange], target: str, epoch: float, seconds: float, turn_timeout: float, *, stranger: bool
) -> Recording:
    """The exchanges of one session as a recording; who judges it needs neither its spec nor its suite."""
    return Recording(
        target=target,
        suite="",
        spec="",
        started="",
        epoch=epoch,
        seconds=seconds,
        turn_timeout=turn_timeout,
        credentials=("own", "other") if stranger else ("own",),
        exchanges=tuple(sorted(exchanges, key=lambda e: (e.sent_at, e.name))),
    )
