"""Tails and reconnects as spans over the stream, each on a row on which it does not touch another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from conformance.recording import Exchange
from conformance.report.html.marks import Mark
from conformance.report.html.streams import Read, SessionStream

ROW, THIN_ROW = 16.0, 6.0
CHARACTER = 6.2
"""Width of a character of a label, px, on the safe side."""
MARK = 16.0
"""Width of a violation's number, px."""
LONGEST_LABEL = 60
MOST_SPANS = 500
"""Of one session; those of a violation come before the others."""


@dataclass(frozen=True)
class Segment:
    """Envelopes that were read without a hole: from the first one's place to the last one's. ``count`` of them."""

    x: float
    to_x: float
    count: int


@dataclass(frozen=True)
class Named:
    """An envelope that a violation of this span names: read here although it should not have been, or lacking.

    ``place``: whether it is the one to which a link to the violation leads; the violation's number stands left of it.
    """

    x: float
    id: str
    lacking: bool
    mark: Mark
    place: bool


@dataclass(frozen=True)
class Span:
    """One connection over what it read.

    ``anchor``: where its cursor cuts; None where it had none, or one that no envelope has. ``thin``: a reconnect of which
    there is nothing to tell, drawn without its label.
    """

    y: float
    exchange: Exchange
    cursor: str | None
    anchor: float | None
    segments: tuple[Segment, ...]
    named: tuple[Named, ...]
    marks: tuple[Mark, ...]
    label: str
    thin: bool

    @property
    def left(self) -> float:
        named = [n.x - (MARK + 7 if n.place else 0) for n in self.named]
        return min([*(s.x for s in self.segments), *named, *self._anchors], default=0.0)

    @property
    def reach(self) -> float:
        """To where the drawing goes, without the label."""
        return max([*(s.to_x for s in self.segments), *(n.x for n in self.named), *self._anchors], default=0.0)

    @property
    def right(self) -> float:
        return self.reach + (8 if self.thin else 14 + MARK * len(self.marks) + CHARACTER * len(self.label))

    @property
    def _anchors(self) -> list[float]:
        return [] if self.anchor is None else [self.anchor]


def spans(
    stream: SessionStream,
    place_x: Mapping[int, float],
    behind: Mapping[int, float],
    beginning: float,
    by_exchange: Mapping[str, Sequence[Mark]],
) -> list[Span]:
    """The spans of a session in the order in which they were opened, not yet on rows (``y`` is 0).

    ``place_x``, ``behind``: x of the envelopes that are drawn, and of the cut behind each; ``beginning``: x of the cut
    before the first.
    """
    position = {order: index for index, order in enumerate(sorted(place_x))}
    found: list[Span] = []
    for read in stream.reads:
        marks = tuple(by_exchange.get(read.exchange.name, ()))
        anchor = behind.get(read.after) if read.after is not None else None
        if anchor is None and read.cursor is None and read.places:
            anchor = beginning if min(read.places) == 0 else None
        if not marks and not read.places and anchor is None:
            continue
        label = read.exchange.step + "".join(f" ✗ {mark.requirement}" for mark in _once(marks))
        by_the_way = read.exchange.journey != stream.name or read.exchange.facts.get("part") in ("resume", "foreign")
        thin = not marks and (by_the_way or not read.places)
        segments = tuple(_segments(read.places, position, place_x))
        named = tuple(_named(stream, read, place_x, marks))
        if not segments and not named and anchor is None:
            anchor = beginning
        shown = label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1]}…"
        found.append(Span(0.0, read.exchange, read.cursor, anchor, segments, named, marks, shown, thin))
    kept = sorted(range(len(found)), key=lambda i: (not found[i].marks, found[i].thin, i))[:MOST_SPANS]
    return [found[index] for index in sorted(kept)]


def packed(found: Sequence[Span], y: float) -> tuple[tuple[Span, ...], float]:
    """The spans on rows from ``y`` on, and where the last row ends: the labelled ones first, then the thin ones."""
    placed: list[Span] = []
    for thin, height in ((False, ROW), (True, THIN_ROW)):
        ends: list[float] = []
        for span in (one for one in found if one.thin is thin):
            row = next((index for index, end in enumerate(ends) if end < span.left - 6), len(ends))
            if row == len(ends):
                ends.append(0.0)
            ends[row] = span.right
            placed.append(replace(span, y=y + height * (row + 0.5)))
        y += height * len(ends) + (6 if ends else 0)
    return tuple(placed), y


def _segments(places: Sequence[int], position: Mapping[int, int], place_x: Mapping[int, float]) -> Iterator[Segment]:
    run: list[int] = []
    for order in places:
        if order not in position:
            continue
        if run and position[order] != position[run[-1]] + 1:
            yield Segment(place_x[run[0]], place_x[run[-1]], len(run))
            run = []
        run.append(order)
    if run:
        yield Segment(place_x[run[0]], place_x[run[-1]], len(run))


def _named(stream: SessionStream, read: Read, place_x: Mapping[int, float], marks: Iterable[Mark]) -> Iterator[Named]:
    """What a violation names of this span; where it names nothing that was read, what does not stand behind the cursor."""
    for mark in marks:
        ids = {stream.places[order].envelope.id for order in read.places}
        orders = {stream.by_id[one]: one not in ids for one in mark.names(stream.by_id.keys())}
        orders = {order: lacking for order, lacking in orders.items() if not (lacking and order == read.after)}
        if not any(not lacking for lacking in orders.values()):
            orders |= dict.fromkeys(read.not_behind[:20], False)
        place = mark.first
        for order, lacking in sorted(orders.items()):
            if order in place_x:
                yield Named(place_x[order], stream.places[order].envelope.id or "", lacking, mark, place)
                place = False


def _once(marks: Iterable[Mark]) -> list[Mark]:
    return list({mark.requirement: mark for mark in marks}.values())
