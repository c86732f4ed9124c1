"""Input that is answered with a 5xx, mostly on one operation only (ERR-04, CUR-10)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from redis.asyncio import Redis

from conformance.mock.accounts import Account
from conformance.mock.answering import with_crash
from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.faults.registry import fault
from conformance.mock.layers import Answer, Asking, Proceed, around, json_answer
from conformance.mock.messages import Submission
from conformance.mock.policy import Policy

_LIMIT = 255


def _texts(value: Any) -> Iterator[str]:
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            todo += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            todo += one


def _has(asking: Asking, pattern: str) -> bool:
    found = re.compile(pattern)
    return any(found.search(text) for text in _texts(asking.json))


@fault("ERR-04", mistake="PostgreSQL's text takes no NUL, and the insert's error is nobody's")
def nul_in_a_title_crashes(server: Behaviour) -> Behaviour:
    """A NUL in a session's title is answered 500."""
    return with_crash(server, lambda asking: asking.operation == "create" and "\0" in str(asking.member("title")))


@fault("ERR-04", mistake="json.loads takes the escape of half a pair, and encode() to UTF-8 does not")
def lone_surrogate_crashes(server: Behaviour) -> Behaviour:
    """Half a surrogate pair in a text of a message is answered 500."""
    return with_crash(server, lambda asking: asking.operation == "append" and _has(asking, "[\ud800-\udfff]"))


@fault("ERR-04", mistake="MySQL's utf8 has three bytes a character, so the column takes no astral one")
def emoji_in_a_filename_crashes(server: Behaviour) -> Behaviour:
    """A character beyond the BMP in the filename of an upload is answered 500."""
    return with_crash(server, lambda asking: asking.operation == "grant" and _has(asking, "[\U00010000-\U0010ffff]"))


def _depth(body: bytes) -> int:
    return max(body.count(b"["), body.count(b"{"))


@fault("ERR-04", mistake="a recursive parser: RecursionError is no ValueError, so that it is not caught as bad JSON")
def deep_nesting_crashes_a_creation(server: Behaviour) -> Behaviour:
    """A deeply nested body of a new session is answered 500."""
    return with_crash(server, lambda asking: asking.operation == "create" and _depth(asking.body) > 1_000)


@fault("ERR-04", mistake="the same parser in the upload service, which is another one")
def deep_nesting_crashes_a_grant(server: Behaviour) -> Behaviour:
    """A deeply nested body for an upload-url is answered 500."""
    return with_crash(server, lambda asking: asking.operation == "grant" and _depth(asking.body) > 1_000)


@fault("ERR-04", mistake="Python makes no integer of more than 4,300 digits and raises a plain ValueError")
def many_digits_crash_a_creation(server: Behaviour) -> Behaviour:
    """A number of thousands of digits in the body of a new session is answered 500."""

    def huge(asking: Asking) -> bool:
        return asking.operation == "create" and re.search(rb"[0-9]{4300}", asking.body) is not None

    return with_crash(server, huge)


@fault("ERR-04", mistake="a BIGINT column: the driver raises OverflowError for what does not fit")
def big_agent_id_crashes(server: Behaviour) -> Behaviour:
    """An agent_id beyond 63 bits is answered 500."""

    def big(asking: Asking) -> bool:
        agent = asking.member("agent_id")
        return asking.operation == "create" and isinstance(agent, int) and agent >= 2**63

    return with_crash(server, big)


@fault("ERR-04", mistake="a VARCHAR(255) column behind a field whose length nobody checks")
def long_client_message_id_crashes(server: Behaviour) -> Behaviour:
    """A client_message_id of more than 255 characters is answered 500 as its message is stored."""

    async def append(client: Redis, policy: Policy, session: str, submission: Submission) -> Json:
        if submission.client_message_id is not None and len(submission.client_message_id) > _LIMIT:
            raise RuntimeError("value too long")
        return await server.append_message(client, policy, session, submission)

    return replace(server, append_message=append)


@fault("ERR-04", mistake="alt texts go into a header of the blob's metadata, which is ASCII")
def odd_alt_crashes(server: Behaviour) -> Behaviour:
    """An attachment whose alt text is not ASCII is answered 500 as its message is stored."""

    async def append(client: Redis, policy: Policy, session: str, submission: Submission) -> Json:
        for attachment in submission.attachments:
            (attachment["alt"] or "").encode("ascii")
        return await server.append_message(client, policy, session, submission)

    return replace(server, append_message=append)


@fault("ERR-04", mistake="a text column of 64 KiB (MySQL's TEXT) in strict mode")
def long_title_crashes(server: Behaviour) -> Behaviour:
    """A title of more than 65,535 bytes is answered 500."""

    async def create(client: Redis, policy: Policy, account: Account, given: Json) -> Json:
        if isinstance(given.get("title"), str) and len(given["title"].encode()) > 65_535:
            raise RuntimeError("Data too long for column")
        return await server.create_session(client, policy, account, given)

    return replace(server, create_session=create)


@fault("ERR-04", mistake="int() of the text, bounded above only: LIMIT -1 is an error of the database")
def negative_page_size_crashes(server: Behaviour) -> Behaviour:
    """A negative page_size is answered 500."""

    async def listed(
        client: Redis, policy: Policy, session: str, size: str | None, cursor: str | None
    ) -> tuple[list[Json], Json]:
        if size is not None and size.startswith("-"):
            raise RuntimeError("LIMIT must not be negative")
        return await server.list_messages(client, policy, session, size, cursor)

    return replace(server, list_messages=listed)


@fault("ERR-04", mistake="the id's text goes into an ASCII-only key or log line before anything is looked up")
def emoji_session_id_crashes_a_tail(server: Behaviour) -> Behaviour:
    """The tail of a session whose id is not ASCII is answered 500."""

    async def change(asking: Asking, proceed: Proceed) -> Answer | None:
        if asking.operation != "tail" or asking.session.isascii():
            return await proceed(asking)
        answer = await proceed(asking)
        return None if answer is None else replace(answer, status=500 if answer.status == 404 else answer.status)

    return server.with_layer(around(change))


@fault("ERR-04", "AUTH-01", mistake="hmac.compare_digest raises TypeError for text that is not ASCII")
def odd_credential_crashes(server: Behaviour) -> Behaviour:
    """A credential with a byte beyond ASCII is answered 500."""

    async def change(asking: Asking, proceed: Proceed) -> Answer | None:
        if asking.path.startswith("/public-api/") and not asking.headers.get("authorization", "").isascii():
            meta = {"request_id": str(uuid.uuid4())}
            error = {"code": "INTERNAL_ERROR", "message": "Something went wrong."}
            return json_answer(500, {"error": error, "meta": meta})
        return await proceed(asking)

    return server.with_layer(around(change))


@fault("ERR-04", mistake="bytes.decode(charset) with the client's own charset: LookupError for an unknown one")
def unknown_charset_crashes(server: Behaviour) -> Behaviour:
    """A JSON body whose content type names a charset that nobody knows is answered 500."""

    def unknown(asking: Asking) -> bool:
        _, _, charset = asking.headers.get("content-type", "").partition("charset=")
        return charset.strip('" ').lower() not in ("", "utf-8", "utf8")

    return with_crash(server, unknown)


@fault("ERR-04", "CUR-10", mistake="a parameter that is given twice comes as a list, and a list has no split()")
def since_twice_crashes(server: Behaviour) -> Behaviour:
    """A tail with two since parameters is answered 500."""

    async def change(asking: Asking, proceed: Proceed) -> Answer | None:
        if asking.operation != "tail" or asking.query_string.count("since=") < 2:
            return await proceed(asking)
        # The replay of the same session says who may ask, and adds the headers.
        answer = await proceed(replace(asking, path=asking.path.replace("/events", "/messages")))
        if answer is None or (answer.status >= 400 and answer.status not in (400, 422)):
            return answer
        error = {"code": "INTERNAL_ERROR", "message": "Something went wrong."}
        return replace(answer.with_json({"error": error, "meta": answer.json["meta"]}), status=500)

    return server.with_layer(around(change))
