"""What an attachment has to have, and which blobs a session may attach (ATT-05 to ATT-08)."""

from __future__ import annotations

import json
from typing import Any

from redis.asyncio import Redis

from conformance.mock.answers import ApiError
from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.faults.registry import fault
from conformance.mock.grants import find_grant
from conformance.mock.messages import Rules, Submission
from conformance.mock.store import PREFIX, grants_key, text
from conformance.mock.wrapping import with_accepted, with_given, with_rules

Grant = dict[str, Any]


def _wrong(server: Behaviour, field: str) -> ApiError:
    return ApiError(server.policy.invalid_status, "validation_error", f"{field} is required.")


@fault("ATT-05", mistake="message has a minimum length of 1, whatever stands beside it")
def text_is_required(server: Behaviour) -> Behaviour:
    """An empty message is refused, also with attachments."""

    def check(_session: str, given: Json) -> None:
        if given.get("message", "") == "" and given.get("attachments"):
            raise _wrong(server, "message")

    return with_given(server, check)


@fault("ATT-05", mistake="message: str without its default in the model of the request")
def message_field_is_required(server: Behaviour) -> Behaviour:
    """With attachments the text may be empty, but not left out."""

    def check(_session: str, given: Json) -> None:
        if "message" not in given and given.get("attachments"):
            raise _wrong(server, "message")

    return with_given(server, check)


@fault("ATT-06", mistake="the default of message is an empty string, and nothing looks at it again")
def empty_message_accepted(server: Behaviour) -> Behaviour:
    """A message with neither text nor attachments starts a turn."""
    return with_rules(server, lambda _session, _given: Rules(text_or_attachment=False))


@fault("ATT-06", mistake="'attachments' in body, where it has to be a list with members")
def empty_list_stands_for_the_text(server: Behaviour) -> Behaviour:
    """An empty message with an empty list of attachments starts a turn."""
    return with_rules(server, lambda _, given: Rules(text_or_attachment="attachments" not in given))


@fault("ATT-06", mistake="an empty text is read as 'go on' where there is a conversation")
def empty_message_accepted_later(server: Behaviour) -> Behaviour:
    """Once a session has had a turn, an empty message starts another."""
    begun: set[str] = set()

    async def note(_client: Redis, session: str, _submission: Submission, data: Json) -> Json:
        begun.add(session)
        return data

    return with_rules(with_accepted(server, note), lambda session, _: Rules(text_or_attachment=session not in begun))


@fault("ATT-07", mistake="the type is guessed from the path where it is missing")
def mime_is_not_required(server: Behaviour) -> Behaviour:
    """An attachment without mime is accepted."""
    return with_rules(server, lambda _session, _given: Rules(attachment_fields=("blob_path",)))


@fault("ATT-07", mistake="all members of the attachment's model are optional, and a missing path is skipped")
def blob_path_is_not_required(server: Behaviour) -> Behaviour:
    """An attachment without blob_path is accepted."""
    return with_rules(server, lambda _session, _given: Rules(attachment_fields=("mime",)))


def _demanding(server: Behaviour, field: str, *, without_text_only: bool = False) -> Behaviour:
    def check(_session: str, given: Json) -> None:
        listed = given.get("attachments")
        if without_text_only and given.get("message"):
            return
        for one in listed if isinstance(listed, list) else []:
            if isinstance(one, dict) and one.get(field) is None:
                raise _wrong(server, f"attachments.{field}")

    return with_given(server, check)


@fault("ATT-07", mistake="alt: str in the attachment's model, as accessibility demands it of the web client")
def alt_is_required(server: Behaviour) -> Behaviour:
    """An attachment without alt is refused."""
    return _demanding(server, "alt")


@fault("ATT-07", mistake="filename: str in the attachment's model, as the web client always sends it")
def filename_is_required(server: Behaviour) -> Behaviour:
    """An attachment without filename is refused."""
    return _demanding(server, "filename")


@fault("ATT-07", mistake="the prompt is made of the alt texts where the message is empty")
def alt_is_required_without_text(server: Behaviour) -> Behaviour:
    """In an empty message an attachment without alt is refused."""
    return _demanding(server, "alt", without_text_only=True)


async def _any_grant(client: Redis, session: str) -> Grant | None:
    grants = await client.hvals(grants_key(session))
    return json.loads(grants[0]) if grants else None


@fault("ATT-08", mistake="a path is checked by its prefix, the session's folder", attachment_mime="any")
def any_path_in_the_folder_accepted(server: Behaviour) -> Behaviour:
    """A path in the session's folder that no grant named is accepted."""

    async def find(client: Redis, session: str, path: str) -> Grant | None:
        known = await find_grant(client, session, path)
        return known or (await _any_grant(client, session) if path.startswith(f"chat-uploads/{session}/") else None)

    return with_rules(server, lambda _session, _given: Rules(find_grant=find))


@fault("ATT-08", mistake="whether the blob exists is the worker's matter", attachment_mime="any")
def any_path_accepted(server: Behaviour) -> Behaviour:
    """Any path is accepted, granted or not."""

    async def find(client: Redis, session: str, path: str) -> Grant | None:
        return await find_grant(client, session, path) or {"mime": "", "filename": None, "uploaded": True}

    return with_rules(server, lambda _session, _given: Rules(find_grant=find))


@fault("ATT-08", mistake="the grant is looked up by its path alone, without the session")
def path_of_another_session_accepted(server: Behaviour) -> Behaviour:
    """A path that was granted to another session is accepted."""

    async def find(client: Redis, session: str, path: str) -> Grant | None:
        if (known := await find_grant(client, session, path)) is not None:
            return known
        async for key in client.scan_iter(match=f"{PREFIX}grants:*"):
            if (stored := await client.hget(key, path)) is not None:
                other: Grant = json.loads(stored)
                return other
        return None

    return with_rules(server, lambda _session, _given: Rules(find_grant=find))


@fault("ATT-08", mistake="the loop over the attachments returns after the first", attachment_mime="any")
def only_the_first_path_checked(server: Behaviour) -> Behaviour:
    """Behind a good first attachment any path is accepted."""

    def rules(_: str, given: Json) -> Rules:
        listed = given.get("attachments")
        first = (
            listed[0].get("blob_path") if isinstance(listed, list) and listed and isinstance(listed[0], dict) else ""
        )

        async def find(client: Redis, session: str, path: str) -> Grant | None:
            return await find_grant(client, session, path) or (
                None if path == first else await _any_grant(client, session)
            )

        return Rules(find_grant=find)

    return with_rules(server, rules)


@fault("ATT-08", mistake="the granted paths are compared by their last part")
def path_known_by_its_name_alone(server: Behaviour) -> Behaviour:
    """A granted blob's name in any other folder is accepted."""

    async def find(client: Redis, session: str, path: str) -> Grant | None:
        grants = await client.hgetall(grants_key(session))
        name = path.rpartition("/")[2]
        found = next((value for key, value in grants.items() if text(key).rpartition("/")[2] == name), None)
        return None if found is None else json.loads(found)

    return with_rules(server, lambda _session, _given: Rules(find_grant=find))


@fault("ATT-08", mistake="any(path.startswith(granted) for granted in grants)")
def longer_path_accepted(server: Behaviour) -> Behaviour:
    """A path that begins with a granted one is accepted."""

    async def find(client: Redis, session: str, path: str) -> Grant | None:
        grants = await client.hgetall(grants_key(session))
        found = next((value for key, value in grants.items() if path.startswith(text(key))), None)
        return None if found is None else json.loads(found)

    return with_rules(server, lambda _session, _given: Rules(find_grant=find))


@fault(
    "ATT-08", mistake="paths are checked where the session is new, to stop abuse, and not again", attachment_mime="any"
)
def paths_unchecked_on_later_turns(server: Behaviour) -> Behaviour:
    """Once a session has had a turn, any path in its folder is accepted."""
    begun: set[str] = set()

    async def note(_client: Redis, session: str, _submission: Submission, data: Json) -> Json:
        begun.add(session)
        return data

    async def find(client: Redis, session: str, path: str) -> Grant | None:
        known = await find_grant(client, session, path)
        return known or (await _any_grant(client, session) if session in begun else None)

    return with_rules(with_accepted(server, note), lambda _session, _given: Rules(find_grant=find))
