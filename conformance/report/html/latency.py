"""How long the target took: the distributions of a run, from its recording. Measured by the client, nothing is demanded."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from conformance.evidence import Turn, all_turns, envelopes_of
from conformance.recording import Recording

STRIP_WIDTH = 320.0
MOST_DOTS = 400


@dataclass(frozen=True)
class Latency:
    """``about`` what was measured; ``values`` in seconds, sorted, one for each time it was measured; maybe none."""

    about: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def most(self) -> float:
        return self.values[-1]

    @property
    def least(self) -> float:
        return self.values[0]

    def percentile(self, percent: int) -> float:
        """The smallest value that so many percent of the values do not exceed (nearest rank)."""
        return self.values[max(0, -(-percent * len(self.values) // 100) - 1)]

    def dots(self) -> tuple[float, ...]:
        """Where the values stand on a strip from 0 to the largest, px; of very many an even choice."""
        step = max(1, len(self.values) // MOST_DOTS)
        longest = self.most or 1.0
        return tuple(round(value / longest * STRIP_WIDTH, 1) for value in self.values[::step])


def latencies(recording: Recording) -> tuple[Latency, ...]:
    """Time to the 202, to the first envelope, between envelopes, and of whole turns.

    An envelope was there when the first of the turn's tails received it; tails that read it later, from the stream's history,
    tell nothing of the time.
    """
    turns = all_turns(recording)
    gaps: list[float] = []
    for turn in turns:
        gaps += _between(turn)
    return (
        Latency("from a post to its 202", _sorted(turn.post.answered_at - turn.post.sent_at for turn in turns)),
        Latency("from a post to the turn's first envelope", _sorted(_first(turns))),
        Latency("between two envelopes of a turn", _sorted(gaps)),
        Latency("from a post to the turn's terminal envelope", _sorted(_whole(turns))),
    )


def _sorted(values: Iterable[float]) -> tuple[float, ...]:
    return tuple(sorted(max(0.0, value) for value in values))


def _arrivals(turn: Turn) -> tuple[float, ...]:
    """When each envelope of the main tail was first received by any tail of the turn."""
    first: dict[str, float] = {}
    for tail in (*turn.tails.values(), *turn.live):
        for envelope in envelopes_of(tail):
            if envelope.id is not None:
                first[envelope.id] = min(envelope.at, first.get(envelope.id, envelope.at))
    known = [first.get(e.id, e.at) if e.id is not None else e.at for e in turn.envelopes]
    return tuple(at for at in known if at >= turn.post.sent_at)


def _first(turns: Sequence[Turn]) -> Iterator[float]:
    for turn in turns:
        arrivals = _arrivals(turn)
        if arrivals:
            yield arrivals[0] - turn.post.sent_at


def _between(turn: Turn) -> Iterator[float]:
    for one, other in pairwise(_arrivals(turn)):
        yield other - one


def _whole(turns: Sequence[Turn]) -> Iterator[float]:
    for turn in turns:
        arrivals = _arrivals(turn)
        if turn.ended and arrivals:
            yield arrivals[-1] - turn.post.sent_at
