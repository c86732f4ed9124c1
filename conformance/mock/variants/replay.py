"""``GET …/messages``: its schema is on no page (M9), but for the envelope and the pages (G9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from redis.asyncio import Redis

from conformance.mock.answering import with_bodies
from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.layers import Asking
from conformance.mock.policy import Policy
from conformance.mock.variants.registry import policy_variant, variant

_CONSISTENCY: Final = "consistency of the replay"


def _messages(server: Behaviour, change: Callable[[list[Json]], list[Json]]) -> Behaviour:
    """The messages of a page are changed."""

    async def list_messages(
        client: Redis, policy: Policy, session: str, page_size: str | None, cursor: str | None
    ) -> tuple[list[Json], Json]:
        page, pagination = await server.list_messages(client, policy, session, page_size, cursor)
        return change(page), pagination

    return replace(server, list_messages=list_messages)


def _data(server: Behaviour, change: Callable[[Any], Any]) -> Behaviour:
    def changed(_: Asking, body: Any) -> Any:
        return {**body, "data": change(body["data"])}

    return with_bodies(server, changed, "replay")


_SHAPE = "M9 shape of the replay"


@variant(_SHAPE)
def replay_of_items(server: Behaviour) -> Behaviour:
    """The messages stand in ``data.items``."""
    return _data(server, lambda page: {"items": page, "count": len(page)})


@variant(_SHAPE)
def replay_by_turns(server: Behaviour) -> Behaviour:
    """The messages stand in groups, one for each turn."""

    def change(page: list[Json]) -> Any:
        turns: dict[str, list[Json]] = {}
        for one in page:
            turns.setdefault(one.get("chat_turn_id", ""), []).append(one)
        return {"turns": [{"turn": turn, "messages": messages} for turn, messages in turns.items()]}

    return _data(server, change)


@variant("M9 order of the replay")
def replay_newest_first(server: Behaviour) -> Behaviour:
    """A page begins with its newest message."""
    return _messages(server, lambda page: page[::-1])


_FIELDS = "M9 fields of a message"


def _file(one: Any) -> Any:
    # Another variant may have made a URL of it, or left nothing but its type.
    if isinstance(one, str):
        return {"type": "file", "url": one}
    if "blob_path" not in one:
        return {"type": "file", "mediaType": one["mime"]}
    return {"type": "file", "url": one["blob_path"], "mediaType": one["mime"], "filename": one["filename"]}


@variant(_FIELDS)
def replay_of_parts(server: Behaviour) -> Behaviour:
    """A message has ``parts`` as the AI SDK's: its text and its files."""

    def change(one: Json) -> Json:
        kept = {name: value for name, value in one.items() if name not in ("message", "attachments")}
        return {**kept, "parts": [{"type": "text", "text": one["message"]}, *map(_file, one["attachments"])]}

    return _messages(server, lambda page: [change(one) for one in page])


@variant(_FIELDS)
def replay_in_other_words(server: Behaviour) -> Behaviour:
    """A message has other names for its fields, its author is a number, and its id stands beside another one."""

    def change(one: Json) -> Json:
        files = [*map(_file, one["attachments"])]
        about = {"messageId": one["id"], "author": 0 if one["role"] == "user" else 1, "createdAt": one["created_at"]}
        return {"id": hash(one["id"]) % 10**6, **about, "body": {"text": one["message"], "files": files}}

    return _messages(server, lambda page: [change(one) for one in page])


@variant(_FIELDS)
def replay_of_the_users_messages(server: Behaviour) -> Behaviour:
    """Only the user's messages are replayed."""
    return _messages(server, lambda page: [one for one in page if one["role"] == "user"])


_ATTACHMENTS = "M9 attachments in the replay"


def _attachments(server: Behaviour, change: Callable[[Json], Any]) -> Behaviour:
    def changed(one: Json) -> Json:
        return {**one, "attachments": [*map(change, one["attachments"])]} if "attachments" in one else one

    return _messages(server, lambda page: [changed(one) for one in page])


@variant(_ATTACHMENTS)
def replay_with_signed_urls(server: Behaviour) -> Behaviour:
    """An attachment has a signed URL, another one each time, beside its path."""

    def change(one: Json) -> Json:
        signed = f"https://blobs.example.com/{one['blob_path']}?sig={datetime.now(timezone.utc).timestamp()}"
        return {**one, "url": signed, "expires_in": 300}

    return _attachments(server, change)


@variant(_ATTACHMENTS)
def replay_with_urls_alone(server: Behaviour) -> Behaviour:
    """An attachment is nothing but a URL that ends with its path."""
    return _attachments(server, lambda one: f"https://blobs.example.com/{one['blob_path']}?se=1&sig=x%2By")


policy_variant(
    "replay-in-pages-of-5", "G9 page of the replay", "A page of the replay has five messages.", replay_page=5
)


def _lagging(server: Behaviour, lag: timedelta) -> Behaviour:
    def old(one: Json) -> bool:
        stored = datetime.fromisoformat(str(one.get("created_at") or one.get("createdAt")).replace("Z", "+00:00"))
        return datetime.now(timezone.utc) - stored >= lag

    return _messages(server, lambda page: [one for one in page if old(one)])


@variant(_CONSISTENCY)
def replay_that_lags(server: Behaviour) -> Behaviour:
    """A message is replayed three tenths of a second after it was stored."""
    return _lagging(server, timedelta(seconds=0.3))


@variant(_CONSISTENCY)
def replay_seconds_behind(server: Behaviour) -> Behaviour:
    """A message is replayed three seconds after it was stored."""
    return _lagging(server, timedelta(seconds=3))


@variant(_ATTACHMENTS)
def replay_with_types_alone(server: Behaviour) -> Behaviour:
    """An attachment is nothing but its type and a number."""
    return _attachments(server, lambda one: {"number": 1, "mime": one["mime"]} if isinstance(one, dict) else one)


@variant("quotes in the replay")
def replay_that_quotes(server: Behaviour) -> Behaviour:
    """An answer has the message that it answers with it, text and id."""

    def change(page: list[Json]) -> list[Json]:
        asked = {one.get("chat_turn_id"): one for one in page if one.get("role") == "user"}
        return [
            {**one, "in_reply_to": asked.get(one.get("chat_turn_id"))} if one.get("role") == "assistant" else one
            for one in page
        ]

    return _messages(server, change)
