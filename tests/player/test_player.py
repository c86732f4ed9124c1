"""What the player records, waits for, and never waits longer for than its bounds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
import respx

from conformance import api
from conformance.journeys.attachments import grant_and_put
from conformance.journeys.limits import Limits
from conformance.journeys.player import Player
from conformance.journeys.tails import Until
from conformance.journeys.turns import Message, open_session
from conformance.outcomes import BadInput
from conformance.pacing import MAX_PAUSE, seconds_to_wait
from conformance.recording import Exchange
from conformance.target import Target

TARGET = Target("http://target.test", "neo_sk_test_Secret", "neo_sk_test_Other")
SESSIONS = "http://target.test/public-api/chat/sessions"
FAST = Limits(turn_timeout=2.0, answer_timeout=0.5, settle=0.2, quiet=0.1, body_bytes=1000, tail_bytes=5000, attempts=4)


def run(play: Callable[[Player], Awaitable[Exchange]], limits: Limits = FAST) -> tuple[Exchange, Player]:
    async def whole() -> tuple[Exchange, Player]:
        async with Player(TARGET, limits) as player:
            return await play(player), player

    return asyncio.run(whole())


async def create(player: Player) -> Exchange:
    request = api.create_session(TARGET, player.authorization("own"), {"agent_id": 1})
    return await player.play("j", "s", "create-session", request)


async def tail(player: Player, until: Until) -> Exchange:
    request = api.tail_events(TARGET, player.authorization("own"), "abc", since="1-0", last_event_id="2-0")
    return await player.play("j", "t", "tail-events", request, until=until)


@respx.mock
def test_an_exchange_is_recorded_without_the_key() -> None:
    respx.post(SESSIONS).respond(201, json={"data": {"echo": TARGET.api_key}}, headers={"x-key": TARGET.api_key})
    exchange, _ = run(create)
    assert exchange.status == 201
    assert exchange.data == {"echo": "$NEO_API_KEY"}
    assert exchange.sent.header("authorization") == "Bearer $NEO_API_KEY"
    assert TARGET.api_key not in repr(exchange)
    assert exchange.sent_at <= exchange.answered_at <= exchange.ended_at


@respx.mock
def test_a_429_is_waited_for_and_each_answer_recorded() -> None:
    route = respx.post(SESSIONS)
    route.side_effect = [httpx.Response(429, headers={"retry-after": "0"}), httpx.Response(201, json={})]
    exchange, player = run(create)
    assert [e.step for e in player.exchanges] == ["s/limited-1", "s"]
    assert [e.status for e in player.exchanges] == [429, 201]
    assert exchange.sent_at - player.exchanges[0].answered_at >= 0.04


@respx.mock
def test_a_target_that_only_answers_429_is_given_up() -> None:
    route = respx.post(SESSIONS).respond(429, headers={"retry-after": "0"})
    exchange, _ = run(create)
    assert exchange.status == 429
    assert route.call_count == FAST.attempts


@pytest.mark.parametrize(
    ("header", "seconds"), [("3", 3.0), (None, 1.0), ("soon", 1.0), ("-1", 1.0), ("99999", MAX_PAUSE), ("9" * 50, 1.0)]
)
def test_how_long_a_retry_after_is_waited_for(header: str | None, seconds: float) -> None:
    assert seconds_to_wait(header) == seconds


@respx.mock
def test_a_connection_that_breaks_is_an_answer_that_did_not_come() -> None:
    respx.post(SESSIONS).mock(side_effect=httpx.RemoteProtocolError("Server disconnected"))
    exchange, _ = run(create)
    assert (exchange.status, exchange.ending) == (0, "no-answer")
    assert exchange.problem == "RemoteProtocolError: Server disconnected"


@respx.mock
def test_a_long_body_is_cut() -> None:
    respx.post(SESSIONS).respond(201, content=b"x" * 100_000)
    exchange, _ = run(create)
    assert exchange.ending == "byte-limit"


class _Endless(httpx.AsyncByteStream):
    """A stream that gives these bytes again and again, with pauses."""

    def __init__(self, data: bytes, pause: float, times: int = 10_000) -> None:
        self.data, self.pause, self.times = data, pause, times

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self.times):
            yield self.data
            await asyncio.sleep(self.pause)
        await asyncio.sleep(60)


EVENTS = f"{SESSIONS}/abc/events"
EVENT = b'id: 1-0\ndata: {"type": "text-delta"}\n\n'
FINISH = b'id: 2-0\ndata: {"type": "finish"}\n\n'


def stream(data: bytes, pause: float = 0.01, times: int = 10_000) -> httpx.Response:
    return httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=_Endless(data, pause, times))


@respx.mock
def test_a_slow_drip_of_a_body_is_cut() -> None:
    respx.post(SESSIONS).mock(return_value=httpx.Response(201, stream=_Endless(b"x", 0.1)))
    exchange, player = run(create)
    assert exchange.ending == "time-limit"
    assert player.clock() < 2.0


@respx.mock
def test_a_tail_ends_at_the_terminal_envelope_of_an_open_stream() -> None:
    respx.get(EVENTS).mock(return_value=stream(FINISH, times=1))
    exchange, _ = run(lambda player: tail(player, Until(seconds=5, silence=5, endings=1)))
    assert exchange.ending == "terminal"
    assert [frame.id for frame in exchange.frames] == ["2-0"]
    assert exchange.sent.query == {"since": "1-0"}
    assert exchange.sent.header("last-event-id") == "2-0"


@respx.mock
@pytest.mark.parametrize(
    ("data", "until", "ending"),
    [
        (EVENT, Until(seconds=0.3, silence=5), "time-limit"),
        (EVENT * 50, Until(seconds=5, silence=5), "byte-limit"),
        (b": heartbeat\n\n", Until(seconds=5, silence=0.2), "silence"),
    ],
)
def test_no_stream_keeps_a_tail_for_ever(data: bytes, until: Until, ending: str) -> None:
    respx.get(EVENTS).mock(return_value=stream(data))
    exchange, player = run(lambda player: tail(player, until))
    assert exchange.ending == ending
    assert player.clock() < 3.0


@respx.mock
def test_frames_are_bounded() -> None:
    respx.get(EVENTS).mock(return_value=stream(EVENT))
    limits = Limits(turn_timeout=2.0, tail_frames=5)
    exchange, _ = run(lambda player: tail(player, Until(seconds=5, silence=5)), limits)
    assert exchange.ending == "frame-limit"


@respx.mock
def test_a_tail_that_the_server_ends_is_closed() -> None:
    respx.get(EVENTS).respond(200, content=EVENT, headers={"content-type": "text/event-stream"})
    exchange, _ = run(lambda player: tail(player, Until(seconds=5, silence=5, endings=1)))
    assert exchange.ending == "closed"


MESSAGES = f"{SESSIONS}/abc/messages"


def post(player: Player) -> Awaitable[Exchange]:
    async def play() -> Exchange:
        session = await open_session(player, "j")
        return await session.post("turn-1/post", Message(), {"turn": 1, "part": "post"})

    return play()


@respx.mock
def test_a_busy_server_is_waited_for() -> None:
    respx.post(SESSIONS).respond(201, json={"data": {"id": "abc"}})
    respx.post(MESSAGES).side_effect = [httpx.Response(409), httpx.Response(409), httpx.Response(202, json={})]
    exchange, player = run(post)
    assert exchange.status == 202
    assert [e.step for e in player.exchanges] == ["session", "turn-1/busy-1", "turn-1/busy-2", "turn-1/post"]
    assert player.exchanges[1].facts["busy"] is True
    assert player.turns == 1


@respx.mock
def test_a_server_that_stays_busy_is_given_up() -> None:
    respx.post(SESSIONS).respond(201, json={"data": {"id": "abc"}})
    respx.post(MESSAGES).respond(409)
    exchange, player = run(post)
    assert exchange.status == 409
    assert exchange.facts["gave_up"] is True
    assert player.clock() < 4.0


@respx.mock
def test_an_omitted_field_is_not_sent_and_a_null_is() -> None:
    respx.post(SESSIONS).respond(201, json={"data": {"id": "abc"}})
    route = respx.post(MESSAGES).respond(202, json={})

    async def both(player: Player) -> Exchange:
        session = await open_session(player, "j")
        await session.post("one", Message("hi"), {})
        return await session.post("two", Message("hi", tier="SMART", client_message_id=None), {})

    run(both)
    bodies = [json.loads(call.request.content) for call in route.calls]
    assert bodies == [{"message": "hi"}, {"message": "hi", "model_tier": "SMART", "client_message_id": None}]


@respx.mock
def test_nothing_there_is_the_users_matter() -> None:
    respx.post(SESSIONS).mock(side_effect=httpx.ConnectError("refused"))

    async def first(player: Player) -> Exchange:
        request = api.create_session(TARGET, player.authorization("own"), {})
        return await player.reach(request, "preflight", "session", {})

    with pytest.raises(BadInput, match="nothing answers there"):
        run(first)


@respx.mock
def test_headers_that_never_come_are_not_waited_for_for_ever() -> None:
    async def never(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60)
        raise AssertionError(request)

    respx.get(EVENTS).mock(side_effect=never)
    limits = Limits(turn_timeout=2.0, headers_timeout=0.3)
    exchange, player = run(lambda player: tail(player, Until(seconds=0.1, silence=0.1)), limits)
    assert exchange.status == 0
    assert exchange.problem is not None
    assert exchange.problem.startswith("ReadTimeout: no headers within 0.3")
    assert player.clock() < 3.0


@respx.mock
@pytest.mark.parametrize(
    "url", ["http://[::1", "http://[zz]/x", "http://a b/\n", "http://127.0.0.1:99999/x", "http://\ud800/"]
)
def test_an_upload_url_that_is_none_breaks_nothing(url: str) -> None:
    respx.post(SESSIONS).respond(201, json={"data": {"id": "abc"}})
    body = json.dumps({"data": {"blob_path": "p", "upload_url": url}}).encode()
    respx.post(f"{SESSIONS}/abc/attachments/upload-url").respond(200, content=body)
    respx.put(url__regex=".*").mock(side_effect=httpx.ConnectError("refused"))

    async def grant(player: Player) -> Exchange:
        session = await open_session(player, "j")
        await grant_and_put(session, "grant", "put", "image/png")
        return player.exchanges[-1]

    exchange, _ = run(grant)
    assert exchange.step in ("grant", "put")


@respx.mock
def test_half_a_surrogate_pair_in_an_id_is_sent_back_as_it_came() -> None:
    respx.route().respond(404, json={})

    async def play(player: Player) -> Exchange:
        request = api.tail_events(TARGET, None, "s\ud800/../x", since="1\ud800", last_event_id="\ud800")
        return await player.play("j", "t", "tail-events", request)

    exchange, _ = run(play)
    assert exchange.status == 404
    assert "/sessions/s%ED%A0%80%2F..%2Fx/events?since=1%ED%A0%80" in exchange.sent.url
