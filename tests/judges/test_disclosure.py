"""What is a trace of a server's inside, and what only looks like one."""

from __future__ import annotations

import pytest

from conformance.judging.disclosure import trace

TRACES = [
    'Traceback (most recent call last):\n  File "/app/x.py", line 3, in f',
    'File "chat/routes.py", line 12',
    "at Object.post (/srv/app/dist/server.js:10:15)",
    "at async handler (file:///srv/app/routes.ts:3:9)",
    "at Module._compile (node:internal/modules/cjs/loader:1101:14)\n(node:internal/main/run_main_module:17:47)",
    "at io.neo.chat.Sessions.append(Sessions.java:42)",
    r"at Neo.Chat.Post(Int32 id) in C:\src\Chat.cs:line 42",
    "goroutine 12 [running]:",
    "runtime error: invalid memory address or nil pointer dereference",
    "thread 'main' panicked at src/main.rs:4:5",
    "'NoneType' object has no attribute 'id'",
    "Cannot read properties of undefined (reading 'id')",
    "failed in /srv/neo/chat/messages.py",
    r"failed in C:\neo\chat\messages.cs",
    "messages.py:42: in post",
    "/usr/lib/python3.11/site-packages/redis/client.py",
    "redis.exceptions.ResponseError: no",
    "Invalid stream ID specified as stream command argument",
    "WRONGTYPE Operation against a key holding the wrong kind of value",
    "Error 111 connecting to redis:6379. Connection refused.",
    "asyncpg.exceptions.UniqueViolationError",
    "(psycopg.errors.UntranslatableCharacter) unsupported Unicode escape sequence",
    'relation "messages" does not exist',
    'duplicate key value violates unique constraint "messages_pkey"',
    'invalid byte sequence for encoding "UTF8": 0x00',
    "Background on this error at: https://sqlalche.me/e/20/gkpj",
    "SQLSTATE[22P05]",
    "UNIQUE constraint failed: messages.id",
    "connect ECONNREFUSED 127.0.0.1:6379",
    "[Errno 111] Connect call failed",
]

HARMLESS = [
    "Chat session not found.",
    "Field required: body.attachments.0.blob_path",
    "/attachments/0/blob_path",
    "/public-api/chat/sessions/5/messages",
    "See https://docs.neoagent.io/developers/errors/index.js for more.",
    "Expecting ',' delimiter: line 1 column 12 (char 11)",
    "Unexpected token h in JSON at position 0",
    "'utf-8' codec can't decode byte 0xff in position 3: invalid start byte",
    "chat-uploads/4ea169dd/d6853306.png is not an upload of this session",
    "C:\\fakepath\\picture.png",
    "value_error.missing",
    "Input should be 'FAST' or 'SMART'",
    "at most 6 attachments (got 7) at attachments",
    "Error 404: the session was not found at this address",
    "client_message_id was used before; the first use was at 14:06:31",
    "Maximum 3/4 of the limit, and/or less",
    "The cursor is not an event id of this session.",
]


@pytest.mark.parametrize("text", TRACES)
def test_a_trace_is_found(text: str) -> None:
    assert trace(f"Something went wrong: {text}") is not None


@pytest.mark.parametrize("text", HARMLESS)
def test_a_harmless_text_is_none(text: str) -> None:
    assert trace(text) is None


def test_what_the_client_sent_is_left_out() -> None:
    assert trace("unknown file /srv/neo/chat/messages.py", ["/srv/neo/chat/messages.py"]) is None


def test_a_long_text_takes_no_long_time() -> None:
    assert trace("/a" * 100_000 + " at " * 10_000 + "File " * 10_000) is None
