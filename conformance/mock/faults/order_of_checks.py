"""Checks that come in the wrong order: what they answer then tells of a session, or serves none (AUTH-01, AUTH-03, ERR-02)."""

from __future__ import annotations

from dataclasses import replace

from conformance.mock.accounts import FIRST_MOCK_KEY, MOCK_KEYS
from conformance.mock.behaviour import Behaviour
from conformance.mock.faults.registry import fault
from conformance.mock.layers import Answer, Asking, Proceed, around


@fault(
    "AUTH-01", mistake="the session is loaded by a dependency of the path, which runs before the one of the credential"
)
def session_before_credential(server: Behaviour) -> Behaviour:
    """Without a good credential an unknown session is answered 404."""

    async def change(asking: Asking, proceed: Proceed) -> Answer | None:
        good = asking.headers.get("authorization", "") in {f"Bearer {key}" for key in MOCK_KEYS.values()}
        if not good and asking.session and asking.operation != "other":
            looked = await proceed(
                replace(
                    asking,
                    path=f"/public-api/chat/sessions/{asking.session}/messages",
                    headers={"authorization": f"Bearer {FIRST_MOCK_KEY}"},
                    body=b"null",
                )
            )
            if looked is not None and looked.status == 404:
                return looked
        return await proceed(asking)

    return server.with_layer(around(change))


@fault(
    "ERR-02", mistake="a resume goes straight to the stream of that name, and a stream that is not there is just empty"
)
def unknown_session_resumed(server: Behaviour) -> Behaviour:
    """A tail of an unknown session is an empty stream where it has a cursor."""

    async def change(asking: Asking, proceed: Proceed) -> Answer | None:
        answer = await proceed(asking)
        resumed = "since" in asking.query or "last-event-id" in asking.headers
        if answer is None or asking.operation != "tail" or answer.status != 404 or not resumed:
            return answer
        return replace(answer.with_header("content-type", "text/event-stream"), status=200, body=b": nothing\n\n")

    return server.with_layer(around(change))


def _duplicates_first(server: Behaviour, *, wrong_bodies: bool) -> Behaviour:
    known: set[tuple[str, object]] = set()

    async def change(asking: Asking, proceed: Proceed) -> Answer | None:
        answer = await proceed(asking)
        if answer is None or asking.operation != "append":
            return answer
        key = (asking.session, asking.member("client_message_id"))
        wrong = asking.member("model_tier") not in (None, "FAST", "SMART")
        if answer.status == 202 and isinstance(key[1], str):
            known.add(key)
        if answer.status == 404 and key in known and wrong == wrong_bodies:
            body = answer.json
            body["error"] = {"code": "DUPLICATE_MESSAGE", "message": "This message was accepted before."}
            return replace(answer.with_json(body), status=409)
        return answer

    return server.with_layer(around(change))


@fault(
    "AUTH-03",
    mistake="the cursor of a page is a token of session and place, and only the session of the path is checked",
)
def page_cursor_names_the_session(server: Behaviour) -> Behaviour:
    """The next page is that of the session whose cursor it is, whoever asks for it and on whichever session."""
    given: dict[str, str] = {}

    async def change(asking: Asking, proceed: Proceed) -> Answer | None:
        if asking.operation != "replay":
            return await proceed(asking)
        session = given.get(asking.query.get("cursor", ""))
        ours = asking.headers.get("authorization") == f"Bearer {FIRST_MOCK_KEY}"
        if session is not None and not ours:
            headers = {**asking.headers, "authorization": f"Bearer {FIRST_MOCK_KEY}"}
            return await proceed(replace(asking, path=asking.path.replace(asking.session, session), headers=headers))
        answer = await proceed(asking)
        if answer is not None and answer.status == 200:
            following = answer.json["meta"].get("pagination", {}).get("next_cursor")
            if following:
                given[following] = asking.session
        return answer

    return server.with_layer(around(change))


@fault("AUTH-03", mistake="the unique key of the messages is looked at before the tenant of their session is")
def duplicate_before_tenant(server: Behaviour) -> Behaviour:
    """A message to another tenant's session is answered 409 where its client_message_id is known there."""
    return _duplicates_first(server, wrong_bodies=False)


@fault("AUTH-03", mistake="a cache of ids in front of the check of the body, for retries that are cut off")
def duplicate_before_tenant_in_a_bad_body(server: Behaviour) -> Behaviour:
    """A bad message to another tenant's session is answered 409 where its client_message_id is known there."""
    return _duplicates_first(server, wrong_bodies=True)
