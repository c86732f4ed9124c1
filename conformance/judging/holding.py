"""How long a tail holds back what was there to send: the measure behind "streamed, not buffered"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from conformance.evidence import Envelope, Turn, envelopes_of
from conformance.judging.cursors import is_data_part, stream_id
from conformance.judging.turn_reads import TurnRead, read
from conformance.kept import Kept
from conformance.recording import Exchange, Recording

SHORTEST = 0.15
"""Seconds that must be left of a turn when its tail is open, or neither network nor clock can tell."""
LEAST = 3
"""Envelopes that must be there to tell whether they come one by one."""
_LATE = 0.1
_LATE_SHARE = 0.25
"""The last envelope of a tail that comes later than this, and than this share of the turn, waited for no end."""
_A_DAY = 86_400.0


@dataclass(frozen=True)
class Held:
    """How long one tail's envelopes waited for the last one, and how long they could have, each summed up, in seconds.

    ``left``: for how long the turn still ran when the tail was open and the first of these envelopes was there. ``late``: the
    last of them was late as well; so sends a server that polls, and not one that waits for the end.
    """

    turn: Turn
    tail: Exchange
    waited: float
    possible: float
    left: float
    late: bool = False

    @property
    def share(self) -> float:
        """From 0 (each came when it was there) to 1 (all came with the last)."""
        return self.waited / self.possible


class Moments:
    """When each envelope of a turn was there to be sent, on the client's clock.

    Never later than its first arrival on any tail; earlier where the ids are clocks that say so. The two clocks are
    compared by the last envelope alone, which nobody holds back.
    """

    def __init__(self, recording: Recording, turn: Turn) -> None:
        self.read: TurnRead = read(recording, turn)
        self._at: dict[str, float] = {}
        for tail in (*turn.tails.values(), *turn.live):
            for envelope in self.read.own(tail):
                if envelope.id is not None:
                    self._at[envelope.id] = min(envelope.at, self._at.get(envelope.id, envelope.at))
        written = tuple(_by_the_ids(recording, turn, _kept(self.read.main)))
        self._by_a_clock, self._epoch, self._quickest = bool(written), recording.epoch, _quickest(recording)
        for envelope, moment in written:
            self._at[str(envelope.id)] = min(moment, self._at[str(envelope.id)])

    def _lateness(self, last: Envelope) -> float | None:
        """How much later it came than the quickest envelope of the run, by its id; None where that is no clock."""
        number = stream_id(last.id)
        if not self._by_a_clock or number is None:
            return None
        return self._epoch + last.at - number[0] / 1000 - self._quickest

    def measure(self, tail: Exchange, own: Sequence[Envelope], opening: float) -> Held | None:
        """How long these envelopes of that tail were held back, until the last of them or, on a tail that the client cut,
        until the turn's end; None where too little was left to tell.
        """
        if tail.facts.get("left"):
            return None  # the client was away for a while
        own = _kept(own)
        known = [(e, self._at[e.id]) for e in own if e.id is not None and e.id in self._at]
        if len(known) < LEAST or len(known) < len(own):
            return None
        opened = min(tail.answered_at, tail.sent_at + opening)
        end = max(self._at.values()) if tail.facts.get("part") == "live" else known[-1][1]
        dues = [max(moment, opened) for _, moment in known[:-1]]
        possible = sum(max(0.0, end - due) for due in dues)
        waited = sum(max(0.0, min(e.at, end) - due) for (e, _), due in zip(known[:-1], dues, strict=True))
        left = end - min(dues)
        if left < SHORTEST or possible <= 0:
            return None
        lateness = self._lateness(known[-1][0])
        late = lateness is not None and lateness > max(_LATE, left * _LATE_SHARE)
        return Held(self.read.turn, tail, waited, possible, left, late)


def _kept(own: Sequence[Envelope]) -> list[Envelope]:
    """Without the data parts that have no id: they are in no stream, and each connection may have its own."""
    return [e for e in own if e.id is not None or not is_data_part(e)]


_QUICKEST: Kept[Recording, float] = Kept()


def _quickest(recording: Recording) -> float:
    """The least time that lies between an id's clock and the client's, in all tails: the way, and what the clocks differ."""

    def least() -> float:
        ways = [
            recording.epoch + e.at - number[0] / 1000
            for tail in recording.exchanges
            if tail.operation == "tail-events" and tail.facts.get("kind") in ("main", "header", "before")
            for e in envelopes_of(tail)
            if (number := stream_id(e.id)) is not None
        ]
        return min((way for way in ways if abs(way) < _A_DAY), default=0.0)

    return _QUICKEST.of(recording, least)


def _by_the_ids(recording: Recording, turn: Turn, own: Sequence[Envelope]) -> Iterator[tuple[Envelope, float]]:
    """When each was written, where all ids hold the milliseconds of a clock."""
    written = [number[0] / 1000 for e in own if (number := stream_id(e.id)) is not None]
    if len(written) < max(len(own), LEAST) or any(a > b for a, b in pairwise(written)):
        return
    end = own[-1].at
    # Numbers that are no clock tell no time.
    if abs(recording.epoch + end - written[-1]) > _A_DAY:
        return
    if written[-1] - written[0] > (end - turn.post.sent_at) * 1.05 + 0.1:
        return
    for envelope, moment in zip(own, written, strict=True):
        yield envelope, end - (written[-1] - moment)


def time_to_open(recording: Recording) -> float:
    """Seconds after which a tail is open for certain, by those that had something to send at once.

    A server that gathers a whole turn may hold back the status as well: then the time of the answer says nothing.
    """
    quick = [
        e.answered_at - e.sent_at
        for e in recording.exchanges
        if e.operation == "tail-events" and e.status == 200 and (e.facts.get("kind") == "again" or "by" in e.facts)
        if e.facts.get("part") != "live"
    ]
    return 2 * median(quick) + 0.1 if len(quick) >= 3 else float("inf")


def kinds_of(held: Sequence[Held]) -> Mapping[str, list[Held]]:
    """The measured turns by what may make a server treat them alike."""
    kinds: dict[str, list[Held]] = {}
    for one in held:
        turn = one.turn
        names = ["of the run", f"of the tier {turn.tier or 'omitted'}", f"of the journey {turn.journey}"]
        names.append("that are a session's first" if turn.number == 1 else "that are later ones")
        if turn.post.facts.get("attachments"):
            names.append("with attachments")
        for name in names:
            kinds.setdefault(name, []).append(one)
    return kinds
