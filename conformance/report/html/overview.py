"""The run at a glance: every journey a row, every request a stroke at its time, tails and turns as bars, violations on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.recording import Exchange, Recording
from conformance.report.html.marks import Mark

LEFT, WIDTH, ROW, TOP = 104.0, 960.0, 22.0, 22.0
MOST_STROKES = 4_000
STEPS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)


@dataclass(frozen=True)
class Stroke:
    """A violated exchange: where its request left and where its answer ended."""

    x: float
    to_x: float
    y: float
    exchange: Exchange
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Row:
    """One journey. ``requests``: an SVG path of all its strokes; ``tails``: one of its tails' bars; ``broke``: x of where it
    broke off, with the reason."""

    journey: str
    y: float
    requests: str
    tails: str
    count: int
    broke: tuple[float, str] | None
    strokes: tuple[Stroke, ...]


@dataclass(frozen=True)
class Overview:
    width: float
    height: float
    ticks: tuple[tuple[float, str], ...]
    rows: tuple[Row, ...]


def overview(recording: Recording, marks: Sequence[Mark]) -> Overview:
    """The whole run on one even axis of time."""
    length = max([recording.seconds, *(e.ended_at for e in recording.exchanges)], default=0.0) or 1.0
    scale = (WIDTH - LEFT - 10) / length
    journeys = dict.fromkeys([*(e.journey for e in recording.exchanges), *(b.journey for b in recording.breaks)])
    by_exchange: dict[str, list[Mark]] = {}
    for mark in marks:
        by_exchange.setdefault(mark.exchange, []).append(mark)
    rows = tuple(
        _row(recording, journey, TOP + ROW * (index + 0.5), scale, by_exchange)
        for index, journey in enumerate(list(journeys)[:60])
    )
    step = next((one for one in STEPS if length / one <= 10), STEPS[-1])
    ticks = tuple((LEFT + n * step * scale, f"{n * step:g} s") for n in range(min(40, int(length / step)) + 1))
    return Overview(WIDTH, TOP + ROW * len(rows) + 6, ticks, rows)


def _row(recording: Recording, journey: str, y: float, scale: float, marks: dict[str, list[Mark]]) -> Row:
    own = list(recording.of(journey))
    drawn = own[:MOST_STROKES]
    requests = "".join(f"M{_x(e.sent_at, scale):.1f} {y - 7:g}v6" for e in drawn if e.operation != "tail-events")
    tails = "".join(
        f"M{_x(e.sent_at, scale):.1f} {y + 4:g}H{max(_x(e.ended_at, scale), _x(e.sent_at, scale) + 1):.1f}"
        for e in drawn
        if e.operation == "tail-events"
    )
    broke = recording.broke(journey)
    at = max([e.ended_at for e in own], default=0.0)
    strokes = tuple(
        Stroke(_x(e.sent_at, scale), _x(e.ended_at, scale), y, e, tuple(marks[e.name])) for e in own if e.name in marks
    )
    return Row(journey, y, requests, tails, len(own), (_x(at, scale), broke.reason) if broke else None, strokes)


def _x(at: float, scale: float) -> float:
    return LEFT + at * scale
