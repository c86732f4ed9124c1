"""What a client holds of a turn: all its tails, without that which it had received before it posted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from conformance.evidence import Envelope, Turn, envelopes_of
from conformance.judging.cursors import Places, lasting, missing_beginning, once, same
from conformance.judging.statuses import may_have_started_a_turn
from conformance.kept import Kept
from conformance.recording import Exchange, Received, Recording


def held_before(recording: Recording, post: Exchange) -> tuple[Envelope, ...]:
    """What the client had received of that session before it sent the post, each envelope once.

    All of it was in the stream before the post's turn was enqueued, so no cursor of that turn may bring it back.
    """
    session = post.facts.get("session")
    kept: dict[tuple[str | None, str], Envelope] = {}
    for tail in recording.of(post.journey):
        if tail.operation != "tail-events" or tail.sent_at >= post.sent_at or tail.facts.get("session") != session:
            continue
        for envelope in envelopes_of(tail):
            if envelope.at < post.sent_at:
                kept.setdefault((envelope.id, envelope.frame.data), envelope)
    return tuple(kept.values())


def disturbance(recording: Recording, turn: Turn) -> str | None:
    """Why the stream of that turn may hold more than this turn; None where it was alone in its session.

    A post that should not have been accepted and was (or whose fate is not known) has started a turn of its own, and
    the rules of that post judge it. Rules about the order or the beginning of a turn must not fail for it.
    """
    main = turn.tails.get("main")
    end = main.ended_at if main else turn.post.answered_at
    session = turn.post.facts.get("session")
    for other in recording.of(turn.journey):
        if other.operation != "append-message" or other.facts.get("session") != session or other.sent_at > end:
            continue
        number = other.facts.get("turn")
        if other.facts.get("part") == "post" and other.status == 202 and isinstance(number, int):
            continue
        if other.facts.get("outage") and _was_nothing(recording, turn, other):
            continue
        over = other.facts.get("over_at")
        if isinstance(over, float) and over <= turn.post.sent_at:
            continue  # a turn that raced with others, all of which were read to their end before this one was posted
        if may_have_started_a_turn(other):
            return f"{other.name} was answered {other.status or 'by nothing'} and may have started a turn beside it"
    return None


def _was_nothing(recording: Recording, turn: Turn, attempt: Exchange) -> bool:
    """Whether an attempt of a post that met an outage has no part in that turn.

    One that was answered says that nothing was done; one that was dropped may have started the turn of its own post a
    second time, and no later one's: that is not posted before the stream is quiet.
    """
    step = attempt.step.rpartition("/outage-")[0]
    if attempt.status:
        last = recording.get(attempt.journey, step)
        return last is not None and 0 < last.status < 500
    return step != turn.post.step


@dataclass(frozen=True)
class TurnRead:
    """One turn, and what its tails gave of it when that which the client held before is set aside."""

    turn: Turn
    earlier: tuple[Envelope, ...]

    @cached_property
    def _earlier(self) -> Places:
        return Places(self.earlier)

    def is_earlier(self, envelope: Envelope) -> bool:
        """Whether the client held it before it posted. Without an id two envelopes of two turns may well be equal."""
        return envelope.id is not None and envelope in self._earlier

    def own(self, exchange: Exchange | None) -> tuple[Envelope, ...]:
        """The envelopes of a tail without those of earlier turns."""
        if exchange is None or exchange.received is None:
            return ()
        return self._own.of(
            exchange.received, lambda: tuple(e for e in envelopes_of(exchange) if not self.is_earlier(e))
        )

    @cached_property
    def _own(self) -> Kept[Received, tuple[Envelope, ...]]:
        return Kept()

    @cached_property
    def main(self) -> tuple[Envelope, ...]:
        return self.own(self.turn.tails.get("main"))

    def begun_earlier(self, kind: str) -> tuple[Envelope, ...]:
        """What that tail shows of this turn's beginning and ``main`` lacks."""
        return missing_beginning(self.main, self.own(self.turn.tails.get(kind)), first_turn=self.turn.number == 1)

    @cached_property
    def full(self) -> tuple[Envelope, ...]:
        """The fullest reading of the turn: ``main``, unless another tail has more of it. Exact repeats once."""
        best = once(self.main)
        for kind in ("again", "header", "before"):
            tail = self.own(self.turn.tails.get(kind))
            if kind == "before":
                tail = self._of_this_turn(tail)
            tail = once(tail)
            if len(lasting(tail)) > len(lasting(best)):
                best = tail
        return best

    def _of_this_turn(self, before: Sequence[Envelope]) -> tuple[Envelope, ...]:
        """``before`` starts at the end of the turn before; what is left of that turn in it does not belong here."""
        first = next(iter(lasting(self.main)), None)
        start = next((i for i, e in enumerate(before) if first is not None and same(e, first)), None)
        if start is None:
            return ()
        return (*missing_beginning(self.main, before), *before[start:])


_READ: Kept[Recording, TurnRead] = Kept()


def read(recording: Recording, turn: Turn) -> TurnRead:
    """What is known of that turn; worked out once for a recording."""
    return _READ.of(recording, lambda: TurnRead(turn, held_before(recording, turn.post)), (turn.journey, turn.number))
