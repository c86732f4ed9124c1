"""What a tail is answered with before its first envelope (EVT-01)."""

from __future__ import annotations

import json
from dataclasses import replace

from redis.asyncio import Redis
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.mock.answers import ApiError
from conformance.mock.behaviour import Behaviour, Layer
from conformance.mock.faults.registry import fault
from conformance.mock.layers import Answer, Asking, Proceed, answers, around, json_answer
from conformance.mock.positions import events_after, newest_event, turns_of
from conformance.mock.sse import Frame
from conformance.mock.tail import Asked, Tail
from conformance.mock.wrapping import with_asked, with_frames, with_start


def _as_type(content_type: str, *, by_header: bool = False) -> Layer:
    """A stream under another content type; ``by_header``: only where Last-Event-Id was sent."""

    def layer(app: ASGIApp) -> ASGIApp:
        async def changed(scope: Scope, receive: Receive, send: Send) -> None:
            meant = not by_header or any(name == b"last-event-id" for name, _ in scope.get("headers", ()))

            async def sent(message: Message) -> None:
                if message["type"] == "http.response.start" and meant:
                    headers = [(name, _retyped(name, value)) for name, value in message["headers"]]
                    message = {**message, "headers": headers}
                await send(message)

            await app(scope, receive, sent)

        return changed

    def _retyped(name: bytes, value: bytes) -> bytes:
        stream = name.lower() == b"content-type" and value.startswith(b"text/event-stream")
        return content_type.encode() if stream else value

    return layer


@fault("EVT-01", mistake="the framework's default media type for a generator")
def tail_is_plain_text(server: Behaviour) -> Behaviour:
    """A tail's content type is text/plain."""
    return server.with_layer(_as_type("text/plain; charset=utf-8"))


@fault("EVT-01", mistake="AI SDK v4 sent its data stream so, and the header was kept")
def tail_by_header_is_plain_text(server: Behaviour) -> Behaviour:
    """The content type of a tail that is opened by Last-Event-Id is text/plain."""
    return server.with_layer(_as_type("text/plain; charset=utf-8", by_header=True))


@fault("EVT-01", mistake="newline-delimited JSON is what the gateway's template for streams says")
def tail_is_ndjson(server: Behaviour) -> Behaviour:
    """A tail's content type is application/x-ndjson."""
    return server.with_layer(_as_type("application/x-ndjson"))


@fault("EVT-01", mistake="resumable-stream's example answers 204 where no stream is active")
def idle_session_is_no_content(server: Behaviour) -> Behaviour:
    """A tail of a session that has had no turn is answered 204."""

    async def change(client: Redis, session: str, asked: Asked) -> Asked:
        if not await turns_of(client, session):
            raise ApiError(204, "NO_CONTENT", "There is nothing to tail.")
        return asked

    def bare(_asking: Asking, answer: Answer) -> Answer:
        return Answer(204, (), b"") if answer.status == 204 else answer

    return with_asked(server, change).with_layer(answers(bare))


@fault(
    "EVT-01", mistake="the stream's key is created by the first event, and a missing key is taken for a missing session"
)
def idle_session_is_not_found(server: Behaviour) -> Behaviour:
    """A tail of a session that has had no turn is answered 404."""

    async def change(client: Redis, session: str, asked: Asked) -> Asked:
        if not await turns_of(client, session):
            raise ApiError(404, "NOT_FOUND", "There is no stream.")
        return asked

    return with_asked(server, change)


@fault("EVT-01", mistake="a cursor at the end of the stream has 'nothing to give', and a 404 says so")
def tail_from_the_last_id_is_not_found(server: Behaviour) -> Behaviour:
    """A tail from the newest event's id is answered 404 once the session has had two turns."""

    async def start(client: Redis, session: str, asked: Asked, after: str) -> str:
        turns = await turns_of(client, session)
        newest = await newest_event(client, session)
        events = await events_after(client, session) if len(turns) > 1 else []
        if events and after == newest and events[-1][1]["turn"] == turns[-1] and (asked.since or asked.header):
            raise ApiError(404, "NOT_FOUND", "There is nothing behind this event.")
        return after

    return with_start(server, start)


@fault(
    "EVT-01", mistake="the wrapper of every JSON route is applied to this one as well, and waits for the whole answer"
)
def tail_without_cursor_is_json(server: Behaviour) -> Behaviour:
    """A tail without a cursor is answered 200 with one JSON object, {data, meta}."""

    async def change(asking: Asking, proceed: Proceed) -> Answer | None:
        if asking.operation != "tail" or "since" in asking.query or "last-event-id" in asking.headers:
            return await proceed(asking)
        probe = await proceed(replace(asking, path=asking.path.replace("/events", "/messages")))
        if probe is None or probe.status != 200:
            return probe
        return json_answer(200, {"data": [], "meta": probe.json["meta"]})

    return server.with_layer(around(change))


@fault("EVT-03", mistake="the serializer of every answer wraps what it is given, and so each event")
def envelopes_wrapped_in_data_and_meta(server: Behaviour) -> Behaviour:
    """Each envelope stands in an object {data, meta}."""

    def change(_tail: Tail, frame: Frame) -> list[Frame]:
        meta = {"request_id": "6f1c1b1e-64d0-4d5c-9a0c-1f0e5a3c7d11"}
        return [replace(frame, chunk=json.dumps({"data": json.loads(frame.chunk), "meta": meta}))]

    return with_frames(server, change)
