"""A replay is asked again while it lacks a message that was accepted, and for a while only."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
import respx

from conformance.journeys import replaying
from conformance.journeys.limits import Limits
from conformance.journeys.player import Player
from conformance.journeys.turns import Message, SessionPlay
from conformance.target import Target

TARGET = Target("http://target.test", "neo_sk_test_Secret", None)
MESSAGES = "http://target.test/public-api/chat/sessions/abc/messages"
NOTHING: Any = None


def page(*ids: str) -> httpx.Response:
    return httpx.Response(200, json={"data": [{"id": one} for one in ids], "meta": {"request_id": "r"}})


def steps(*answers: httpx.Response, patient: bool = True) -> list[str]:
    """The steps of the replays after one accepted message, m-1; the last answer is given for ever."""
    later = [answers[-1]] * 50
    accepted = {"chat_turn_id": "t", "user_message_id": "m-1", "since_cursor": None}
    with respx.mock:
        respx.post(MESSAGES).respond(202, json={"data": accepted, "meta": {"request_id": "r"}})
        respx.get(MESSAGES).side_effect = [*answers, *later]

        async def played() -> list[str]:
            async with Player(TARGET, Limits(turn_timeout=2.0)) as player:
                session = SessionPlay(player, "j", "abc", created=NOTHING)
                await session.post("turn-1/post", Message(), {"turn": 1, "part": "post"})
                pages = await session.messages(patient=patient)
                assert [one.step for one in pages] == ["messages"]
                return [one.step for one in player.exchanges if one.operation == "list-messages"]

        return asyncio.run(played())


def test_a_replay_that_has_the_message_is_the_only_one() -> None:
    assert steps(page("m-0", "m-1")) == ["messages"]


def test_a_replay_that_lags_is_asked_again() -> None:
    assert steps(page("m-0"), page(), page("m-1")) == ["early-messages-1", "early-messages-2", "messages"]


def test_an_id_that_is_a_word_of_a_text_is_not_the_message_yet() -> None:
    """Ids may be as short as they like: 4 stands in many an answer."""
    spoken = httpx.Response(
        200, json={"data": [{"id": "m-0", "content": "what m-1 says"}], "meta": {"request_id": "r"}}
    )
    assert steps(spoken, page("m-1")) == ["early-messages-1", "messages"]


def test_a_message_that_never_comes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "PATIENCE", 1.0)
    given_up = steps(page("m-0"))
    assert given_up[0] == "early-messages-1"
    assert given_up[-1] == "messages"


def test_a_replay_that_is_refused_is_not_asked_again() -> None:
    assert steps(httpx.Response(404, json={})) == ["messages"]


def test_without_patience_it_is_asked_once() -> None:
    assert steps(page(), patient=False) == ["messages"]
