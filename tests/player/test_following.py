"""A running turn is followed over as many connections as it takes, and not beyond its end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import httpx
import respx

from conformance.evidence import joined
from conformance.journeys.following import BARREN_MOST, follow
from conformance.journeys.limits import Limits
from conformance.journeys.player import Player
from conformance.journeys.tails import Progress, Until
from conformance.journeys.turns import SessionPlay
from conformance.recording import Exchange, Frame
from conformance.sse import Event
from conformance.target import Target

TARGET = Target("http://target.test", "neo_sk_test_Secret", None)
EVENTS = "http://target.test/public-api/chat/sessions/abc/events"
UNTIL = Until(seconds=5, silence=2, endings=1)


def frames(*types: str, first: int = 1) -> httpx.Response:
    """A stream that is closed behind these envelopes, numbered from ``first`` on."""
    text = "".join(f"id: {first + n}-0\ndata: {json.dumps({'type': kind})}\n\n" for n, kind in enumerate(types))
    return httpx.Response(200, headers={"content-type": "text/event-stream"}, text=text)


def followed(*answers: httpx.Response, **way: Any) -> tuple[tuple[Exchange, ...], list[httpx.Request]]:
    with respx.mock:
        route = respx.get(EVENTS)
        route.side_effect = [*answers]

        async def whole() -> tuple[Exchange, ...]:
            async with Player(TARGET, Limits(turn_timeout=2.0)) as player:
                session = SessionPlay(player, "j", "abc", created=NOTHING)
                facts: Mapping[str, Any] = {"turn": 1, "part": "tail", "kind": "main"}
                return await follow(session.tail, player.clock, "turn-1/tail", facts, UNTIL, **way)

        return asyncio.run(whole()), [call.request for call in route.calls]


NOTHING: Any = None


def test_a_tail_that_is_closed_in_the_middle_goes_on_after_its_last_id() -> None:
    links, requests = followed(frames("start", "start-step"), frames("finish", first=3), since="0-9")
    assert [link.step for link in links] == ["turn-1/tail", "turn-1/tail/link-2"]
    assert [request.url.params["since"] for request in requests] == ["0-9", "2-0"]
    whole = joined(links)
    assert [frame.id for frame in whole.frames] == ["1-0", "2-0", "3-0"]
    assert (whole.step, whole.ending) == ("turn-1/tail", "terminal")


def test_a_tail_without_a_cursor_goes_on_by_header() -> None:
    _, requests = followed(frames("start"), frames("finish", first=2))
    assert [request.headers.get("last-event-id") for request in requests] == [None, "1-0"]


def test_a_tail_that_has_the_end_is_not_opened_again() -> None:
    links, _ = followed(frames("start", "error"), last_event_id="0-9")
    assert len(links) == 1


def test_a_server_that_closes_at_once_again_and_again_is_given_up() -> None:
    links, _ = followed(frames("start"), *[frames() for _ in range(10)], since="0-9")
    assert len(links) == 1 + BARREN_MOST
    assert joined(links).ending == "closed"


def test_the_late_finish_of_the_turn_before_ends_nothing() -> None:
    def came(progress: Progress, kind: str) -> str | None:
        event = Event(data=json.dumps({"type": kind}), event="", id=None, last_event_id="", retry=None)
        return progress.take([Frame(1.0, event)])

    progress = Progress(Until(seconds=5, silence=2, endings=1, left_open=True), 0.0)
    assert [came(progress, kind) for kind in ("finish-step", "finish", "start", "finish")] == [
        None,
        None,
        None,
        "terminal",
    ]
    assert came(Progress(Until(seconds=5, silence=2, endings=1), 0.0), "finish") == "terminal"
