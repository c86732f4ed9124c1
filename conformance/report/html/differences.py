"""What a tail should have read beside what it read: the rows of its evidence, the difference marked.

The expectation is what all tails of the session together received behind the cursor, up to where this one stopped. It is
shown, and decides nothing: the judges have done that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from conformance.report.html.streams import Read, SessionStream

CONTEXT = 2
MOST_ROWS = 40
MOST_COMPARED = 1500
"""Envelopes of one tail; behind that a comparison costs more than it tells."""
DATA_SHOWN = 200

Sign = Literal["came", "surplus", "lacking", "left out"]


@dataclass(frozen=True)
class Row:
    """One envelope. ``sign``: it came as expected, came and was not expected, or was expected and did not come; or
    ``left out``: ``count`` rows that are as expected. ``named``: the violation's words name it."""

    sign: Sign
    id: str = ""
    type: str = ""
    data: str = ""
    at: float | None = None
    named: bool = False
    count: int = 0


def rows(stream: SessionStream, read: Read, named: Iterable[str]) -> tuple[Row, ...]:
    """The envelopes of a tail around what differs and what is named; at most ``MOST_ROWS``."""
    ids = frozenset(named)
    every = _compared(read) if read.after is not None else [(order, "came") for order in read.places]
    made = [_row(stream, order, sign, ids) for order, sign in every[:MOST_COMPARED]]
    return _around(made)


def _compared(read: Read) -> list[tuple[int, Sign]]:
    assert read.after is not None
    got = read.places[:MOST_COMPARED]
    last = max(got, default=read.after)
    wanted = range(read.after + 1, last + 1)[:MOST_COMPARED]
    compared: list[tuple[int, Sign]] = []
    for what, from_wanted, to_wanted, from_got, to_got in SequenceMatcher(None, wanted, got, False).get_opcodes():
        if what == "equal":
            compared += [(order, "came") for order in got[from_got:to_got]]
            continue
        compared += [(order, "lacking") for order in wanted[from_wanted:to_wanted]]
        compared += [(order, "surplus") for order in got[from_got:to_got]]
    return compared


def _row(stream: SessionStream, order: int, sign: Sign, named: frozenset[str]) -> Row:
    place = stream.places[order]
    envelope = place.envelope
    data = envelope.frame.data
    shown = data if len(data) <= DATA_SHOWN else f"{data[:DATA_SHOWN]}…"
    return Row(sign, envelope.id or "", envelope.type, shown, place.at, envelope.id in named)


def _around(made: Sequence[Row]) -> tuple[Row, ...]:
    """The rows that matter with their neighbours; the first few where none does; the others counted."""
    matter = [index for index, row in enumerate(made) if row.sign != "came" or row.named] or [0]
    kept = sorted({near for one in matter for near in range(one - CONTEXT, one + CONTEXT + 1) if 0 <= near < len(made)})
    shown: list[Row] = []
    before = -1
    for index in kept[:MOST_ROWS]:
        if index > before + 1:
            shown.append(Row("left out", count=index - before - 1))
        shown.append(made[index])
        before = index
    if before + 1 < len(made):
        shown.append(Row("left out", count=len(made) - before - 1))
    return tuple(shown)
