"""The reader of the load reads a tail as the scenarios' reader does, and the redactor that remembers hides as much."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import httpx
import pytest

from conformance.journeys.limits import Limits
from conformance.journeys.reading import Reader
from conformance.journeys.tails import Goal, Until
from conformance.load.thrifty import RememberingRedactor, ThriftyReader
from conformance.recording import Ending, Piece
from conformance.redaction import Redactor
from conformance.transport.intake import Intake

PATIENT = Until(seconds=5.0, silence=5.0)


class Stream(httpx.AsyncByteStream):
    """Pieces, each after so many seconds; then the end, or with ``stays`` nothing for ever."""

    def __init__(self, pieces: Sequence[tuple[float, bytes]], *, stays: bool) -> None:
        self._pieces = pieces
        self._stays = stays

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for seconds, data in self._pieces:
            await asyncio.sleep(seconds)
            yield data
        if self._stays:
            await asyncio.sleep(60)


def frame(number: int, kind: str) -> bytes:
    return f"id: {number}-0\ndata: {json.dumps({'type': kind})}\n\n".encode()


def turn(last: str = "finish") -> list[tuple[float, bytes]]:
    kinds = ["start", "start-step", "finish-step", last]
    return [(0.02, frame(number, kind)) for number, kind in enumerate(kinds, 1)]


def read(
    kind: type[Reader], pieces: Sequence[tuple[float, bytes]], until: Until, *, stays: bool, reach: float | None = None
) -> tuple[Ending, bytes, float]:
    """How the tail ended, what was read of it, and how long it took. ``reach``: the goal is reached after so many seconds."""

    async def played() -> tuple[Ending, bytes, float]:
        # Its event belongs to this loop.
        goal = Goal(until.goal.last_id) if until.goal is not None else None
        reader = kind(Limits(), time.monotonic, Intake(1 << 30))
        response = httpx.Response(200, stream=Stream(pieces, stays=stays))
        kept: list[Piece] = []
        if goal is not None and reach is not None:
            asyncio.get_running_loop().call_later(reach, goal.reach, goal.last_id)
        began = time.monotonic()
        ending = await reader.tail(response, kept, replace(until, goal=goal))
        took = time.monotonic() - began
        # Nothing of the reading may come behind it, a cancellation least of all.
        await asyncio.sleep(0.02)
        return ending, b"".join(piece.data for piece in kept), took

    return asyncio.run(played())


CASES: dict[str, tuple[Sequence[tuple[float, bytes]], Until, bool, float | None]] = {
    "terminal": (turn(), replace(PATIENT, endings=1), True, None),
    "the server ends it": (turn(), PATIENT, False, None),
    "closed behind an error": (turn("error"), replace(PATIENT, endings=1, grace=2.0), False, None),
    "an error and a grace": (turn("error"), replace(PATIENT, endings=1, grace=0.3), True, None),
    "so many envelopes": (turn(), replace(PATIENT, envelopes=2), True, None),
    "silence": (turn(), replace(PATIENT, silence=0.3), True, None),
    "nothing at all": ((), replace(PATIENT, silence=0.2), True, None),
    "the whole time": ([(0.1, frame(n, "start-step")) for n in range(30)], replace(PATIENT, seconds=0.55), True, None),
    "no time": (turn(), replace(PATIENT, seconds=0.0), True, None),
    "the goal was read": (turn(), replace(PATIENT, goal=Goal("4-0")), True, 0.3),
    "the goal is read": (turn(), replace(PATIENT, goal=Goal("4-0")), True, 0.01),
    "the goal never comes": (turn(), replace(PATIENT, goal=Goal("9-0"), settle=0.3), True, 0.2),
    "bytes that never pause": ([(0.0, b": \n")] * 3_000, replace(PATIENT, seconds=0.1), True, None),
}


@pytest.mark.parametrize("name", CASES)
def test_a_tail_is_read_as_the_scenarios_read_it(name: str) -> None:
    pieces, until, stays, reach = CASES[name]
    ending, data, took = read(Reader, pieces, until, stays=stays, reach=reach)
    thrifty_ending, thrifty_data, thrifty_took = read(ThriftyReader, pieces, until, stays=stays, reach=reach)
    assert thrifty_ending == ending
    assert abs(thrifty_took - took) < 2.0, "one of them waited for something else"
    if ending != "time-limit":
        assert thrifty_data == data


def test_who_is_cancelled_while_reading_is_cancelled() -> None:
    async def cancelled() -> None:
        reader = ThriftyReader(Limits(), time.monotonic, Intake(1 << 30))
        reading = asyncio.create_task(reader.tail(httpx.Response(200, stream=Stream((), stays=True)), [], PATIENT))
        await asyncio.sleep(0.05)
        reading.cancel()
        await reading

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())


SECRET = "neo_sk_test_AbCdEf0123456789AbCdEf01"
UPLOAD = b'{"upload_url": "https://blobs.example.net/x?sig=QqRrSsTt9988776655xyz%3D"}'


@pytest.mark.parametrize(
    "text", ["application/json", f"Bearer {SECRET}", SECRET[::-1], "a" * 500 + SECRET, "", "é\ud800"]
)
def test_the_redactor_that_remembers_hides_as_much(text: str) -> None:
    plain, remembering = Redactor({"NEO_API_KEY": SECRET}), RememberingRedactor({"NEO_API_KEY": SECRET})
    assert [remembering.text(text) for _ in range(3)] == [plain.text(text)] * 3


def test_what_was_harmless_before_a_signature_was_learnt_is_looked_at_again() -> None:
    pattern = RememberingRedactor({"NEO_API_KEY": SECRET})
    one, other = pattern.copied(), pattern.copied()
    text = "/x?sig=QqRrSsTt9988776655xyz%3D"
    assert one.text(text) == text
    one.learn_signatures(UPLOAD)
    assert "QqRrSsTt99887766" not in one.text(text)
    assert other.text(text) == text
    other.learn_signatures(UPLOAD)
    assert "QqRrSsTt99887766" not in other.text(text)
    assert "QqRrSsTt99887766" not in one.copied().text("")  # and no text is shared with one that has learnt more
