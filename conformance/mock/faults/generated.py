"""What only generated requests meet (FUZZ-01): ordinary looking input that nobody thinks of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from redis.asyncio import Redis

from conformance.mock.accounts import Account
from conformance.mock.answering import success, with_bodies, with_crash
from conformance.mock.answers import ApiError
from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.faults.registry import fault
from conformance.mock.layers import Answer, Asking, Proceed, around
from conformance.mock.messages import Submission
from conformance.mock.policy import Policy


@fault("FUZZ-01", "ACC-01", mistake="empty('0') is true in PHP, and so is !Number(text) in JavaScript")
def zero_is_an_empty_message(server: Behaviour) -> Behaviour:
    """A message whose text is "0" is refused as empty."""

    async def read(client: Redis, policy: Policy, session: str, given: Json) -> Submission:
        if given.get("message") == "0":
            raise ApiError(policy.invalid_status, "validation_error", "The message is empty.")
        return await server.read_submission(client, policy, session, given)

    return replace(server, read_submission=read)


@fault("FUZZ-01", "UPL-01", mistake="filename.rsplit('.', 1)[1], and the IndexError is taken for bad input")
def filename_needs_a_dot(server: Behaviour) -> Behaviour:
    """A file name without an extension gets no grant."""

    async def grant(client: Redis, policy: Policy, session: str, given: Json, origin: str) -> Json:
        name = given.get("filename")
        if isinstance(name, str) and "." not in name:
            raise ApiError(policy.invalid_status, "validation_error", "filename has no extension.")
        return await server.grant_upload(client, policy, session, given, origin)

    return replace(server, grant_upload=grant)


@fault("FUZZ-01", "ERR-04", mistake="title[0].upper(): there is no first character in an empty title")
def empty_title_crashes(server: Behaviour) -> Behaviour:
    """An empty title is answered 500."""
    return with_crash(server, lambda asking: asking.operation == "create" and asking.member("title") == "")


@fault(
    "FUZZ-01", "ENV-01", mistake="the page is cut in a branch of its own, which returns the list without the envelope"
)
def page_without_envelope(server: Behaviour) -> Behaviour:
    """A replay with a page_size of more than one is the bare list."""

    def change(asking: Asking, body: Any) -> Any:
        return body["data"] if asking.query.get("page_size", "1") != "1" else body

    return with_bodies(server, change, "replay", when=success)


@fault("FUZZ-01", "SES-01", mistake="the title goes through a slug, and one without a letter leaves nothing")
def title_needs_a_letter(server: Behaviour) -> Behaviour:
    """A title that has digits and no letter is refused."""

    async def create(client: Redis, policy: Policy, account: Account, given: Json) -> Json:
        title = given.get("title")
        if isinstance(title, str) and any(map(str.isdigit, title)) and not any(map(str.isalpha, title)):
            raise ApiError(policy.invalid_status, "validation_error", "title has no letter.")
        return await server.create_session(client, policy, account, given)

    return replace(server, create_session=create)


@fault("FUZZ-01", "ERR-04", mistake="inbound_tenant_id is put into a URL, and only a string can be quoted")
def odd_inbound_tenant_crashes(server: Behaviour) -> Behaviour:
    """An inbound_tenant_id that is no string is answered 500."""

    def odd(asking: Asking) -> bool:
        value = asking.member("inbound_tenant_id")
        return asking.operation == "create" and value is not None and not isinstance(value, str)

    return with_crash(server, odd)


@fault("FUZZ-01", mistake="a route for the address with an empty query, left from an old version")
def empty_page_cursor_redirects(server: Behaviour) -> Behaviour:
    """A replay with an empty cursor is answered 302."""

    async def change(asking: Asking, proceed: Proceed) -> Answer | None:
        answer = await proceed(asking)
        empty = asking.operation == "replay" and "cursor=" in asking.query_string.split("&")
        if answer is None or not empty or answer.status in (401, 404):
            return answer
        return replace(answer.with_header("location", asking.path), status=302)

    return server.with_layer(around(change))
