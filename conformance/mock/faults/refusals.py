"""What should be refused and is not, or is refused as something else (ERR-02, ERR-03)."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from redis.asyncio import Redis

from conformance.mock.accounts import Account
from conformance.mock.answering import with_answers
from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.faults.registry import fault
from conformance.mock.layers import Answer, Asking, Proceed, around
from conformance.mock.messages import Submission
from conformance.mock.policy import Policy
from conformance.mock.store import session_key


def _missing(status: int) -> bool:
    return status == 404


@fault("ERR-02", "AUTH-03", mistake="XREAD of a stream that does not exist waits like one of a stream that is empty")
def tail_of_no_session(server: Behaviour) -> Behaviour:
    """The tail of a session that does not exist is an empty stream."""

    def change(_: Asking, answer: Answer) -> Answer:
        stream = answer.with_header("content-type", "text/event-stream")
        return replace(stream, status=200, body=b": waiting\n\n")

    return with_answers(server, change, "tail", when=_missing)


@fault("ERR-02", "AUTH-03", mistake="a query that finds no rows is an empty list, and nobody asks for the session")
def replay_of_no_session(server: Behaviour) -> Behaviour:
    """The replay of a session that does not exist is an empty list."""

    def change(_: Asking, answer: Answer) -> Answer:
        body = {"data": [], "meta": {**answer.json["meta"], "pagination": {"has_more": False, "next_cursor": None}}}
        return replace(answer.with_json(body), status=200)

    return with_answers(server, change, "replay", when=_missing)


@fault("ERR-02", "AUTH-03", mistake="the right to use the session is asked for before its existence")
def forbidden_for_no_session(server: Behaviour) -> Behaviour:
    """An upload-url for a session that does not exist is refused with 403."""
    return with_answers(server, lambda _, answer: replace(answer, status=403), "grant", when=_missing)


@fault("ERR-02", mistake="get-or-create: the session row is inserted on the first use of its id")
def message_creates_its_session(server: Behaviour) -> Behaviour:
    """Whatever is asked of a session that does not exist makes it, for the tenant that asked."""

    async def require(client: Redis, account: Account, session: str) -> None:
        if len(session) == 36 and not await client.exists(session_key(session)):
            await client.hset(session_key(session), mapping={"tenant": account.tenant, "resource": "{}"})
        await server.require_session(client, account, session)

    return replace(server, require_session=require)


def _lenient(server: Behaviour, operation: str, parse: Callable[[str], Any]) -> Behaviour:
    """A body that is no JSON object is given to a more tolerant parser; what that makes of it is served."""

    async def change(asking: Asking, proceed: Proceed) -> Answer | None:
        if asking.operation != operation or not asking.body or isinstance(asking.json, dict):
            return await proceed(asking)
        try:
            value = parse(asking.body.decode())
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return await proceed(asking)
        if not isinstance(value, dict):
            return await proceed(asking)
        return await proceed(replace(asking, body=json.dumps(value).encode()))

    return server.with_layer(around(change))


@fault("ERR-03", mistake="Go's json.Decoder.Decode reads one value, and nobody asks whether more follows")
def trailing_text_ignored(server: Behaviour) -> Behaviour:
    """What follows the JSON object of a message is not looked at."""
    return _lenient(server, "append", lambda text: json.JSONDecoder().raw_decode(text)[0])


@fault("ERR-03", mistake="the body is read by a YAML or JSON5 parser, for which JSON is only a special case")
def single_quotes_accepted(server: Behaviour) -> Behaviour:
    """A message in Python's or JSON5's notation is accepted."""
    return _lenient(server, "append", ast.literal_eval)


@fault("ERR-03", mistake="a client of old sent lists, and the first element of one is still taken")
def list_unwrapped(server: Behaviour) -> Behaviour:
    """A list of one object is read as the object."""

    def first(text: str) -> Any:
        value = json.loads(text)
        return value[0] if isinstance(value, list) and value else None

    return _lenient(server, "append", first)


def _coerced(server: Behaviour, name: str) -> Behaviour:
    async def read(client: Redis, policy: Policy, session: str, given: Json) -> Submission:
        value = given.get(name)
        lax = isinstance(value, (bool, int, float))
        return await server.read_submission(client, policy, session, {**given, name: str(value)} if lax else given)

    return replace(server, read_submission=read)


@fault("ERR-03", mistake="pydantic's lax mode with coerce_numbers_to_str, or a template string in JavaScript")
def number_as_message(server: Behaviour) -> Behaviour:
    """A message that is a number is accepted as its digits."""
    return _coerced(server, "message")


@fault("ERR-03", mistake="the same, on the key of the table of duplicates only")
def number_as_client_message_id(server: Behaviour) -> Behaviour:
    """A client_message_id that is a number is accepted as its digits."""
    return _coerced(server, "client_message_id")


@fault("ERR-03", mistake="the file name is only put into a header, so that any value will do")
def any_filename(server: Behaviour) -> Behaviour:
    """An upload-url is granted for a filename of any type."""

    async def grant(client: Redis, policy: Policy, session: str, given: Json, origin: str) -> Json:
        value = given.get("filename")
        text = value if value is None or isinstance(value, str) else json.dumps(value)
        return await server.grant_upload(client, policy, session, {**given, "filename": text}, origin)

    return replace(server, grant_upload=grant)


@fault("ERR-03", mistake="the id is looked up before its type is checked, and no such agent is found")
def word_as_agent_is_404(server: Behaviour) -> Behaviour:
    """An agent_id that is no integer is answered 404."""

    def change(asking: Asking, answer: Answer) -> Answer:
        agent = asking.member("agent_id")
        odd = agent is not None and not isinstance(agent, (int, float))
        return replace(answer, status=404) if odd else answer

    return with_answers(server, change, "create")


@fault("ERR-03", mistake="only the members that are kept are typed in the model, and alt is passed on as it is")
def any_alt(server: Behaviour) -> Behaviour:
    """An attachment's alt text may be of any type."""

    async def read(client: Redis, policy: Policy, session: str, given: Json) -> Submission:
        listed = given.get("attachments")
        if isinstance(listed, list) and all(isinstance(one, dict) for one in listed):
            listed = [{**one, "alt": None if one.get("alt") is None else str(one["alt"])} for one in listed]
            given = {**given, "attachments": listed}
        return await server.read_submission(client, policy, session, given)

    return replace(server, read_submission=read)
