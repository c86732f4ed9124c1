"""Whether a 409 may say no more than *busy*, for a turn that runs in another session of the tenant (contract M10).

What a busy server counts is open: the turns of a session, or those of all sessions of a key. The second kind takes no
message of one session while a turn of another one runs. A server that was seen to do so is not of that kind, and then
nothing that runs elsewhere excuses a 409.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from conformance.evidence import all_turns, envelopes_of
from conformance.recording import Exchange, Recording

_SURELY = 2
"""Pairs of turns that ran at once, before it is believed that sessions do not wait for one another."""

_RELEASED_AFTER = 2.0
"""Seconds. A server may write what follows the terminal envelope, and its books, before it takes the next message."""


@dataclass(frozen=True)
class _Run:
    """A turn as the client saw it: from when it may have run, when it was accepted, until when it may have run.

    ``ended_at``: the first end that was received behind its post. A tail that goes on has those of later turns, too.
    """

    session: object
    sent_at: float
    accepted_at: float
    ended_at: float
    over_at: float

    @property
    def half(self) -> float:
        """Until when it ran for certain: its end was written some time before it was received."""
        return self.accepted_at + (self.ended_at - self.accepted_at) / 2


def busy_elsewhere(recording: Recording, post: Exchange) -> str | None:
    """Why a 409 to that post may be lawful whatever its own session does; None where it may not.

    While it was waited for, a turn of another session may have run, and this server was not seen to run two at once.
    """
    if post.credential != "own":
        return None
    runs = list(_runs(recording))
    here = post.facts.get("session")
    beside = any(
        run.session != here and run.sent_at < post.answered_at and run.over_at + _RELEASED_AFTER > post.sent_at
        for run in runs
    )
    if not beside or _at_once(runs) >= _SURELY:
        return None
    return f"{post.name}: a turn of another session was running, and the server may take one at a time of a tenant"


def _at_once(runs: list[_Run]) -> int:
    """How many pairs of turns, of two sessions each, ran at the same time for certain."""
    return sum(
        one.session != other.session and max(one.accepted_at, other.accepted_at) < min(one.half, other.half)
        for one, other in combinations([run for run in runs if run.ended_at != float("inf")], 2)
    )


def _runs(recording: Recording) -> Iterator[_Run]:
    ends = {turn.post.name: [e.at for e in turn.envelopes if e.terminal] for turn in all_turns(recording)}
    for post in recording.exchanges:
        if post.operation != "append-message" or post.credential != "own":
            continue
        if post.status == 202 or post.status == 0 or post.status >= 500:
            over = ends.get(post.name) or _ends_of_others(recording, post)
            first, last = min(over, default=float("inf")), max(over, default=float("inf"))
            yield _Run(post.facts.get("session"), post.sent_at, post.answered_at, first, last)


def _ends_of_others(recording: Recording, post: Exchange) -> list[float]:
    """The ends that were received of a rival's turn, or of one that should not have started."""
    if post.status != 202:
        return []
    tails = (recording.get(post.journey, f"{step}/tail") for step in (post.step, post.step.partition("/")[0]))
    return [e.at for tail in tails for e in envelopes_of(tail) if e.terminal]
