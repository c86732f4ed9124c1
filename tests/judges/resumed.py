"""A turn and the tails that are opened again in it, written by hand."""

from __future__ import annotations

from typing import Any

from conformance.recording import Exchange
from tests.judges.by_hand import post, stream, tail

ONE = "1-1:start 1-2:text-start 1-3:text-delta 1-4:text-end 1-5:finish"
WORDS = ONE.split()
WHOLE = [post(1, cursor="0-0"), tail(stream(ONE))]
BESIDE = post(8, 500, part="probe", name="dialogue/probe", at=10.2)


def behind(place: int) -> str:
    """What follows the envelope of that number."""
    return " ".join(WORDS[place:])


def resume(place: int, words: str | None = None, *, by: str = "query", at: float = 12.0, **more: Any) -> Exchange:
    """A reconnect after the envelope of that number; with the rest of the turn unless other words are given."""
    values = {"opened": at, "ending": "goal", "part": "resume", "after": f"1-{place}", "by": by, **more}
    name = values.pop("name", f"dialogue/turn-1/resume-{place}-{by}")
    frames = stream(behind(place) if words is None else words, at + 0.1, 0.01)
    return tail(frames, 1, None, values.pop("status", 200), name=name, **values)
