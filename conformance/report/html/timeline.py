"""A session as a picture: what is drawn where. Pure geometry; the template turns it into SVG.

From top to bottom: the times; the cursors as cuts through everything below; the posts with their 202s; a lane for each
turn with its envelopes; and each tail as a span over what it read. A span lies over the places of the stream, not over
the time at which it was read: so it shows from where to where the tail read, and a hole is what it lacks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from conformance.evidence import Envelope
from conformance.recording import Exchange
from conformance.report.html.axis import LEAST, Axis, Tick, axis
from conformance.report.html.marks import Mark
from conformance.report.html.spans import Span, packed, spans
from conformance.report.html.streams import Place, SessionStream

LEFT = 24.0
TICKS_TO = 16.0
CUT_ROW = 13.0
POST_ROW = 18.0
LANE = 16.0
HEAD_OF_A_LANE, END_OF_A_LANE = 120, 60
"""Envelopes of one turn that are drawn: so many first and last ones, and all that a violation names."""

Family = Literal["step", "text", "reasoning", "tool", "data", "end", "other"]


@dataclass(frozen=True)
class Dot:
    """An envelope on its turn's lane. ``marks``: the violations that name it."""

    x: float
    y: float
    turn: int | None
    id: str
    type: str
    family: Family
    at: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Post:
    """A message: where it was sent, where its answer came, and what the answer was (0: none)."""

    x: float
    answered_x: float
    y: float
    exchange: Exchange
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Cut:
    """The ``since_cursor`` of a turn: everything left of it was there before. ``how``: ``placed`` (behind the envelope of
    that id), ``null`` (the beginning), ``unplaced`` (no envelope of that id was received; drawn at the post)."""

    x: float
    label_y: float
    label: str
    cursor: str
    post: str
    how: Literal["placed", "null", "unplaced"]


@dataclass(frozen=True)
class Lane:
    y: float
    x: float
    label: str


@dataclass(frozen=True)
class Other:
    """Another request of the session that a violation names."""

    x: float
    y: float
    exchange: Exchange
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Timeline:
    """Everything of one session's picture, in px. ``undrawn``: envelopes that were left out of long turns."""

    session: SessionStream
    width: float
    height: float
    cuts_to: float
    ticks: tuple[Tick, ...]
    posts: tuple[Post, ...]
    lanes: tuple[Lane, ...]
    dots: tuple[Dot, ...]
    cuts: tuple[Cut, ...]
    spans: tuple[Span, ...]
    others: tuple[Other, ...]
    undrawn: int
    marks: tuple[Mark, ...]


@dataclass
class Layout:
    """The axis and where each thing stands on it."""

    axis: Axis
    places: tuple[Place, ...]
    place_x: dict[int, float] = field(default_factory=dict)
    sent_x: dict[str, float] = field(default_factory=dict)
    answered_x: dict[str, float] = field(default_factory=dict)
    behind: dict[int, float] = field(default_factory=dict)
    """By an envelope's order: the middle between it and what is next."""


def timeline(stream: SessionStream, marks: Sequence[Mark]) -> Timeline:
    """The picture of a session. ``marks``: the violations of the run; those of other sessions are left aside."""
    by_exchange: dict[str, list[Mark]] = {}
    own = {e.name for e in stream.exchanges}
    for mark in marks:
        if mark.exchange in own:
            by_exchange.setdefault(mark.exchange, []).append(mark)
    named = _named(stream, by_exchange)
    places = _drawn(stream, named)
    layout = _layout(stream, places, by_exchange)
    top = TICKS_TO + 2 * CUT_ROW
    posts = tuple(_post(layout, post, top + POST_ROW / 2, by_exchange) for post in stream.posts)
    others_y = top + POST_ROW
    others = tuple(_others(stream, layout, others_y + POST_ROW / 2, by_exchange))
    lanes_y = others_y + (POST_ROW if others else 0.0)
    turns = sorted({p.turn for p in places}, key=lambda turn: (turn is None, turn or 0))
    rows = {turn: lanes_y + LANE * (index + 0.5) for index, turn in enumerate(turns)}
    dots = tuple(_dot(layout, place, rows[place.turn], named) for place in places)
    spans_y = lanes_y + LANE * len(turns) + 8
    drawn, height = packed(spans(stream, layout.place_x, layout.behind, LEFT - LEAST, by_exchange), spans_y)
    return Timeline(
        session=stream,
        width=max([layout.axis.end, *(span.right for span in drawn)]) + LEFT,
        height=height + 6,
        cuts_to=height + 2,
        ticks=layout.axis.ticks(),
        posts=posts,
        lanes=tuple(_lane(turn, rows[turn], dots) for turn in turns),
        dots=dots,
        cuts=tuple(_cuts(stream, layout)),
        spans=drawn,
        others=others,
        undrawn=len(stream.places) - len(places),
        marks=tuple(mark for found in by_exchange.values() for mark in found),
    )


def family(kind: str) -> Family:
    """What is drawn in one colour: envelopes that belong together."""
    if kind in ("finish", "abort", "error"):
        return "end"
    if kind in ("start", "start-step", "finish-step", "message-metadata"):
        return "step"
    for head in ("text", "reasoning", "tool", "data"):
        if kind.startswith(f"{head}-"):
            return head
    return "data" if kind in ("source-url", "source-document", "file") else "other"


def _named(stream: SessionStream, by_exchange: Mapping[str, Sequence[Mark]]) -> dict[int, tuple[Mark, ...]]:
    """The envelopes that a violation names: by order, the violations."""
    named: dict[int, tuple[Mark, ...]] = {}
    for found in by_exchange.values():
        for mark in found:
            for one in mark.names(stream.by_id.keys()):
                order = stream.by_id[one]
                if mark.number not in [known.number for known in named.get(order, ())]:
                    named[order] = (*named.get(order, ()), mark)
    return named


def _drawn(stream: SessionStream, named: Collection[int]) -> tuple[Place, ...]:
    by_turn: dict[int | None, list[Place]] = {}
    for place in stream.places:
        by_turn.setdefault(place.turn, []).append(place)
    kept: set[int] = set(named)
    for places in by_turn.values():
        chosen = (
            places
            if len(places) <= HEAD_OF_A_LANE + END_OF_A_LANE
            else (*places[:HEAD_OF_A_LANE], *places[-END_OF_A_LANE:])
        )
        kept.update(place.order for place in chosen)
    return tuple(place for place in stream.places if place.order in kept)


def _layout(stream: SessionStream, places: Sequence[Place], by_exchange: Mapping[str, object]) -> Layout:
    items: list[tuple[float, int, str, int]] = [(place.at, 1, "place", place.order) for place in places]
    posts = stream.posts
    for index, post in enumerate(posts):
        if post.status == 202 or post.name in by_exchange or index == 0:
            items += [(post.sent_at, 0, "sent", index), (max(post.sent_at, post.answered_at), 2, "answered", index)]
    items.sort(key=lambda item: item[0])
    made = axis([item[0] for item in items], LEFT + LEAST)
    layout = Layout(made, tuple(places))
    for position, ((_, _, what, number), x) in enumerate(zip(items, made.xs, strict=True)):
        if what == "place":
            layout.place_x[number] = x
            behind = made.xs[position + 1] if position + 1 < len(made.xs) else x + LEAST
            layout.behind[number] = x + min(LEAST, behind - x) / 2
        else:
            (layout.sent_x if what == "sent" else layout.answered_x)[posts[number].name] = x
    for post in posts:
        layout.sent_x.setdefault(post.name, made.x(post.sent_at))
        layout.answered_x.setdefault(post.name, made.x(post.answered_at))
    return layout


def _post(layout: Layout, post: Exchange, y: float, by_exchange: Mapping[str, Sequence[Mark]]) -> Post:
    marks = tuple(by_exchange.get(post.name, ()))
    return Post(layout.sent_x[post.name], layout.answered_x[post.name], y, post, marks)


def _others(
    stream: SessionStream, layout: Layout, y: float, by_exchange: Mapping[str, Sequence[Mark]]
) -> Iterable[Other]:
    read = {read.exchange.name for read in stream.reads}
    for exchange in stream.exchanges:
        if exchange.name in by_exchange and exchange.name not in read and exchange.operation != "append-message":
            yield Other(layout.axis.x(exchange.sent_at), y, exchange, tuple(by_exchange[exchange.name]))


def _dot(layout: Layout, place: Place, y: float, named: Mapping[int, tuple[Mark, ...]]) -> Dot:
    envelope: Envelope = place.envelope
    x, marks = layout.place_x[place.order], named.get(place.order, ())
    return Dot(x, y, place.turn, envelope.id or "", envelope.type, family(envelope.type), place.at, marks)


def _lane(turn: int | None, y: float, dots: Sequence[Dot]) -> Lane:
    first = min(dot.x for dot in dots if dot.turn == turn)
    return Lane(y, first, f"turn {turn}" if turn is not None else "of no one turn")


def _cuts(stream: SessionStream, layout: Layout) -> Iterable[Cut]:
    for index, post in enumerate(stream.turns):
        cursor = post.data.get("since_cursor")
        turn = post.facts.get("turn")
        label = f"cursor {turn}" if isinstance(turn, int) else f"cursor of {post.step}"
        y = TICKS_TO + CUT_ROW * (1 + index % 2) - 3
        if not isinstance(cursor, str):
            yield Cut(LEFT - LEAST, y, label, "null", post.name, "null")
            continue
        order = stream.by_id.get(cursor)
        if order in layout.behind:
            yield Cut(layout.behind[order], y, label, cursor, post.name, "placed")
        else:
            yield Cut(layout.sent_x[post.name], y, label, cursor, post.name, "unplaced")
