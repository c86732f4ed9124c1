"""`GET …/events`: the session's log as server-sent events."""

from __future__ import annotations

import json
from contextlib import suppress

from aiohttp import web

from .answers import Refusal
from .eventlog import Entry, UnknownCursorError
from .faults import Fault
from .house import HOUSE, House, Session, call_of
from .variants import Manners

# What a compressing proxy gathers before it hands anything on.
BLOCK = 16 * 1024


async def tail(request: web.Request) -> web.StreamResponse:
    """Sends what stands after the cursor, and then what comes."""
    house, call = request.app[HOUSE], call_of(request)
    session = house.session(request)
    place = _start(house, session, request)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Vercel-AI-UI-Message-Stream": "v1"}
    if house.manners.stream_rate_headers:
        headers |= call.rate
    response = web.StreamResponse(headers=headers)
    response.content_type = "text/event-stream"
    if house.manners.dribble == 0:
        response.charset = "utf-8"
    await response.prepare(request)
    # A reader may leave at any time, in the middle of a write too.
    with suppress(ConnectionResetError):
        await _feed(house, session, Pipe(response, house), place)
        await response.write_eof()
    return response


async def _feed(house: House, session: Session, pipe: Pipe, place: int) -> None:
    manners = house.manners
    await pipe.send(preamble(manners))
    while True:
        for entry in session.log.entries[place:]:
            place += 1
            await pipe.send(frame(manners, entry), flush=entry.last)
            if entry.last and manners.closes:
                await pipe.send(farewell(manners), flush=True)
                return
        if manners.closes and not session.running:
            await pipe.send(farewell(manners), flush=True)
            return
        if not await session.log.growth(place, manners.heartbeat):
            await pipe.send(heartbeat(manners))


def _start(house: House, session: Session, request: web.Request) -> int:
    """The place to read on from."""
    sources = [request.query.get("since"), request.headers.get("Last-Event-Id")]
    if house.manners.header_wins:
        sources.reverse()
    cursor = next((source for source in sources if source), None)
    if cursor is None:
        return _final_state(session) if house.manners.only_final_state else 0
    try:
        return session.log.after(cursor, whole_millisecond=house.fault is Fault.CURSOR_BY_MILLISECOND)
    except UnknownCursorError:
        if house.manners.lenient_cursor:
            return 0
        raise Refusal(400, "invalid_cursor", "The cursor is none of this session's.", {"field": "since"}) from None


def _final_state(session: Session) -> int:
    """Where the terminal envelopes of the turn before the latest begin; in a first turn, the beginning."""
    entries = session.log.entries
    ends = [place for place, entry in enumerate(entries) if entry.last and entry.turn == session.turns - 1]
    if not ends:
        return 0
    place = ends[0]
    while place and entries[place - 1].turn == entries[place].turn and _terminal(entries[place - 1]):
        place -= 1
    return place


def _terminal(entry: Entry) -> bool:
    return entry.envelope["type"] in ("error", "finish-step", "finish", "abort")


class Pipe:
    """The way from the log to the client, with whatever stands in between."""

    def __init__(self, response: web.StreamResponse, house: House) -> None:
        self._response = response
        self._dribble = house.manners.dribble
        self._blocks = house.fault is Fault.BUFFERED_IN_BLOCKS
        self._held = b""

    async def send(self, data: bytes, flush: bool = False) -> None:
        """Hands bytes on, now or when there are enough of them."""
        if self._blocks:
            self._held += data
            if not flush and len(self._held) < BLOCK:
                return
            data, self._held = self._held, b""
        size = self._dribble or len(data) or 1
        for begin in range(0, len(data), size):
            await self._response.write(data[begin : begin + size])


def preamble(manners: Manners) -> bytes:
    """What comes before the first frame."""
    mark = "\ufeff" if manners.byte_order_mark else ""
    retry = _lines(manners, ["retry: 1500", ""]) if manners.retry else ""
    return (mark + _lines(manners, [": stream open", ""]) + retry).encode()


def frame(manners: Manners, entry: Entry) -> bytes:
    """One envelope."""
    text = json.dumps(entry.envelope, ensure_ascii=False, indent=1 if manners.folded_data else None)
    data = [_field(manners, "data", line) for line in text.split("\n")]
    name = [_field(manners, "event", "message")] if manners.named_events else []
    mark = [_field(manners, "id", entry.id)]
    # The order of the fields means nothing.
    fields = data + mark + name if manners.folded_data else mark + name + data
    return _lines(manners, [*fields, ""]).encode()


def heartbeat(manners: Manners) -> bytes:
    """What keeps the connection open: a comment, or an event without data, which no client ever sees."""
    line = _field(manners, "event", "ping") if manners.ping_events else ": still here"
    return _lines(manners, [line, ""]).encode()


def farewell(manners: Manners) -> bytes:
    """What comes after the last frame."""
    return _lines(manners, [_field(manners, "data", "[DONE]"), ""]).encode() if manners.done else b""


def _field(manners: Manners, name: str, value: str) -> str:
    return f"{name}: {value}" if manners.space_after_colon else f"{name}:{value}"


def _lines(manners: Manners, lines: list[str]) -> str:
    return "".join(line + manners.newline for line in lines)
