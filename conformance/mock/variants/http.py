"""The freedoms of HTTP around an answer: headers, connections, codings, time (RFC 9110, RFC 9112)."""

from __future__ import annotations

import asyncio
import gzip
import random

from starlette.types import Message, Scope, Send

from conformance.mock.behaviour import Behaviour
from conformance.mock.layers import Answer, Asking, Proceed, answers, around
from conformance.mock.outgoing import outgoing, with_start
from conformance.mock.variants.registry import variant

Headers = list[tuple[bytes, bytes]]


def _headers(server: Behaviour, *more: tuple[bytes, bytes]) -> Behaviour:
    def change(headers: Headers) -> None:
        headers.extend(more)

    return server.with_layer(outgoing(with_start(change), "any"), "framing")


@variant("case of header names")
def header_names_in_capitals(server: Behaviour) -> Behaviour:
    """The names of all headers are in capitals."""

    def change(headers: Headers) -> None:
        headers[:] = [(name.upper(), value) for name, value in headers]

    return server.with_layer(outgoing(with_start(change), "any"), "framing")


@variant("persistence of a connection")
def connection_closed_after_each(server: Behaviour) -> Behaviour:
    """Every connection is closed after one answer, and the answer says so."""
    return _headers(server, (b"connection", b"close"))


@variant("headers of a gateway")
def gateway_headers(server: Behaviour) -> Behaviour:
    """A gateway adds cookies, timings, policies and an id of its own to every answer."""
    return _headers(
        server,
        (b"via", b"1.1 gateway"),
        (b"set-cookie", b"lb=a1; Path=/; HttpOnly"),
        (b"set-cookie", b"affinity=b2; Path=/public-api"),
        (b"server-timing", b'total;dur=12.3, db;desc="main";dur=4'),
        (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
        (b"x-request-id", b"gw-5f0c"),
        (b"access-control-allow-origin", b"*"),
        (b"x-powered-by", b"gateway"),
    )


@variant("framing of a JSON answer")
def json_in_chunks(server: Behaviour) -> Behaviour:
    """A JSON answer has no length: it comes in chunks, with pauses between them."""

    def change(_: Scope, send: Send) -> Send:
        async def chunked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [pair for pair in message["headers"] if pair[0].lower() != b"content-length"]
                await send({**message, "headers": headers})
                return
            body, more = message.get("body", b""), message.get("more_body", False)
            third = max(1, len(body) // 3)
            for start in range(0, len(body), third):
                await send({**message, "body": body[start : start + third], "more_body": True})
                await asyncio.sleep(0.002)
            if not more:
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        return chunked

    return server.with_layer(outgoing(change, "answer"), "framing")


@variant("coding of a JSON answer")
def json_compressed(server: Behaviour) -> Behaviour:
    """A JSON answer is compressed where the client takes gzip."""

    def change(asking: Asking, answer: Answer) -> Answer:
        if "gzip" not in asking.headers.get("accept-encoding", "") or not answer.body:
            return answer
        packed = Answer(answer.status, answer.headers, gzip.compress(answer.body))
        return packed.with_header("content-encoding", "gzip").with_header("vary", "Accept-Encoding")

    return server.with_layer(answers(change), "coding")


def _media_types(server: Behaviour, json_type: bytes, stream_type: bytes) -> Behaviour:
    def change(headers: Headers) -> None:
        for place, (name, value) in enumerate(headers):
            kind = value.lower() if name.lower() == b"content-type" else b""
            if kind.startswith(b"application/json"):
                headers[place] = (name, json_type)
            elif kind.startswith(b"text/event-stream"):
                headers[place] = (name, stream_type)

    return server.with_layer(outgoing(with_start(change), "any"), "framing")


@variant("parameters of media types")
def media_types_bare(server: Behaviour) -> Behaviour:
    """Neither JSON nor the stream has a parameter in its content type."""
    return _media_types(server, b"application/json", b"text/event-stream")


@variant("parameters of media types")
def media_types_in_capitals(server: Behaviour) -> Behaviour:
    """Content types are in mixed case, which HTTP does not tell apart."""
    return _media_types(server, b"Application/JSON ; Charset=UTF-8", b"Text/Event-Stream; Charset=UTF-8")


@variant("time to an answer")
def slow_answers(server: Behaviour) -> Behaviour:
    """Every answer takes up to three tenths of a second, no two of them the same."""

    async def change(asking: Asking, proceed: Proceed) -> Answer | None:
        await asyncio.sleep(random.uniform(0.0, 0.15))
        answer = await proceed(asking)
        await asyncio.sleep(random.uniform(0.0, 0.15))
        return answer

    return server.with_layer(around(change))


# A turn of a short run is over when the answer comes: then neither it nor its tails show what they were early for.
@variant("time to an answer", hides=("EVT-07", "ACC-07"))
def slow_posts(server: Behaviour) -> Behaviour:
    """What is posted is answered three tenths of a second after it was done: as long as a short turn takes."""

    async def change(asking: Asking, proceed: Proceed) -> Answer | None:
        answer = await proceed(asking)
        if asking.method == "POST":
            await asyncio.sleep(0.3)
        return answer

    return server.with_layer(around(change))
